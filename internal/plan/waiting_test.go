package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// TestWhatIsNotKnownWaits has steps whose inputs only other steps tell.
func TestWhatIsNotKnownWaits(t *testing.T) {
	tests := []struct {
		name   string
		source string
		boxes  map[string]string
		plan   string
		result string
		want   map[string]string
	}{
		{"a value that only an apply tells is waited for, and so on down the line", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = "${task.box.a.content}y"
}
task "box" "c" {
  name  = "c"
  value = "${task.box.b.content}z"
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b changed, box.c changed", map[string]string{"a": "x", "b": "xy", "c": "xyz"}},
		{"a value that the plan can tell is not waited for", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.value
}`, nil, "box.a create, box.b create", "box.a changed, box.b changed", map[string]string{"a": "x", "b": "x"}},
		{"an argument that a waiting task leaves open is waited for, as it fills in what it finds", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}
task "box" "c" {
  name  = "c"
  value = task.box.b.color
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b changed, box.c changed", map[string]string{"a": "x", "b": "x", "c": "red"}},
		{"a step that waited may find that there is nothing to do", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}`, map[string]string{"b": "x"}, "box.a create, box.b deferred", "box.a changed, box.b unchanged", map[string]string{"a": "x", "b": "x"}},
		{"a source that names what is not known is read at its turn", `
task "box" "a" {
  name  = "a"
  value = "b"
  late  = true
}
source "look" "x" { name = task.box.a.content }
task "box" "c" {
  name  = "c"
  value = source.look.x.content
}`, map[string]string{"b": "found"}, "box.a create, box.c deferred", "box.a changed, box.c changed", map[string]string{"a": "b", "b": "found", "c": "found"}},
		{"a task whose when turns out true takes part", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  when  = task.box.a.content == "x"
  value = "y"
}`, nil, "box.a create, box.b deferred", "box.a changed, box.b changed", map[string]string{"a": "x", "b": "y"}},
		{"a task whose when turns out false doesn't, and those that ask for it see null", `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  when  = task.box.a.content == "z"
  value = "y"
}
task "box" "c" {
  name  = "c"
  value = try(task.box.b.value, "none")
}`, nil, "box.a create, box.b deferred, box.c deferred", "box.a changed, box.b unchanged, box.c changed", map[string]string{"a": "x", "c": "none"}},
		{"a task whose when is known to be false is no step", `
task "box" "a" {
  name  = "a"
  value = "x"
}
task "box" "b" {
  name = "b"
  when = task.box.a.content == "z"
}`, nil, "box.a create", "box.a changed", map[string]string{"a": "x"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, tt.source, "")
			for name, content := range tt.boxes {
				s.world.put(name, content)
			}
			if got := actions(s.plan()); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, results := s.converge()
			if got := outcomes(results); got != tt.result {
				t.Errorf("outcomes %s, want %s", got, tt.result)
			}
			if diff := cmp.Diff(tt.want, s.world.boxes); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestADeferredStepThatIsOnlyDetectedIsReported(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name        = "b"
  value       = task.box.a.content
  enforcement = "detect"
}
task "box" "c" {
  name  = "c"
  value = task.box.b.content
}`, "")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	if got, want := outcomes(results), "box.a changed, box.b reported, box.c changed"; got != want {
		t.Errorf("outcomes %s, want %s of %s", got, want, actions(p))
	}
}

func TestAStepThatFailsAtItsTurnLeavesOutThoseAfterIt(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name  = "a"
  value = "x"
  late  = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
  does  = "panics when planned"
}
task "box" "c" {
  name       = "c"
  depends_on = [task.box.b]
}`, "")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags, "Provider failed")
	if got, want := outcomes(results), "box.a changed, box.b failed, box.c skipped"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
	if b := step(t, p, "task.box.b"); b.State != plan.Failed {
		t.Errorf("the step that failed is %s", b.State)
	}
}

// TestPathsOfWaitingSteps has files and directories whose owner only a command
// tells. Every one ends as it is declared.
func TestPathsOfWaitingSteps(t *testing.T) {
	const told = `
task "command" "told" {
  command = ["id", "-u"]
}
`
	owner := `trimspace(task.command.told.stdout)`
	tests := []struct {
		name   string
		before map[string]string
		source string
		plan   string
		want   map[string]string
	}{
		{"what lies in a new directory waits for it", nil, `
task "directory" "d" {
  path  = "DIR/d"
  owner = ` + owner + `
}
task "file" "f" {
  path    = "DIR/d/e.txt"
  content = "x"
}`, "command.told run, directory.d deferred, file.f deferred", map[string]string{"d/e.txt": "x"}},
		{"what lies in a directory that is there doesn't", map[string]string{"d/other": "o"}, `
