package e2e

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// A monitor made for TFDriftAgent finds what it looks for, and a check can be
// asked for at once, whatever the interval.
func TestAStackIsServedAsTFDriftAgentDoesAndCheckedWhenAskedFor(t *testing.T) {
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Skipf("terraform is needed for this: %v", err)
	}
	dir := t.TempDir()
	state := filepath.Join(dir, "network.tfstate")
	code := "resource \"terraform_data\" \"other\" {}\n" + stack(state, "small")
	apply(t, terraform, filepath.Join(dir, "network"), code)
	repository := gitserver.New(t)
	repository.Commit(t, "main", map[string]string{"network/main.tf": code})

	main := filepath.Join(dir, "main.hcl")
	write(t, main, fmt.Sprintf(`
agent {
  listen   = "127.0.0.1:0"
  data_dir = %q
  compatibility { drift_monitor_agent = true }
}
source "git" "infra" {
  url    = %q
  branch = "main"
}
task "terraform" "infra" {
  source   = source.git.infra
  interval = "1h"
  stacks { include = ["*"] }
}
`, filepath.Join(dir, "data"), repository.ServeHTTP(t, gitserver.HTTPOptions{}).URL))
	a := start(t, nil, "agent", "-config="+main)
	changes := func() string { return a.metric(`drift_monitor_agent_drift_detected_changes{name="network"}`) }
	until(t, "the stack is clean", func() bool { return changes() == "0" })
	if got := a.deployment("network"); got.Drifted == nil || *got.Drifted || got.Plan != "no-op=2" || !got.Success {
		t.Errorf("the stack is clean, and served as %+v", got)
	}
	metrics := a.get("/metrics")
	for _, part := range []string{
		`driftless_terraform_stack_info{task="task.terraform.infra",stack="network",workspace="default",source="source.git.infra",path="network",engine="terraform",version="1.`,
		`driftless_terraform_phase_duration_seconds_count{phase="plan",task="task.terraform.infra"} 1`,
		`driftless_source_success{source="source.git.infra"} 1`,
	} {
		if !strings.Contains(metrics, "\n"+part) {
			t.Errorf("the metrics have no %s", part)
		}
	}
	moveAway(t, state)
	const infra = "/v1/tasks/task.terraform.infra/check"
	if got := a.post(infra); !strings.Contains(got, `"state": "started"`) {
		t.Errorf("the request for a check was answered with %s", got)
	}
	until(t, "the stack has changed", func() bool { return changes() == "2" })
	if got := a.deployment("network"); got.Drifted == nil || !*got.Drifted || got.Plan != "create=2" {
		t.Errorf("the stack has changed, and is served as %+v", got)
	}
	if got := a.metric(`driftless_terraform_phase_duration_seconds_count{phase="plan",task="task.terraform.infra"}`); got != "2" {
		t.Errorf("there were %s plans", got)
	}
	a.mustStop()
}

func moveAway(t *testing.T, file string) {
	t.Helper()
	if err := os.Rename(file, file+".gone"); err != nil {
		t.Fatal(err)
	}
}

// spec is a part of what TFDriftAgent tells of a deployment.
type spec struct {
	Success bool
	Drifted *bool
	Plan    string
}

func (a *agent) deployment(name string) spec {
	a.t.Helper()
	var item struct{ Spec spec }
	if err := json.Unmarshal([]byte(a.get("/api/deployment_states/"+name)), &item); err != nil {
		a.t.Fatal(err)
	}
	return item.Spec
}
