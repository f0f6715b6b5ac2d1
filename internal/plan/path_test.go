package plan_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

const ownerAndLine = `
task "lineinfile" "l" {
  path = "DIR/f"
  line = "line"
}
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
  mode    = "0600"
}`

// TestTasksOfOnePathAreOneStep has a file f, nil where there is none. A second
// run, which converge makes, finds nothing to do.
func TestTasksOfOnePathAreOneStep(t *testing.T) {
	text := func(s string) *string { return &s }
	tests := []struct {
		name   string
		before *string
		mode   os.FileMode
		source string
		plan   string
		want   *string
		diff   []string // lines of it
	}{
		{"an owner and an edit make a file", nil, 0, ownerAndLine, "file.f+lineinfile.l create", text("owner\nline\n"), []string{"+owner", "+line"}},
		{"an owner and an edit change a file in one go", text("old\n"), 0o600, ownerAndLine, "file.f+lineinfile.l update", text("owner\nline\n"), []string{"-old", "+owner", "+line"}},
		{"what the owner alone would change back is as it should be", text("owner\nline\n"), 0o600, ownerAndLine, "file.f+lineinfile.l no-op", text("owner\nline\n"), nil},
		{"a mode that differs is a difference, although the content is as it should be", text("owner\nline\n"), 0o644, ownerAndLine, "file.f+lineinfile.l update", text("owner\nline\n"), nil},
		{"an edit that the owner already satisfies changes nothing", text("old\n"), 0o644, `
task "file" "f" {
  path    = "DIR/f"
  content = "a\nline\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "line"
}`, "file.f+lineinfile.l update", text("a\nline\n"), []string{"-old", "+a", "+line"}},
		{"edits without an owner are one step, in the order of their dependencies", text("a\n"), 0o644, `
task "lineinfile" "x" {
  path       = "DIR/f"
  line       = "x"
  depends_on = [task.lineinfile.y]
}
task "lineinfile" "y" {
  path = "DIR/f"
  line = "y"
}`, "lineinfile.y+lineinfile.x update", text("a\ny\nx\n"), []string{"+y", "+x"}},
		{"edits with another task between them are a step each", text("a\n"), 0o644, `
task "lineinfile" "x" {
  path = "DIR/f"
  line = "x"
}
task "file" "between" {
  path       = "DIR/between"
  content    = "b"
  depends_on = [task.lineinfile.x]
}
task "lineinfile" "y" {
  path       = "DIR/f"
  line       = "y"
  depends_on = [task.file.between]
}
task "lineinfile" "z" {
  path = "DIR/f"
  line = "z"
}`, "lineinfile.x update, file.between create, lineinfile.y update, lineinfile.z update", text("a\nx\ny\nz\n"), nil},
		{"an edit whose when is false takes no part", text("a\n"), 0o644, `
task "box" "a" {
  name  = "a"
  value = "no"
}
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "line"
  when = task.box.a.value == "yes"
}`, "box.a create, file.f update", text("owner\n"), []string{"-a", "+owner"}},
		{"an owner whose when is false takes no part", text("a\n"), 0o644, `
task "box" "a" {
  name  = "a"
  value = "no"
}
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
  when    = task.box.a.value == "yes"
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "line"
}`, "box.a create, lineinfile.l update", text("a\nline\n"), []string{"+line"}},
		{"a file that is not to be is removed, whatever an edit would take out of it", text("a\n"), 0o644, `
task "file" "f" {
  path  = "DIR/f"
  state = "absent"
}
task "lineinfile" "l" {
  path  = "DIR/f"
  line  = "a"
  state = "absent"
}`, "file.f+lineinfile.l delete", nil, nil},
		{"a file that is not to be, but for a line of it, has that line alone", text("a\n"), 0o644, `
task "file" "f" {
  path  = "DIR/f"
  state = "absent"
}
task "lineinfile" "l" {
  path   = "DIR/f"
  line   = "line"
  create = true
  backup = true
}`, "file.f+lineinfile.l update", text("line\n"), nil},
		{"the path may be written in two ways", text("old\n"), 0o600, `
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
}
task "lineinfile" "l" {
  path = "DIR/link/./f"
  line = "line"
}`, "file.f+lineinfile.l update", text("owner\nline\n"), []string{"-old", "+owner", "+line"}},
		{"the path may be that of another task", text("old\n"), 0o600, `
task "file" "f" {
  path    = "DIR/f"
  content = "owner\n"
}
task "lineinfile" "l" {
  path = task.file.f.path
  line = "sum ${task.file.f.checksum}"
}`, "file.f+lineinfile.l update", text("owner\nsum sha256:f371121a2eaf1530434e679ba19d405c46fafcfc3880c75c224309a526a671f0\n"), nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			at := filepath.Join(dir, "f")
			if err := os.Symlink(".", filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			if tt.before != nil {
				write(t, dir, map[string]string{"f": *tt.before})
				if err := os.Chmod(at, tt.mode); err != nil {
					t.Fatal(err)
				}
			}
			s := load(t, tt.source, dir)
			p := s.plan()
			if got := actions(p); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			last := p.Steps[len(p.Steps)-1].Record()
			for _, line := range tt.diff {
				if !strings.Contains(last.Diff, "\n"+line+"\n") {
					t.Errorf("the diff lacks the line %q:\n%s", line, last.Diff)
				}
			}
			s.converge()
			content, err := os.ReadFile(at)
			switch {
			case tt.want == nil && !os.IsNotExist(err):
				t.Errorf("the file is there: %v", err)
			case tt.want != nil && string(content) != *tt.want:
				t.Errorf("the file holds %q, want %q: %v", content, *tt.want, err)
			}
		})
	}
}

