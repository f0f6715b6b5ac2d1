package agent

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// The metrics of TFDriftAgent.
var (
	deploymentChanges  = gauge("drift_monitor_agent_drift_detected_changes", "Number of drift detected changes")
	deploymentSuccess  = gauge("drift_monitor_agent_drift_check_success", "Number of successful drift checks")
	deploymentError    = gauge("drift_monitor_agent_drift_check_error", "Number of error drift checks")
	deploymentDuration = gauge("drift_monitor_agent_drift_check_duration", "Duration of drift checks")
)

// deployment is a stack as TFDriftAgent tells of it.
type deployment struct {
	api.Deployment
	changes int
	took    map[string]float64 // seconds by phase
}

// Deployments implements [api.Backend].
func (a *Agent) Deployments() ([]api.Deployment, bool) {
	if !a.current().DriftMonitorAgent {
		return nil, false
	}
	var all []api.Deployment
	for _, d := range deploymentsOf(a.board.picture(), a.Now()) {
		all = append(all, d.Deployment)
	}
	return all, true
}

// deploymentsOf are the stacks of all tasks, in the order of their names.
func deploymentsOf(p picture, now time.Time) []deployment {
	tasks := make(map[string][]string) // by the name of a stack
	for a, t := range p.tasks {
		for _, f := range stacksOf(a, t) {
			tasks[f.Name] = append(tasks[f.Name], a.String())
		}
	}
	var all []deployment
	for a, t := range p.tasks {
		for _, f := range stacksOf(a, t) {
			d := deploymentOf(f, now)
			if len(tasks[f.Name]) > 1 {
				d.Name = a.String() + "/" + f.Name
			}
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(x, y deployment) int { return strings.Compare(x.Name, y.Name) })
	return all
}

// deploymentOf tells nothing of a stack that could not be checked but that:
// what was found before may not be so any more.
func deploymentOf(f plan.FindingRecord, now time.Time) deployment {
	m := measured{f.Value}
	d := deployment{took: m.numbers("phases")}
	d.Name, d.Checked = f.Name, time.UnixMilli(int64(m.number("checked")*1000))
	d.Success = history.Tells(m.state(f.Verdict, now))
	if d.Success {
		wanted := wantedActions(f.Resources)
		d.changes = len(wanted)
		d.Drifted, d.Plan = d.changes > 0, breakdown(wanted, int(m.number("managed")), int(countActions(f.Resources, "pending")[plugin.Create]))
	}
	return d
}

// wantedActions are what an apply would do to each resource, which may have an
// entry for more than one reason.
func wantedActions(resources []plan.EntryRecord) map[string]plugin.Action {
	wanted := make(map[string]plugin.Action)
	for _, r := range resources {
		wanted[r.Name] = r.Action
		if r.Class == "drift" && r.Action == plugin.Delete {
			wanted[r.Name] = plugin.Create
		}
	}
	return wanted
}

// breakdown counts the resources by the actions of Terraform, among which a
// replacement is a deletion and a creation. What is new was not among the managed.
func breakdown(wanted map[string]plugin.Action, managed, isNew int) string {
	counts := make(map[plugin.Action]int)
	for _, action := range wanted {
		if action == plugin.Replace {
			counts[plugin.Delete]++
			action = plugin.Create
		}
		counts[action]++
	}
	var parts []string
	if same := managed + isNew - len(wanted); same > 0 {
		parts = append(parts, fmt.Sprintf("no-op=%d", same))
	}
	for _, action := range []plugin.Action{plugin.Create, plugin.Update, plugin.Delete, plugin.Forget} {
		if n := counts[action]; n > 0 {
			parts = append(parts, fmt.Sprintf("%s=%d", action, n))
		}
	}
	return strings.Join(parts, ", ")
}

// deploymentMetrics are those of TFDriftAgent. There is no clone in a check,
// and so none of its duration.
func deploymentMetrics(b *event.Builder, all []deployment, now time.Time) {
	for _, d := range all {
		if d.Success {
			b.Metric(deploymentChanges, now, float64(d.changes), "name", d.Name)
		}
		b.Metric(deploymentSuccess, now, number(d.Success), "name", d.Name)
		b.Metric(deploymentError, now, number(!d.Success), "name", d.Name)
		planned := d.took["init"] + d.took["plan"] + d.took["show"]
		b.Metric(deploymentDuration, now, planned, "name", d.Name, "phase", "terraform_plan")
		b.Metric(deploymentDuration, now, planned+d.took["queue"], "name", d.Name, "phase", "total")
	}
}
