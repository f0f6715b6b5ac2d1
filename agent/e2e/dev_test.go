package e2e

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
)

func mkdir(t *testing.T, path string) {
	t.Helper()
	if err := os.MkdirAll(path, 0o755); err != nil {
		t.Fatal(err)
	}
}

func TestTheDemonstrationShowsAllKindsAndLeavesNothing(t *testing.T) {
	if _, err := exec.LookPath("terraform"); err != nil {
		t.Skipf("terraform is needed for this: %v", err)
	}
	dir := t.TempDir()
	began := time.Now()
	a := start(t, []string{"TMPDIR=" + dir}, "agent", "-dev")
	t.Logf("the demonstration was up after %s", time.Since(began).Round(time.Millisecond))
	until(t, "the terraform task has run", func() bool { return a.block("task.terraform.infra").State == api.StateDrifted })
	until(t, "the file task has run", func() bool { return a.block("task.file.motd").State == api.StateDrifted })
	t.Logf("all was shown after %s, with %d MiB resident", time.Since(began).Round(time.Millisecond), a.memory("VmRSS")>>10)
	kinds := make(map[string]bool)
	for _, b := range a.status().Blocks {
		kinds[b.Kind] = true
	}
	if len(kinds) != 5 {
		t.Errorf("the status shows these kinds of blocks: %v", kinds)
	}
	for series, want := range map[string]string{
		`driftless_task_drifted{task="task.file.motd"}`:                                                                           "1",
		`driftless_terraform_stack_state{task="task.terraform.infra",stack="database",workspace="default",state="pending"}`:       "1",
		`driftless_terraform_stack_state{task="task.terraform.infra",stack="network",workspace="default",state="clean"}`:          "1",
		`driftless_terraform_pending_resources{task="task.terraform.infra",stack="database",workspace="default",action="update"}`: "1",
		`driftless_collector_success{collector="collector.host.this"}`:                                                            "1",
	} {
		if got := a.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	a.mustStop()
	checkEmpty(t, dir)
}

func checkEmpty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Errorf("%s was left behind", e.Name())
	}
}

func TestTheDemonstrationGoesToAFreePort(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:8000")
	if err == nil {
		defer taken.Close() // else somebody else has it, which is as good
	}
	a := start(t, []string{"TMPDIR=" + t.TempDir()}, "agent", "-dev")
	if a.address == "127.0.0.1:8000" {
		t.Error("the agent says that it is at the address of another")
	}
	if got := a.get("/-/healthy"); got != "healthy\n" {
		t.Errorf("at %s there is %q", a.address, got)
	}
	a.mustStop()
}

// TestTheDemonstrationWithoutTools has nothing in PATH, or git alone.
func TestTheDemonstrationWithoutTools(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skipf("git is needed for this: %v", err)
	}
	for _, tt := range []struct {
		name     string
		git      bool
		note     string
		block    string
		problems string
	}{
		{"without terraform", true, "neither terraform nor tofu", "task.terraform.infra", "terraform"},
		{"without git", false, "git is not in PATH", "source.git.infra", "git command"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir, bin := t.TempDir(), t.TempDir()
			if tt.git {
				if err := os.Symlink(git, filepath.Join(bin, "git")); err != nil {
					t.Fatal(err)
				}
			}
			a := start(t, []string{"TMPDIR=" + dir, "PATH=" + bin}, "agent", "-dev")
			if log := a.log.String(); !strings.Contains(log, tt.note) {
				t.Errorf("the welcome doesn't say %q", tt.note)
			}
			until(t, "the status says what is missing", func() bool {
				b := a.block(tt.block)
				return b.State == api.StateFailed && strings.Contains(b.Error, tt.problems)
			})
			until(t, "the file task has run", func() bool { return a.block("task.file.motd").State == api.StateDrifted })
			a.mustStop()
			checkEmpty(t, dir)
		})
	}
}