func TestTheChangeOfSeveralTasksIsFromTheFirstToTheLast(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "old\n"})
	s := load(t, ownerAndLine, dir)
	f := step(t, s.plan(), "task.file.f")
	c := f.Change
	if string(c.Text.Before) != "old\n" || string(c.Text.After) != "owner\nline\n" {
		t.Errorf("the text is %q -> %q", c.Text.Before, c.Text.After)
	}
	if got := c.Before.GetAttr("mode").AsString() + c.After.GetAttr("mode").AsString(); got != "06440600" {
		t.Errorf("the modes are %s", got)
	}
	if diff := cmp.Diff([]string{"content", "mode", "line"}, c.Reasons); diff != "" {
		t.Error(diff)
	}
	if f.Addr.Name != "f" || len(f.With) != 1 || f.With[0].Name != "l" || f.Type != "file" {
		t.Errorf("the step is %s with %v, %s", f.Addr, f.With, f.Type)
	}
}

func TestWhatCanNotBeOneStepIsRefused(t *testing.T) {
	for _, tt := range []struct{ name, source, want, detail string }{
		{"a task between an owner and an edit", `
task "file" "f" {
  path    = "DIR/f"
  content = "a\n"
}
task "box" "b" {
  name       = "b"
  depends_on = [task.file.f]
}
task "lineinfile" "l" {
  path       = "DIR/f"
  line       = "l"
  depends_on = [task.box.b]
}`, "Task between two tasks of one path", "task.box.b has to come before task.lineinfile.l and after another task of DIR/f."},
		{"an owner after an edit", `
task "file" "f" {
  path       = "DIR/f"
  content    = "a\n"
  depends_on = [task.lineinfile.l]
}
task "lineinfile" "l" {
  path = "DIR/f"
  line = "l"
}`, "Edit before the owner", "task.lineinfile.l edits DIR/f, and task.file.f, which depends on it,"},
		{"two files that need each other's edits", `
task "file" "f" {
  path    = "DIR/f"
  content = "a\n"
}
task "lineinfile" "l" {
  path       = "DIR/f"
  line       = "l"
  depends_on = [task.lineinfile.m]
}
task "file" "g" {
  path       = "DIR/g"
  content    = "a\n"
  depends_on = [task.file.f]
}
task "lineinfile" "m" {
  path = "DIR/g"
  line = "m"
}`, "Cycle", "task.file.f -> task.file.g -> task.file.f. All tasks of one path count as one"},
		{"two spellings of a path that two tasks own", `
task "file" "f" {
  path    = "DIR/f"
  content = "a\n"
}
task "file" "g" {
  path    = "DIR/link/f"
  content = "b\n"
}`, "Two tasks own one path", "task.file.f already owns DIR/f"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			if err := os.Symlink(".", filepath.Join(dir, "link")); err != nil {
				t.Fatal(err)
			}
			p, diags := load(t, tt.source, dir).session().Plan(t.Context())
			wantErrors(t, diags, tt.want)
			if p != nil {
				t.Errorf("planned %s", actions(p))
			}
			if want := strings.ReplaceAll(tt.detail, "DIR", dir); !strings.Contains(diags[0].Detail, want) {
				t.Errorf("%q lacks %q", diags[0].Detail, want)
			}
		})
	}
}

func TestADirectoryComesBeforeWhatLiesInIt(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "file" "a" {
  path    = "DIR/d/e/f"
  content = "x"
}
task "directory" "z" {
  path = "DIR/d/e"
}
task "directory" "y" {
  path = "DIR/d"
}
task "lineinfile" "l" {
  path = "DIR/d/e/f"
  line = "y"
}`, dir)
	p, _ := s.converge()
	if got, want := actions(p), "directory.y create, directory.z create, file.a+lineinfile.l create"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	if a := step(t, p, "task.file.a"); len(a.DependsOn) != 1 || a.DependsOn[0].Name != "z" {
		t.Errorf("the file depends on %v", a.DependsOn)
	}
}

func TestAPathWithADetectedTaskIsOnlyReported(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "old\n"})
	s := load(t, strings.Replace(ownerAndLine, `line = "line"`, `line = "line"
  enforcement = "detect"`, 1), dir)
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	if got := outcomes(results); got != "file.f+lineinfile.l reported" {
		t.Errorf("outcomes %s", got)
	}
	want := "task.lineinfile.l only reports, and the tasks of one path are applied as one: none of them is applied."
	if !slices.Contains(p.Steps[0].Change.Warnings, want) {
		t.Errorf("warnings %q", p.Steps[0].Change.Warnings)
	}
	if got := read(t, dir, "f"); got != "old\n" {
		t.Errorf("the file holds %q", got)
	}
}

func TestAFailedEditLeavesTheFileAsItWas(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "old\n"})
	s := load(t, ownerAndLine, dir)
	session := s.session()
	p, diags := session.Plan(t.Context())
	wantErrors(t, diags)
	write(t, dir, map[string]string{"f": "moved on\n"})
	results, diags := session.Apply(t.Context(), p)
	wantErrors(t, diags, "The file has changed since the plan")
	if results[0].Outcome != plan.Broken || !strings.HasPrefix(results[0].Error, "The file has changed since the plan: ") {
		t.Errorf("result %+v", results[0])
	}
	if got := read(t, dir, "f"); got != "moved on\n" {
		t.Errorf("the file holds %q", got)
	}
}

func TestAStepWithNothingToDoKeepsNoContent(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, map[string]string{"f": "owner\nline\n"})
	s := load(t, strings.Replace(ownerAndLine, `mode    = "0600"`, "", 1), dir)
	c := s.plan().Steps[0].Change
	if c.Action != plugin.NoOp || c.Text != nil || c.Payload != nil || !c.Before.RawEquals(c.After) || c.Reasons != nil {
		t.Errorf("the change is %+v", c)
	}
}
