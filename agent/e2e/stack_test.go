package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gotool"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// The numbers are those of the list of failures that checks of stacks are to
// survive.

// stacks is a directory with a stack that was applied, and what an agent needs
// to check it.
type stacks struct {
	dir, state, temp string
	command          string
	cliConfig        string // its path is in the environment of all that a check starts
}

// withEachCommand runs a test with terraform, and with tofu.
func withEachCommand(t *testing.T, test func(t *testing.T, s *stacks)) {
	t.Helper()
	for name, find := range map[string]func(t *testing.T) string{
		"terraform": needTerraform,
		"tofu":      func(t *testing.T) string { return gotool.Need(t, gotool.Tofu()) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := &stacks{dir, filepath.Join(dir, "state"), shortDir(t), find(t), tfprovider.CLIConfig(t)}
			test(t, s)
		})
	}
}

// shortDir is a directory for temporary files whose path is not too long for
// sockets below it, as that of a test is.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "e2e-") //nolint:usetesting // see above
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	return dir
}

func needTerraform(t *testing.T) string {
	t.Helper()
	path, err := exec.LookPath("terraform")
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("terraform is needed for this: %v", err)
	}
	t.Skipf("terraform is needed for this: %v", err)
	return ""
}

// hangs applies a stack the provider of which is deaf from then on.
func (s *stacks) hangs(t *testing.T) {
	t.Helper()
	dir := filepath.Join(s.dir, "stacks", "stack")
	mkdir(t, dir)
	write(t, filepath.Join(dir, "main.tf"), fmt.Sprintf(
		"terraform {\n  backend \"local\" {\n    path = %q\n  }\n}\n%sresource \"fixture_file\" \"a\" {\n  path = %q\n  content = \"x\"\n  hang = \"1h\"\n}\n",
		s.state, tfprovider.Requirements, filepath.Join(s.dir, "file")))
	data := t.TempDir()
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-auto-approve", "-input=false"}} {
		c := exec.Command(s.command, args...)
		c.Dir = dir
		c.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+s.cliConfig, "TF_DATA_DIR="+data)
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", args[0], err, out)
		}
	}
	if err := os.Remove(filepath.Join(dir, ".terraform.lock.hcl")); err != nil {
		t.Fatal(err)
	}
}

// start runs an agent that checks the stacks.
func (s *stacks) start(t *testing.T) *agent {
	t.Helper()
	configure(t, s.dir, fmt.Sprintf("task \"terraform\" \"all\" {\n  path = %q\n  binary = %q\n  interval = \"1h\"\n  env = { TF_CLI_CONFIG_FILE = %q }\n}\n",
		filepath.Join(s.dir, "stacks"), s.command, s.cliConfig))
	return start(t, []string{"TMPDIR=" + s.temp}, "agent", "-config="+filepath.Join(s.dir, "main.hcl"))
}

// running returns the programs that a check has started, by their paths.
func (s *stacks) running(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, file := range files {
		// One that ends meanwhile, or is another user's, can't be read.
		if env, err := os.ReadFile(file); err == nil && strings.Contains(string(env), s.cliConfig) {
			program, _ := os.Readlink(filepath.Join(filepath.Dir(file), "exe"))
			found[filepath.Dir(file)] = filepath.Base(program)
		}
	}
	return found
}

func (s *stacks) awaitProvider(t *testing.T) {
	t.Helper()
	until(t, "the provider hangs", func() bool {
		_, err := os.Stat(filepath.Join(s.dir, "file.hangs"))
		return err == nil
	})
}

// leftovers are the temporary files of checks, and locks of the state.
func (s *stacks) leftovers(t *testing.T) []string {
	t.Helper()
	var found []string
	for _, pattern := range []string{filepath.Join(s.temp, "driftless-*"), filepath.Join(s.dir, ".*.lock.info"), filepath.Join(s.dir, "stacks", "stack", ".*")} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, files...)
	}
	return found
}

