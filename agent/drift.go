package agent

import (
	"maps"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/plugin/event"
)

var (
	stackSince    = gauge("driftless_terraform_drift_since_timestamp_seconds", "Since when a stack is not as declared; there is none while it is.")
	driftKnown    = gauge("driftless_drift_acknowledged_until_timestamp_seconds", "Until when the drift of a stack, or of a task that has none, is acknowledged; there is none where it isn't.")
	historyUntold = gauge("driftless_history_untold_transitions", "Transitions that not all sinks have taken yet.")
)

// driftMetrics are those that take more than the last run to know.
func (a *Agent) driftMetrics(b *event.Builder, tasks map[addr.Addr]taskState, now time.Time) {
	b.Metric(historyUntold, now, float64(a.history.Untold()))
	open := make(map[history.Subject]*history.Drift)
	for _, s := range a.history.States() {
		if s.Drift != nil {
			open[s.Subject] = s.Drift
		}
	}
	for _, task := range slices.SortedFunc(maps.Keys(tasks), addr.Compare) {
		if drift := open[history.Subject{Task: task.String()}]; drift != nil && drift.Acknowledged != nil {
			b.Metric(driftKnown, now, seconds(drift.Acknowledged.Until), "task", task.String())
		}
		if task.Type != "terraform" {
			continue
		}
		for _, stack := range tasks[task].findings {
			drift := open[history.Subject{Task: task.String(), Name: a.shown(stack.Name)}]
			if drift == nil {
				continue
			}
			m := measured{stack.Value}
			labels := []string{"task", task.String(), "stack", m.text("path"), "workspace", m.text("workspace")}
			b.Metric(stackSince, now, seconds(drift.Since), labels...)
			if drift.Acknowledged != nil {
				b.Metric(driftKnown, now, seconds(drift.Acknowledged.Until), labels...)
			}
		}
	}
}
