package agent

import (
	"math/rand/v2"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/cron"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/plugin/schema"
)

const (
	// minInterval keeps a mistaken interval from taking the whole machine.
	minInterval = 100 * time.Millisecond
	// defaultPoll is how often a source is read that doesn't say.
	defaultPoll = time.Minute
	// maxDelay is how long after the time that a schedule names a task is run,
	// at the most.
	maxDelay = time.Minute
)

// firstDue is when a task is run for the first time by this agent: at once, but
// one with a schedule only where its time has come since its last run.
func (a *Agent) firstDue(n *eval.Node) time.Time {
	s := n.Meta.Schedule
	if s.IsZero() {
		return time.Time{}
	}
	last := a.history.LastCheck(history.Subject{Task: n.Addr.String()}) // by whatever agent of this data directory
	if last.IsZero() {
		last = a.Now()
	}
	return delayed(s, s.Next(last))
}

// nextDue is when a task is due that is run now.
func nextDue(graph *eval.Graph, n *eval.Node, now time.Time) time.Time {
	if s := n.Meta.Schedule; !s.IsZero() {
		return delayed(s, s.Next(now))
	}
	return now.Add(jitter(graph.IntervalOf(n)))
}

// jitter shortens an interval a little, to spread what many agents do at the
// same interval. What is due at least every d must not become later.
func jitter(d time.Duration) time.Duration {
	d = max(d, minInterval)
	return d - rand.N(d/10)
}

// delayed puts off a time that a schedule names a little, to spread what many
// agents do at the same time. A schedule must not come early.
func delayed(s cron.Schedule, at time.Time) time.Time {
	return at.Add(rand.N(min(s.Next(at).Sub(at)/10, maxDelay)))
}

func pollInterval(cfg cty.Value) time.Duration {
	if !cfg.Type().HasAttribute("poll_interval") {
		return defaultPoll
	}
	v := cfg.GetAttr("poll_interval")
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return defaultPoll
	}
	d, err := schema.ParseDuration(v.AsString())
	if err != nil || d == 0 {
		return defaultPoll
	}
	return d
}