// TestACheckEndsWithTheAgent is 27.
func TestACheckEndsWithTheAgent(t *testing.T) {
	t.Parallel()
	withEachCommand(t, func(t *testing.T, s *stacks) {
		s.hangs(t)
		a := s.start(t)
		s.awaitProvider(t)
		a.signal(syscall.SIGTERM)
		<-a.exited
		if code := a.cmd.ProcessState.ExitCode(); code != 0 {
			t.Errorf("the exit code is %d", code)
		}
		if left := s.running(t); len(left) > 0 {
			t.Errorf("still running: %v", left)
		}
		if left := s.leftovers(t); len(left) > 0 {
			t.Errorf("still there: %v", left)
		}
	})
}

// TestTheNextAgentEndsWhatAKilledOneLeft is 28.
func TestTheNextAgentEndsWhatAKilledOneLeft(t *testing.T) {
	t.Parallel()
	withEachCommand(t, func(t *testing.T, s *stacks) {
		s.hangs(t)
		a := s.start(t)
		s.awaitProvider(t)
		a.kill()
		orphans := s.running(t)
		if len(orphans) == 0 {
			t.Error("nothing outlives the agent, so that this test tests nothing")
		}
		write(t, s.state, strings.ReplaceAll(read(t, s.state), `"1h"`, "null"))
		a = s.start(t)
		until(t, "the stack is checked", func() bool {
			return a.metric(`driftless_terraform_stack_state{task="task.terraform.all",stack="stack",workspace="default",state="pending"}`) == "1"
		})
		for process := range s.running(t) {
			if _, ok := orphans[process]; ok {
				t.Errorf("still running: %v", process)
			}
		}
		a.mustStop()
		if left := s.leftovers(t); len(left) > 0 {
			t.Errorf("still there: %v", left)
		}
	})
}

// TestAReloadWhileAStackIsChecked is 59 (the configuration changes) and 60 (the
// task is gone), of a check that waits for the test.
func TestAReloadWhileAStackIsChecked(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	root, command, passes, pids := filepath.Join(dir, "stacks"), filepath.Join(dir, "command"), filepath.Join(dir, "passes"), filepath.Join(dir, "pids")
	mkdir(t, filepath.Join(root, "stack"))
	write(t, filepath.Join(root, "stack", "main.tf"), "terraform {}\n")
	write(t, command, fmt.Sprintf("#!/bin/sh\n[ \"$1\" = plan ] || exit 0\necho $$ >>%[1]s\nuntil [ -e %[2]s ]; do sleep 0.05; done\n", pids, passes))
	if err := os.Chmod(command, 0o755); err != nil {
		t.Fatal(err)
	}
	task := func(rest string) string {
		return fmt.Sprintf("task \"terraform\" \"all\" {\n  path = %q\n  binary = %q\n  interval = \"1h\"\n%s}\n", root, command, rest)
	}
	checks := func() []string { return strings.Fields(content(pids)) }
	isGone := func(pid string) bool {
		_, err := os.Stat("/proc/" + pid)
		return os.IsNotExist(err)
	}
	const clean = `driftless_terraform_stack_state{task="task.terraform.all",stack="stack",workspace="default",state="clean"}`

	a := startConfig(t, dir, task(""))
	until(t, "the stack is being checked", func() bool { return len(checks()) == 1 })
	configure(t, dir, task("")+"# a comment\n")
	a.hangup()
	if all := checks(); len(all) != 1 || isGone(all[0]) {
		t.Errorf("a change of something else interrupts the check, or begins another: %v", all)
	}
	configure(t, dir, task("  parallelism = 7\n"))
	a.hangup()
	until(t, "the stack is checked as the new configuration says", func() bool { return len(checks()) == 2 })
	if !isGone(checks()[0]) {
		t.Error("the check of the old configuration goes on")
	}
	write(t, passes, "")
	until(t, "the check has ended", func() bool { return a.metric(clean) == "1" })

	if err := os.Remove(passes); err != nil {
		t.Fatal(err)
	}
	configure(t, dir, task("  parallelism = 8\n"))
	a.hangup()
	until(t, "the stack is being checked again", func() bool { return len(checks()) == 3 })
	configure(t, dir, "")
	a.hangup()
	until(t, "the check of the task that is gone has ended", func() bool { return isGone(checks()[2]) })
	until(t, "nothing is told of its stacks any more", func() bool { return !strings.Contains(a.get("/metrics"), "driftless_terraform_stack_state{") })
	a.mustStop()
	if all := checks(); len(slices.Compact(all)) != 3 {
		t.Errorf("the checks are %v", all)
	}
}
