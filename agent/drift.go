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
	historyUntold = gauge("driftless_history_untold_transitions", "Transitions that not all sinks have taken yet.")
)

// driftMetrics are those that take more than the last run to know.
func (a *Agent) driftMetrics(b *event.Builder, tasks map[addr.Addr]taskState, now time.Time) {
	b.Metric(historyUntold, now, float64(a.history.Untold()))
	since := make(map[history.Subject]time.Time)
	for _, s := range a.history.States() {
		if s.Drift != nil {
			since[s.Subject] = s.Drift.Since
		}
	}
	for _, task := range slices.SortedFunc(maps.Keys(tasks), addr.Compare) {
		if task.Type != "terraform" {
			continue
		}
		for _, stack := range tasks[task].findings {
			if at, isOpen := since[history.Subject{Task: task.String(), Name: a.shown(stack.Name)}]; isOpen {
				m := measured{stack.Value}
				b.Metric(stackSince, now, seconds(at), "task", task.String(), "stack", m.text("path"), "workspace", m.text("workspace"))
			}
		}
	}
}
