package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
)

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