task "directory" "d" {
  path  = "DIR/d"
  owner = ` + owner + `
}
task "file" "f" {
  path    = "DIR/d/e.txt"
  content = "x"
}`, "command.told run, directory.d deferred, file.f create", map[string]string{"d/other": "o", "d/e.txt": "x"}},
		{"a directory that is purged at its turn spares what other tasks manage", map[string]string{"d/old": "o", "d/kept": "k"}, `
task "directory" "d" {
  path  = "DIR/d"
  owner = ` + owner + `
  purge = ["*"]
}
task "file" "f" {
  path    = "DIR/d/new"
  content = "x"
}
task "file" "k" {
  path    = "DIR/d/kept"
  content = "k"
}`, "command.told run, directory.d deferred, file.f create, file.k no-op", map[string]string{"d/new": "x", "d/kept": "k"}},
		{"the edits of a file wait with it", map[string]string{"f": "one\n"}, `
task "file" "f" {
  path    = "DIR/f"
  content = "owner ${` + owner + `}\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "two"
}`, "command.told run, file.f+lineinfile.l deferred", map[string]string{"f": fmt.Sprintf("owner %d\ntwo\n", os.Getuid())}},
		{"a file waits for an edit of it that does", map[string]string{"f": "one\n"}, `
task "file" "f" {
  path    = "DIR/f"
  content = "a\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "owner ${` + owner + `}"
}`, "command.told run, file.f+lineinfile.l deferred", map[string]string{"f": fmt.Sprintf("a\nowner %d\n", os.Getuid())}},
		{"what is copied from a file that waits, waits too", nil, `
task "file" "f" {
  path    = "DIR/f"
  content = "owner ${` + owner + `}\n"
}
task "file" "g" {
  path       = "DIR/g"
  source     = "DIR/f"
  depends_on = [task.file.f]
}`, "command.told run, file.f deferred, file.g deferred", map[string]string{"f": fmt.Sprintf("owner %d\n", os.Getuid()), "g": fmt.Sprintf("owner %d\n", os.Getuid())}},
		{"a task of the path that turns out not to take part is left out", map[string]string{"f": "one\n"}, `
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
  when    = ` + owner + ` == "nobody"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "two"
}`, "command.told run, file.f+lineinfile.l deferred", map[string]string{"f": "one\ntwo\n"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, dir, tt.before)
			s := load(t, told+tt.source, dir)
			if got := actions(s.plan()); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, _, diags := s.run(t.Context())
			wantErrors(t, diags)
			if diff := cmp.Diff(tt.want, contents(t, dir)); diff != "" {
				t.Error(diff)
			}
			p, results, diags := s.run(t.Context())
			wantErrors(t, diags)
			for _, r := range results {
				if r.Step.Type != "command" && r.Outcome != plan.Unchanged {
					t.Errorf("in the second run %s is %s: %s", r.Step.Addr, r.Outcome, actions(p))
				}
			}
		})
	}
}

// TestAStepIsNamedAfterTheFirstTaskThatTakesPart has an owner that doesn't.
func TestAStepIsNamedAfterTheFirstTaskThatTakesPart(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "one\n"})
	s := load(t, `
task "box" "a" { name = "a" }
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
  when    = task.box.a.content == "x"
}
task "lineinfile" "l" {
  path = task.file.f == null ? "DIR/f" : "DIR/f"
  line = "two"
}`, dir)
	p, _ := s.converge()
	if got, want := actions(p), "box.a create, lineinfile.l update"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	if got := read(t, dir, "f"); got != "one\ntwo\n" {
		t.Errorf("the file holds %q", got)
	}
}

func TestAPathThatIsKnownTooLateIsRefused(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
source "look" "x" { name = "x" }
task "file" "f" {
  path    = "DIR/f"
  content = "one\n"
}
task "lineinfile" "l" {
  path       = "DIR/${source.look.x.content}"
  line       = "two"
  depends_on = [task.file.f]
}`, dir)
	s.world.put("x", "f")
	p, diags := s.session().Plan(t.Context())
	wantErrors(t, diags, "Path known too late")
	if got, want := actions(p), "file.f create, lineinfile.l failed"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	s.world.put("x", "g")
	write(t, dir, map[string]string{"g": ""})
	s.converge()
	if _, err := os.Stat(filepath.Join(dir, "g")); err != nil {
		t.Error(err)
	}
}

func TestAnApplyIsNeverHandedAWaitingChange(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}`, "")
	b := step(t, s.plan(), "task.box.b")
	if b.State != plan.Deferred || b.Change.Fidelity != plugin.KnownAfterApply || !b.Changes() {
		t.Errorf("the step is %s, %s", b.State, b.Change.Fidelity)
	}
	if r := b.Record(); r.AfterUnknown == nil || r.Before != nil {
		t.Errorf("its record is %+v", r)
	}
}
