package plan_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/state"
)

// remembering gives the system a memory, as the commands and the agent do.
func remembering(t *testing.T, s *system) *state.Records {
	t.Helper()
	if err := state.MakeDir(s.opt.DataDir); err != nil {
		t.Fatal(err)
	}
	s.opt.Records = state.NewRecords(s.opt.DataDir)
	return s.opt.Records
}

// fail has something go wrong from now on, such as "apply a".
func (w *world) fail(what string) {
	w.before = func(_ context.Context, doing, name string) error {
		if doing+" "+name == what {
			return errors.New("no luck")
		}
		return nil
	}
}

func targets(t *testing.T, addresses ...string) []addr.Addr {
	t.Helper()
	var out []addr.Addr
	for _, text := range addresses {
		a, err := addr.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, a)
	}
	return out
}

// planned plans, whatever comes of it, and writes the plan on one line.
func (s *system) planned() string {
	s.t.Helper()
	p, diags := s.session().Plan(s.t.Context())
	if p == nil {
		s.t.Fatal(diags)
	}
	return actions(p)
}

// wantRun plans and applies, and compares the outcomes.
func (s *system) wantRun(want string) []plan.Result {
	s.t.Helper()
	_, results, _ := s.run(s.t.Context())
	if got := outcomes(results); got != want {
		s.t.Errorf("outcomes %s, want %s", got, want)
	}
	s.saveRecords(results)
	return results
}

// saveRecords ends a run as the commands do.
func (s *system) saveRecords(results []plan.Result) {
	s.t.Helper()
	old, err := s.opt.Records.Load()
	if err != nil {
		s.t.Fatal(err)
	}
	if err := s.opt.Records.Save(plan.Records(old, results, key, s.opt.Now())); err != nil {
		s.t.Fatal(err)
	}
}

const reload = `
task "file" "conf" {
  path    = "DIR/conf"
  content = "one\n"
}
task "file" "other" {
  path    = "DIR/other"
  content = "x\n"
}
task "command" "reload" {
  shell        = "test -e DIR/fail && exit 1; echo reloaded >> DIR/log"
  triggered_by = [task.file.conf, task.file.other]
}
`

func TestATriggeredTaskRunsOnceAfterAllThatChangedAndNotAgain(t *testing.T) {
	dir := t.TempDir()
	s := load(t, reload, dir)
	remembering(t, s)
	p := s.plan()
	if got, want := actions(p), "file.conf create, file.other create, command.reload run"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	record := step(t, p, "task.command.reload").Record()
	if got := strings.Join(record.TriggeredBy, "; "); got != "triggered by task.file.conf; triggered by task.file.other" {
		t.Errorf("it is %q", got)
	}
	if len(record.Warnings) > 0 {
		t.Errorf("it warns: %q", record.Warnings)
	}
	s.wantRun("file.conf changed, file.other changed, command.reload changed")
	if got := read(t, dir, "log"); got != "reloaded\n" {
		t.Errorf("the log is %q", got)
	}
	if step := step(t, s.plan(), "task.command.reload"); !step.Idle || step.Changes() {
		t.Errorf("the second plan is %s", step.Change.Action)
	}
	s.wantRun("file.conf unchanged, file.other unchanged, command.reload unchanged")
	write(t, dir, map[string]string{"other": "drifted\n"})
	s.wantRun("file.conf unchanged, file.other changed, command.reload changed")
	if got := read(t, dir, "log"); got != "reloaded\nreloaded\n" {
		t.Errorf("the log is %q", got)
	}
}

func TestATriggerIsNotForgottenWhenTheTriggeredTaskFails(t *testing.T) {
	dir := t.TempDir()
	s := load(t, reload, dir)
	records := remembering(t, s)
	write(t, dir, map[string]string{"fail": ""})
	s.wantRun("file.conf changed, file.other changed, command.reload failed")
	s.wantRun("file.conf unchanged, file.other unchanged, command.reload failed")
	record := step(t, s.plan(), "task.command.reload").Record()
	if got := strings.Join(record.TriggeredBy, "; "); got != "triggered by task.file.conf in an earlier run; triggered by task.file.other in an earlier run" {
		t.Errorf("it is %q", got)
	}
	if err := os.Remove(filepath.Join(dir, "fail")); err != nil {
		t.Fatal(err)
	}
	s.wantRun("file.conf unchanged, file.other unchanged, command.reload changed")
	s.wantRun("file.conf unchanged, file.other unchanged, command.reload unchanged")
	all, err := records.Load()
	if err != nil {
		t.Fatal(err)
	}
	if owed := all["task.command.reload"].Owed; len(owed) > 0 {
		t.Errorf("it is still owed %q", owed)
	}
}

