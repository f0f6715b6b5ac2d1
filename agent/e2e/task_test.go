package e2e

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
)

func TestDriftMadeByHandIsCorrectedOrReported(t *testing.T) {
	dir := t.TempDir()
	enforced, watched, events := filepath.Join(dir, "enforced"), filepath.Join(dir, "watched"), filepath.Join(dir, "events")
	write(t, watched, "right\n")
	a := startConfig(t, dir, fmt.Sprintf(`
task "file" "enforced" {
  path     = %q
  content  = "right\n"
  interval = "100ms"
}
task "file" "watched" {
  path        = %q
  content     = "right\n"
  enforcement = "detect"
  interval    = "100ms"
}
pipeline "events" {
  from = [task.file.enforced, task.file.watched]
  to   = [sink.file.events]
}
sink "file" "events" {
  path   = %q
  format = "ndjson"
  batch { max_age = "10ms" }
}
`, enforced, watched, events))
	until(t, "the file is made", func() bool { return content(enforced) == "right\n" })
	until(t, "the watched file is found right", func() bool { return a.block("task.file.watched").State == api.StateOK })
	write(t, enforced, "wrong\n")
	write(t, watched, "wrong\n")
	until(t, "the drift is corrected", func() bool { return content(enforced) == "right\n" })
	until(t, "the drift is reported", func() bool { return a.block("task.file.watched").State == api.StateDrifted })
	until(t, "the events are written", func() bool {
		all := content(events)
		return strings.Contains(all, `"kind":"drift","address":"task.file.enforced","transition":"remediated"`) &&
			strings.Contains(all, `"kind":"change","address":"task.file.enforced","action":"update"`) &&
			strings.Contains(all, `"kind":"drift","address":"task.file.watched","transition":"new"`) &&
			strings.Contains(all, `-wrong\n+right\n`)
	})
	if all := content(events); strings.Count(all, `"kind":"drift"`) != 2 {
		t.Errorf("what happened is told more than once:\n%s", all)
	}
	for series, want := range map[string]string{
		`driftless_task_drifted{task="task.file.enforced"}`:                     "0",
		`driftless_task_drifts_total{task="task.file.enforced"}`:                "1",
		`driftless_task_runs_total{task="task.file.enforced",result="changed"}`: "2",
		`driftless_task_drifted{task="task.file.watched"}`:                      "1",
	} {
		if got := a.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	if got := content(watched); got != "wrong\n" {
		t.Errorf("a task that only detects made the file %q", got)
	}
	a.mustStop()
}

// content is that of a file, empty where there is none.
func content(path string) string {
	text, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err.Error()
	}
	return string(text)
}

func TestAHungTaskEndsWithTheAgentAndSoDoItsChildren(t *testing.T) {
	dir := t.TempDir()
	pid := filepath.Join(dir, "pid")
	a := startConfig(t, dir, fmt.Sprintf(`
task "command" "hangs" { shell = "sleep 1000 & echo $! >%[1]s.new && mv %[1]s.new %[1]s; wait" }
`, pid))
	until(t, "the command runs", func() bool { return content(pid) != "" })
	child, err := strconv.Atoi(strings.TrimSpace(content(pid)))
	if err != nil {
		t.Fatal(err)
	}

	out, err := exec.Command(binary, "apply", "-auto-approve", "-config="+filepath.Join(dir, "main.hcl")).CombinedOutput()
	if err == nil || !strings.Contains(unwrapped(out), "nother driftless process is at work on this host: process "+strconv.Itoa(a.cmd.Process.Pid)+", driftless agent") {
		t.Errorf("an apply beside the agent: %v\n%s", err, out)
	}

	began := time.Now()
	a.mustStop()
	t.Logf("the agent ended after %s", time.Since(began).Round(time.Millisecond))
	until(t, "the child has ended", func() bool { return errors.Is(syscall.Kill(child, 0), syscall.ESRCH) })
}

// unwrapped is the text of an error without its frame.
func unwrapped(out []byte) string {
	return strings.Join(strings.Fields(strings.ReplaceAll(string(out), "│", "")), " ")
}

func TestASecondAgentSaysThatThereIsOne(t *testing.T) {
	dir := t.TempDir()
	a := startConfig(t, dir, "")
	run := func() string {
		t.Helper()
		out, err := exec.Command(binary, "agent", "-config="+filepath.Join(dir, "main.hcl")).CombinedOutput()
		var failed *exec.ExitError
		if !errors.As(err, &failed) || failed.ExitCode() != 1 {
			t.Errorf("the second agent ended with %v", err)
		}
		return unwrapped(out)
	}
	if out := run(); !strings.Contains(out, "stop it, or set another data_dir in the agent block") {
		t.Errorf("it says: %s", out)
	}
	write(t, filepath.Join(dir, "main.hcl"), fmt.Sprintf("agent {\n  listen = %q\n  data_dir = %q\n}\n", a.address, filepath.Join(dir, "other")))
	if out := run(); !strings.Contains(out, a.address+", because another process listens there") {
		t.Errorf("it says: %s", out)
	}
	a.mustStop()
}
