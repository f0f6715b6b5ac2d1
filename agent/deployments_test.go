package agent

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func resource(name, class string, action plugin.Action) plan.EntryRecord {
	return plan.EntryRecord{Name: name, Class: class, Action: action}
}

// twoTasks have a stack of the same name each.
func twoTasks(now time.Time) picture {
	managed := map[string]cty.Value{"managed": cty.NumberIntVal(5)}
	took := map[string]cty.Value{"phases": cty.ObjectVal(map[string]cty.Value{
		"queue": cty.NumberIntVal(8), "init": cty.NumberIntVal(4), "plan": cty.NumberIntVal(2), "show": cty.NumberIntVal(1),
	})}
	return picture{tasks: map[addr.Addr]taskState{
		{Kind: addr.Task, Type: "terraform", Name: "prod"}: {findings: []plan.FindingRecord{
			checked("net", "clean", now, managed),
			checked("db", "drifted_pending", now, managed,
				resource("a", "drift", plugin.Update), resource("b", "pending", plugin.Create), resource("c", "both", plugin.Replace),
				resource("a", "both", plugin.Update), resource("a", "pending", plugin.Update), resource("d", "drift", plugin.Delete), resource("e", "pending", plugin.Forget)),
			checked("web", "error", now, took, resource("old", "drift", plugin.Update)),
		}},
		{Kind: addr.Task, Type: "terraform", Name: "test"}: {findings: []plan.FindingRecord{
			checked("net", "clean", now.Add(-2*time.Hour), managed),
		}},
		{Kind: addr.Task, Type: "other", Name: "x"}: {findings: []plan.FindingRecord{checked("none", "clean", now, nil)}},
	}}
}

func TestStacksAsTFDriftAgentTellsOfThem(t *testing.T) {
	t.Parallel()
	now := time.Unix(100_000, 0)
	var got []api.Deployment
	for _, d := range deploymentsOf(twoTasks(now), now) {
		got = append(got, d.Deployment)
	}
	want := []api.Deployment{
		{Name: "db", Checked: now, Success: true, Drifted: true, Plan: "no-op=1, create=3, update=1, delete=1, forget=1"},
		{Name: "task.terraform.prod/net", Checked: now, Success: true, Plan: "no-op=5"},
		{Name: "task.terraform.test/net", Checked: now.Add(-2 * time.Hour)}, // too long ago
		{Name: "web", Checked: now},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the deployments (-want +got):\n%s", diff)
	}
}

func TestMetricsOfTFDriftAgent(t *testing.T) {
	t.Parallel()
	now := time.Unix(100_000, 0)
	var b event.Builder
	deploymentMetrics(&b, deploymentsOf(twoTasks(now), now), now)
	text, problems := exposition.Append(nil, b.Batch())
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for _, line := range []string{
		`drift_monitor_agent_drift_detected_changes{name="db"} 5`,
		`drift_monitor_agent_drift_detected_changes{name="task.terraform.prod/net"} 0`,
		`drift_monitor_agent_drift_check_success{name="db"} 1`,
		`drift_monitor_agent_drift_check_error{name="db"} 0`,
		`drift_monitor_agent_drift_check_success{name="web"} 0`,
		`drift_monitor_agent_drift_check_error{name="web"} 1`,
		`drift_monitor_agent_drift_check_duration{name="web",phase="terraform_plan"} 7`,
		`drift_monitor_agent_drift_check_duration{name="web",phase="total"} 15`,
	} {
		if !strings.Contains(string(text), line+"\n") {
			t.Errorf("there is no %s in:\n%s", line, text)
		}
	}
	if strings.Contains(string(text), `changes{name="web"}`) {
		t.Errorf("an old number passes for a fresh one:\n%s", text)
	}
}
