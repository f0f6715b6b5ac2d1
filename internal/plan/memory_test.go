package plan_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const chain = `
task "command" "id" {
  shell   = "echo first; touch DIR/made"
  creates = "DIR/made"
}
task "file" "f" {
  path    = "DIR/f"
  content = "${task.command.id.stdout}${task.command.id.rc}\n"
}`

func TestWhatACommandLearntOutlivesIt(t *testing.T) {
	dir := t.TempDir()
	s := load(t, chain, dir)
	remembering(t, s)
	s.wantRun("command.id changed, file.f changed")
	for range 2 {
		_, results, diags := s.run(t.Context())
		wantErrors(t, diags)
		if got := outcomes(results); got != "command.id unchanged, file.f unchanged" {
			t.Errorf("outcomes %s", got)
		}
		s.saveRecords(results)
	}
	if got := read(t, dir, "f"); got != "first\n0\n" {
		t.Errorf("the file holds %q", got)
	}
	if err := os.Remove(filepath.Join(dir, "made")); err != nil {
		t.Fatal(err)
	}
	s.reload(strings.Replace(chain, "first", "second", 1), dir)
	s.wantRun("command.id changed, file.f changed")
	s.wantRun("command.id unchanged, file.f unchanged")
	if got := read(t, dir, "f"); got != "second\n0\n" {
		t.Errorf("the file holds %q", got)
	}
}

func TestAnIdleCommandIsWhatItLastLearnt(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "box" "a" {
  name = "a"
  value = "x"
}
task "command" "id" {
  shell        = "echo x >> DIR/log; wc -l < DIR/log"
  triggered_by = [task.box.a]
}
task "file" "f" {
  path    = "DIR/f"
  content = task.command.id.stdout
}
task "box" "only_then" {
  name = "only_then"
  when = task.command.id.changed
}`, dir)
	remembering(t, s)
	s.wantRun("box.a changed, command.id changed, box.only_then changed, file.f changed")
	s.wantRun("box.a unchanged, command.id unchanged, file.f unchanged")
	s.world.put("a", "drifted")
	s.wantRun("box.a changed, command.id changed, box.only_then unchanged, file.f changed")
}

func TestNothingSensitiveIsKept(t *testing.T) {
	for name, config := range map[string]string{
		"of a task that is sensitive":    strings.Replace(chain, "shell", "sensitive = true\n  shell", 1),
		"of a task that is given it":     strings.Replace(chain, "shell", "env = { A = sensitive(\"abcd\") }\n  shell", 1),
		"that is a secret known by then": chain,
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			s := load(t, config, dir)
			records := remembering(t, s)
			s.opt.Redact = func(text string) string { return strings.ReplaceAll(text, "first", "***") }
			s.wantRun("command.id changed, file.f changed")
			all, err := records.Load()
			if err != nil {
				t.Fatal(err)
			}
			if _, kept := all["task.command.id"].Learnt["stdout"]; kept {
				t.Errorf("the records hold %v", all)
			}
		})
	}
}

func TestWhatIsLargeIsNotKept(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "command" "big" {
  shell   = "head -c 100000 /dev/zero | tr '\\0' x; touch DIR/made"
  creates = "DIR/made"
}`, dir)
	records := remembering(t, s)
	s.wantRun("command.big changed")
	all, err := records.Load()
	if err != nil {
		t.Fatal(err)
	}
	if len(all["task.command.big"].Learnt) > 0 {
		t.Error("it is kept")
	}
}

func TestDamagedRecordsAreToldBeforeAnythingIsDone(t *testing.T) {
	dir := t.TempDir()
	s := load(t, chain, dir)
	remembering(t, s)
	write(t, s.opt.DataDir, map[string]string{"records.json": "{"})
	p, diags := s.session().Plan(t.Context())
	wantErrors(t, diags, "Records can't be read")
	if p != nil {
		t.Errorf("planned %s", actions(p))
	}
}
