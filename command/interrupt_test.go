//go:build unix

package command_test

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// workshop writes a configuration in which task.command.slow notes its process
// and that of a child, and waits until there is a file "go"; before it comes
// task.file.first and after it task.file.after.
func workshop(t *testing.T, preamble string) string {
	t.Helper()
	dir := t.TempDir()
	script := preamble + "\nsleep 1000 & child=$!\necho $$ $child >pids.new; mv pids.new pids\nwhile ! [ -e go ]; do sleep 0.02; done\nkill $child; touch finished"
	text := fmt.Sprintf(`
agent { data_dir = "${path.config}/data" }
task "file" "first" {
  path    = "${path.config}/first"
  content = "x"
}
task "command" "slow" {
  shell      = %q
  cwd        = path.config
  depends_on = [task.file.first]
}
task "file" "after" {
  path       = "${path.config}/after"
  content    = "x"
  depends_on = [task.command.slow]
}
task "file" "last" {
  path       = "${path.config}/last"
  content    = "x"
  depends_on = [task.file.after]
}
`, script)
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endAll(t, dir) })
	return dir
}

// pids are those that the slow task noted.
func pids(t *testing.T, dir string) []int {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil {
		return nil
	}
	var out []int
	for word := range strings.FieldsSeq(string(content)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pid)
	}
	return out
}

// endAll ends what a test has left running.
func endAll(t *testing.T, dir string) {
	t.Helper()
	for _, pid := range pids(t, dir) {
		_ = syscall.Kill(pid, syscall.SIGKILL) // mostly it has ended
	}
}

// running reports whether a process is there and more than a memory of one.
func running(pid int) bool {
	if errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return false
	}
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err != nil || !bytes.Contains(stat, []byte(") Z "))
}

func wantEnded(t *testing.T, dir string) {
	t.Helper()
	for _, pid := range pids(t, dir) {
		until(t, fmt.Sprintf("process %d of the task is gone", pid), func() bool { return !running(pid) })
	}
}

func applyUntilSlow(t *testing.T, dir string, args ...string) *process {
	t.Helper()
	p := run(t, dir, append([]string{"apply", "-auto-approve", "-config=" + dir}, args...)...)
	until(t, "the slow task runs", func() bool { return exists(dir, "pids") })
	return p
}

func TestTheFirstInterruptWaitsForTheStepsThatRun(t *testing.T) {
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		t.Run(signal.String(), func(t *testing.T) {
			dir := workshop(t, "")
			p := applyUntilSlow(t, dir)
			p.signal(signal)
			p.says("Stopping after the steps that run: task.command.slow; press Ctrl-C again to end them.")
			touch(t, dir, "go")
			p.wantExit(130)
			if !exists(dir, "finished") || exists(dir, "after") {
				t.Error("the step that ran was ended, or another has begun")
			}
			p.wantOutput("2 changed, 0 unchanged, 2 left out.")
			for _, task := range []string{"task.file.after", "task.file.last"} {
				p.says("× " + task + "  left out: the run was stopped")
			}
			p.says("Error: Interrupted")
		})
	}
}

func TestTheSecondInterruptEndsTheStepsThatRun(t *testing.T) {
	dir := workshop(t, "")
	p := applyUntilSlow(t, dir)
	p.signal(syscall.SIGINT)
	p.says("Stopping after")
	p.signal(syscall.SIGINT)
	p.says("Ending the steps that run")
	p.wantExit(130)
	p.says("the run was interrupted")
	wantEnded(t, dir)
	if exists(dir, "finished") || exists(dir, "after") {
		t.Error("the step went on, or another has begun")
	}
	p.wantOutput("1 changed, 0 unchanged, 1 failed, 2 left out.")
	again := run(t, dir, "plan", "-config="+dir, "-detailed-exitcode")
	again.wantExit(2)
	again.wantOutput("Plan: 2 to create, 1 to run, 1 unchanged.")
}

func TestTheThirdInterruptEndsTheProcess(t *testing.T) {
	dir := workshop(t, "trap '' TERM")
	p := applyUntilSlow(t, dir)
	p.signal(syscall.SIGINT)
	p.says("Stopping after")
	p.signal(syscall.SIGINT)
	p.says("Ending the steps that run")
	p.signal(syscall.SIGINT)
	p.wantExit(130)
	if strings.Contains(p.stdout.String(), "Applied") {
		t.Error("it waited for the steps")
	}
}

func TestAnInterruptEndsAPlan(t *testing.T) {
	dir := t.TempDir()
	text := `
agent { data_dir = "${path.config}/data" }
task "command" "asks" {
  command = ["true"]
  unless  = ["sh", "-c", "echo $$ >pids.new; mv pids.new pids; sleep 1000"]
  cwd     = path.config
}
task "file" "after" {
  path       = "${path.config}/after"
  content    = "x"
  depends_on = [task.command.asks]
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { endAll(t, dir) })
	for _, command := range []string{"plan", "apply"} {
		t.Run(command, func(t *testing.T) {
			_ = os.Remove(filepath.Join(dir, "pids")) // of the command before
			p := run(t, dir, command, "-config="+dir)
			until(t, "the guard of the task runs", func() bool { return exists(dir, "pids") })
			p.signal(syscall.SIGINT)
			p.wantExit(130)
			wantEnded(t, dir)
			if strings.Contains(p.err.String(), "Stopping") {
				t.Error("a plan waits for nothing")
			}
		})
	}
}

func TestAStreamTellsOfAnInterrupt(t *testing.T) {
	dir := workshop(t, "")
	p := applyUntilSlow(t, dir, "-json")
	p.signal(syscall.SIGINT)
	until(t, "the stream tells of it", func() bool { return strings.Contains(p.stdout.String(), `"summary":"Stopping"`) })
	touch(t, dir, "go")
	p.wantExit(130)
	p.wantOutput(`"skipped":2`)
	if text := p.err.String(); text != "" {
		t.Errorf("it wrote %q to stderr", text)
	}
}

func TestAnApplyWaitsForTheLock(t *testing.T) {
	dir := workshop(t, "")
	first := applyUntilSlow(t, dir)
	host, err := os.Hostname()
	if err != nil {
		t.Fatal(err)
	}
	holder := fmt.Sprintf("another driftless process is at work on this host: process %d, driftless apply, on %s since ", first.cmd.Process.Pid, host)
	apply := func(args ...string) *process {
		return run(t, dir, append([]string{"apply", "-auto-approve", "-config=" + dir}, args...)...)
	}

	refused := apply()
	refused.wantExit(1)
	refused.says("A" + holder[1:])
	refused.says("have apply wait for that with -lock-timeout=5m")
	impatient := apply("-lock-timeout=10ms")
	impatient.wantExit(1)
	impatient.says("Waiting up to 10ms, because " + holder)
	impatient.says("Waited 10ms for the lock: ")
	negative := apply("-lock-timeout=-1s")
	negative.wantExit(1)
	negative.says("-lock-timeout is negative")

	interrupted := apply("-lock-timeout=1h")
	interrupted.says("Waiting up to 1h0m0s, because " + holder)
	interrupted.signal(syscall.SIGINT)
	interrupted.wantExit(130)

	patient := apply("-lock-timeout=1h", "-target=task.file.first")
	patient.says("Waiting up to 1h0m0s")
	touch(t, dir, "go")
	first.wantExit(0)
	patient.wantExit(0)
	patient.wantOutput("No changes.")
	if n := strings.Count(patient.err.String(), "Waiting"); n != 1 {
		t.Errorf("it says %d times that it waits", n)
	}
}