func TestATriggerIsNotForgottenWhenTheRunIsKilled(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "file" "conf" {
  path    = "DIR/conf"
  content = "one\n"
}
task "box" "kill" {
  name       = "kill"
  depends_on = [task.file.conf]
}
task "command" "reload" {
  shell        = "echo reloaded >> DIR/log"
  triggered_by = [task.file.conf]
  depends_on   = [task.box.kill]
}`, dir)
	remembering(t, s)
	s.world.fail("apply kill")
	_, results, _ := s.run(t.Context())
	if got := outcomes(results); got != "file.conf changed, box.kill failed, command.reload skipped" {
		t.Fatalf("outcomes %s", got)
	}
	// A run that is killed saves nothing at its end.
	s.world.fail("")
	s.wantRun("file.conf unchanged, box.kill changed, command.reload changed")
}

func TestWhatTriggers(t *testing.T) {
	tests := []struct {
		name    string
		config  string
		plan    string
		results string
	}{
		{"a command that says that it has changed nothing doesn't", `
task "command" "c" {
  command      = ["true"]
  changed_when = false
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
}`, "command.c run, box.t deferred", "command.c changed, box.t unchanged"},
		{"a command that judges that it has changed something does", `
task "command" "c" {
  shell        = "echo new"
  changed_when = self.stdout == "new\n"
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
}`, "command.c run, box.t deferred", "command.c changed, box.t changed"},
		{"a command without a guard does for sure", `
task "command" "c" { command = ["true"] }
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
}`, "command.c run, box.t create", "command.c changed, box.t changed"},
		{"a task that fails doesn't, though the run goes on", `
task "command" "c" {
  command  = ["false"]
  on_error = "continue"
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
}`, "command.c run, box.t create", "command.c ignored, box.t unchanged"},
		{"a task that isn't triggered after all has its conditions not judged", `
task "box" "late" {
  name = "late"
  late = true
}
task "command" "c" {
  command    = ["false"]
  on_error   = "continue"
  depends_on = [task.box.late]
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
  precondition {
    condition     = task.box.late.content == "x"
    error_message = "It would be an error."
  }
}`, "box.late create, command.c run, box.t create", "box.late changed, command.c ignored, box.t unchanged"},
		{"a task that only reports doesn't", `
task "box" "c" {
  name        = "c"
  enforcement = "detect"
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.box.c]
}`, "box.c create, box.t no-op", "box.c reported, box.t unchanged"},
		{"a task that is triggered itself does", `
task "box" "c" { name = "c" }
task "box" "d" {
  name         = "d"
  triggered_by = [task.box.c]
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.box.d]
}`, "box.c create, box.d create, box.t create", "box.c changed, box.d changed, box.t changed"},
		{"a task that waits may, and then does", `
task "box" "late" {
  name = "late"
  late = true
}
task "box" "c" {
  name  = "c"
  value = task.box.late.content
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.box.c]
}`, "box.late create, box.c deferred, box.t deferred", "box.late changed, box.c changed, box.t changed"},
		{"a task that takes no part doesn't", `
task "box" "c" {
  name = "c"
  when = false
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.box.c]
}`, "box.t no-op", "box.t unchanged"},
		{"what an idle task is given may be unknown", `
task "box" "late" {
  name = "late"
  late = true
}
task "box" "c" {
  name = "c"
  when = false
}
task "box" "t" {
  name         = "t"
  value        = task.box.late.content
  triggered_by = [task.box.c]
}
task "box" "user" {
  name  = "user"
  value = task.box.t.value
}`, "box.late create, box.t no-op, box.user deferred", "box.late changed, box.t unchanged, box.user changed"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, tt.config, "")
			if got := s.planned(); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			_, results, diags := s.run(t.Context())
			wantErrors(t, diags)
			if got := outcomes(results); got != tt.results {
				t.Errorf("outcomes %s, want %s", got, tt.results)
			}
		})
	}
}

func TestAChangeInARunOfOtherTasksIsStillOwed(t *testing.T) {
	dir := t.TempDir()
	s := load(t, reload, dir)
	remembering(t, s)
	s.opt.Part.Targets = targets(t, "task.file.conf", "task.file.other")
	s.wantRun("file.conf changed, file.other changed")
	s.opt.Part.Targets = nil
	s.wantRun("file.conf unchanged, file.other unchanged, command.reload changed")
}

func TestAGuardStillDecidesOverATriggeredCommand(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "file" "conf" {
  path    = "DIR/conf"
  content = "one\n"
}
task "command" "c" {
  command      = ["touch", "DIR/made"]
  creates      = "DIR/made"
  triggered_by = [task.file.conf]
}`, dir)
	remembering(t, s)
	write(t, dir, map[string]string{"made": ""})
	s.wantRun("file.conf changed, command.c unchanged")
	if err := os.Remove(filepath.Join(dir, "made")); err != nil {
		t.Fatal(err)
	}
	s.wantRun("file.conf unchanged, command.c unchanged")
	if _, err := os.Stat(filepath.Join(dir, "made")); err == nil {
		t.Error("it ran, though nothing triggered it")
	}
}

func TestAChangeThatDoesNotHoldIsStillOwed(t *testing.T) {
	dir := t.TempDir()
	s := load(t, `
task "command" "c" {
  shell   = "echo bad > DIR/made; echo bad"
  creates = "DIR/made"
  postcondition {
    condition     = self.stdout != "bad\n"
    error_message = "It is bad."
  }
}
task "box" "t" {
  name         = "t"
  triggered_by = [task.command.c]
}`, dir)
	remembering(t, s)
	s.wantRun("command.c failed, box.t skipped")
	s.wantRun("command.c unchanged, box.t changed")
	s.wantRun("command.c unchanged, box.t unchanged")
}
