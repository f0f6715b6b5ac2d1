package agent

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// phaseBuckets are the upper bounds in seconds of how long a phase of a check
// may take: from a plan of a few resources to one that nearly times out.
func phaseBuckets() []float64 {
	return []float64{0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 600, 1800}
}

// phases are how long the phases of checks took. They are kept of a task, not
// of each of its stacks, of which there may be hundreds.
type phases struct{ *prometheus.HistogramVec }

func newPhases() phases {
	return phases{prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name:    "driftless_terraform_phase_duration_seconds",
		Help:    "How long the checks of the stacks of a task took, by phase.",
		Buckets: phaseBuckets(),
	}, []string{"task", "phase"})}
}

// count adds the checks of one run.
func (p phases) count(task addr.Addr, stacks []plan.FindingRecord) {
	if task.Type != "terraform" {
		return
	}
	for _, s := range stacks {
		m := measured{s.Value}
		if !m.isCheck() {
			continue
		}
		for phase, took := range m.numbers("phases") {
			p.WithLabelValues(task.String(), phase).Observe(took)
		}
	}
}

// keep forgets the tasks that are gone.
func (p phases) keep(before, after map[addr.Addr]*taskState) {
	for a := range before {
		if after[a] == nil {
			p.DeletePartialMatch(prometheus.Labels{"task": a.String()})
		}
	}
}
