package e2e

import (
	"fmt"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// stack is a stack whose state lies outside the repository.
func stack(state, input string) string {
	return fmt.Sprintf("terraform {\n  backend \"local\" {\n    path = %q\n  }\n}\nresource \"terraform_data\" \"this\" {\n  input = %q\n}\n", state, input)
}

func TestACommitMakesAStackPendingWithinThePollInterval(t *testing.T) {
	terraform := needTerraform(t)
	dir := t.TempDir()
	states := map[string]string{"network": filepath.Join(dir, "network.tfstate"), "database": filepath.Join(dir, "database.tfstate")}
	files := make(map[string]string)
	for name, state := range states {
		files[name+"/main.tf"] = stack(state, "small")
		apply(t, terraform, filepath.Join(dir, name), files[name+"/main.tf"])
	}
	repository := gitserver.New(t)
	repository.Commit(t, "main", files)
	url := repository.ServeHTTP(t, gitserver.HTTPOptions{}).URL

	a := startConfig(t, dir, fmt.Sprintf(`
source "git" "infra" {
  url           = %q
  branch        = "main"
  poll_interval = "1s"
}
task "terraform" "infra" {
  source   = source.git.infra
  interval = "1h"
  stacks { include = ["*"] }
}
`, url))
	state := func(stack, state string) string {
		return a.metric(fmt.Sprintf("driftless_terraform_stack_state{task=%q,stack=%q,workspace=\"default\",state=%q}", "task.terraform.infra", stack, state))
	}
	until(t, "both stacks are clean", func() bool { return state("network", "clean") == "1" && state("database", "clean") == "1" })

	began := time.Now()
	hash := repository.Commit(t, "main", map[string]string{"database/main.tf": stack(states["database"], "large")})
	until(t, "the stack is pending", func() bool { return state("database", "pending") == "1" })
	t.Logf("the commit %s was seen and its stacks planned after %s", hash[:12], time.Since(began).Round(time.Millisecond))
	if got := state("network", "clean"); got != "1" {
		t.Error("the other stack is not clean any more")
	}
	if b := a.block("task.terraform.infra"); b.State != "drifted" || !*b.Drifted {
		t.Errorf("the status of the task is %q", b.State)
	}
	a.mustStop()
}

func apply(t *testing.T, terraform, dir, code string) {
	t.Helper()
	mkdir(t, dir)
	write(t, filepath.Join(dir, "main.tf"), code)
	for _, args := range [][]string{{"init", "-input=false"}, {"apply", "-auto-approve", "-input=false"}} {
		c := exec.Command(terraform, args...)
		c.Dir = dir
		if out, err := c.CombinedOutput(); err != nil {
			t.Fatalf("terraform %s: %v\n%s", args[0], err, out)
		}
	}
}
