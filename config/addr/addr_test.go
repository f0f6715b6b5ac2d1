package addr

import (
	"slices"
	"testing"
)

func TestTextAndBack(t *testing.T) {
	for _, a := range []Addr{
		{Kind: Task, Type: "file", Name: "motd"},
		{Kind: Pipeline, Name: "web"},
		Addr{Kind: Task, Type: "file", Name: "motd"}.Instance("a"),
		Addr{Kind: Pipeline, Name: "web"}.Instance(""),
		{Module: Module{}.Child(Step{Name: "web"}), Kind: Task, Type: "file", Name: "motd"},
		{Module: Module{}.Child(Step{"web", InstanceKey(`a.module.b["`)}).Child(Step{Name: "db"})},
		Addr{Module: Module{}.Child(Step{"web", InstanceKey("")}), Kind: Pipeline, Name: "module"}.Instance("x"),
		Addr{Kind: Sink, Type: "http", Name: "out-1"}.Instance(`a "b" ${c} %{d} \n` + "\n"),
	} {
		got, err := Parse(a.String())
		if err != nil || got != a {
			t.Errorf("Parse(%s) = %v, %v", a, got, err)
		}
	}
}

func TestParseRefusesWhatIsNoAddress(t *testing.T) {
	for _, text := range []string{"", "task", "task.file", "foo.bar.baz", "task.file.motd.path", "task[0].x", "a b", `task.file.x[1]`, "module", "module.web.task.file", "module.web.url", "module.web[1]"} {
		if got, err := Parse(text); err == nil {
			t.Errorf("Parse(%q) = %v, want an error", text, got)
		}
	}
}

func TestCompareOrdersByKindTypeNameKey(t *testing.T) {
	want := []Addr{
		{Kind: Pipeline, Name: "z"},
		{Kind: Task, Type: "command", Name: "a"},
		{Kind: Task, Type: "file", Name: "a"},
		Addr{Kind: Task, Type: "file", Name: "a"}.Instance(""),
		Addr{Kind: Task, Type: "file", Name: "a"}.Instance("1"),
		Addr{Kind: Task, Type: "file", Name: "a"}.Instance("2"),
		{Kind: Task, Type: "file", Name: "b"},
	}
	got := slices.Clone(want)
	slices.Reverse(got)
	slices.SortFunc(got, Compare)
	if !slices.Equal(got, want) {
		t.Errorf("sorted: %v", got)
	}
}

func TestCovers(t *testing.T) {
	for _, row := range []struct {
		a, other string
		want     bool
	}{
		{"task.file.a", "task.file.a", true},
		{"task.file.a", `task.file.a["x"]`, true},
		{`task.file.a["x"]`, "task.file.a", false},
		{`task.file.a["x"]`, `task.file.a["y"]`, false},
		{"task.file.a", "task.file.b", false},
		{"task.file.a", "module.web.task.file.a", false},
		{"module.web", "module.web.task.file.a", true},
		{"module.web", `module.web["x"].task.file.a`, true},
		{"module.web", `module.web["x"].module.db.task.file.a`, true},
		{`module.web["x"]`, `module.web["y"].task.file.a`, false},
		{`module.web.task.file.a`, `module.web["y"].task.file.a["z"]`, true},
		{`module.web.task.file.a`, `module.web.module.db.task.file.a`, false},
		{"module.web.module.db", "module.web.task.file.a", false},
		{"module.web", "task.file.web", false},
	} {
		a, errA := Parse(row.a)
		other, errOther := Parse(row.other)
		if errA != nil || errOther != nil {
			t.Fatal(errA, errOther)
		}
		if got := a.Covers(other); got != row.want {
			t.Errorf("%s covers %s: %t", row.a, row.other, got)
		}
	}
}

func TestWrittenHasNoKeys(t *testing.T) {
	a, err := Parse(`module.web["a.b"].module.db["["].task.file.x["y"]`)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := a.Written().String(), "module.web.module.db.task.file.x"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(`task.file.motd["a"]`)
	f.Add(`pipeline.web`)
	f.Add(`module.web["a"].module.db.task.file.x`)
	f.Fuzz(func(t *testing.T, text string) {
		a, err := Parse(text)
		if err != nil {
			return
		}
		if again, err := Parse(a.String()); err != nil || again != a {
			t.Errorf("%q reads as %v, and its text as %v (%v)", text, a, again, err)
		}
	})
}
