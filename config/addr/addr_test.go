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
		Addr{Kind: Sink, Type: "http", Name: "out-1"}.Instance(`a "b" ${c} %{d} \n` + "\n"),
	} {
		got, err := Parse(a.String())
		if err != nil || got != a {
			t.Errorf("Parse(%s) = %v, %v", a, got, err)
		}
	}
}

func TestParseRefusesWhatIsNoAddress(t *testing.T) {
	for _, text := range []string{"", "task", "task.file", "foo.bar.baz", "task.file.motd.path", "task[0].x", "a b", `task.file.x[1]`} {
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

func FuzzParse(f *testing.F) {
	f.Add(`task.file.motd["a"]`)
	f.Add(`pipeline.web`)
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
