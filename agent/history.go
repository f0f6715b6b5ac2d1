package agent

import (
	"path/filepath"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
)

// openHistory opens the history of drift. Where that can't be read or written
// the agent goes on without what it knew.
func openHistory(dir string, retention time.Duration, o Options) *history.Store {
	log := o.Log.Named("history")
	store, err := history.Open(history.Options{Path: filepath.Join(dir, "history"), Retention: retention, Now: o.Now})
	if err != nil {
		log.Error("the history of drift starts anew", "error", err)
	}
	if n := store.Damaged(); n > 0 {
		log.Error("the end of the history of drift was damaged, and is left out; what drifted in that time may be told once more",
			"bytes", n, "copy", filepath.Join(dir, "history.corrupt"))
	}
	return store
}

// remember takes over what runs say of the host. What has happened with that is
// told by the courier.
func (a *Agent) remember(runs ...history.Run) {
	if len(runs) == 0 {
		return
	}
	for _, run := range runs {
		for i := range run.Observations {
			o := &run.Observations[i]
			o.Acknowledged = a.acknowledgement(o.Subject, o.Fingerprint)
		}
	}
	a.tell(a.history.Record(runs...))
	a.endAcknowledgements(runs)
}

// tell tells what has happened.
func (a *Agent) tell(transitions []history.Transition, err error) {
	if err != nil {
		a.Log.Named("history").Error("what drifted is not on the disk", "error", err)
	}
	for _, g := range history.GroupByCause(transitions) {
		a.Log.Named(g.Task).Info(g.Message(), "event", string(g.Event), "verdict", g.Verdict, "previous", g.Previous)
		a.courier.tell(g.Task)
	}
}

// keepHistory forgets what is known of tasks that are not in a graph, or off:
// nobody looks at them any more.
func (a *Agent) keepHistory(graph *eval.Graph) {
	there := observed(graph)
	a.history.SetRetention(graph.Agent.HistoryRetention)
	if err := a.history.Keep(func(task string) bool { return there[task] }); err != nil {
		a.Log.Named("history").Error("that tasks are gone is not on the disk", "error", err)
	}
}

// observed are the tasks of a graph that somebody looks at.
func observed(graph *eval.Graph) map[string]bool {
	there := make(map[string]bool)
	for _, n := range graph.Order() {
		there[n.Addr.String()] = n.Meta.Enforcement != eval.Off
	}
	return there
}

// Stacks implements [api.DriftBackend]. Of a task that has stacks it leaves the
// task itself out, unless that failed.
func (a *Agent) Stacks() []api.Stack {
	states := a.history.States()
	hasStacks := make(map[string]bool)
	for _, s := range states {
		hasStacks[s.Task] = hasStacks[s.Task] || s.Name != ""
	}
	now := a.Now()
	var stacks []api.Stack
	for _, s := range states {
		if s.Name == "" && hasStacks[s.Task] && s.Error == "" {
			continue
		}
		isFresh := s.IsFresh() && (s.StaleAfter == 0 || now.Sub(s.LastSuccess) < s.StaleAfter)
		s.Past, s.StaleAfter = nil, 0 // they are for the agent
		stacks = append(stacks, api.Stack{State: s, Fresh: isFresh, Granted: a.granted(s)})
	}
	return stacks
}

// History implements [api.DriftBackend].
func (a *Agent) History(isWanted func(history.Transition) bool, limit int) []history.Transition {
	return a.history.Transitions(isWanted, limit)
}

func (a *Agent) describeHistory() api.Memory {
	m := api.Memory{Untold: a.history.Untold()}
	if err := a.history.Problem(); err != nil {
		m.Error = a.Hidden.String(err.Error())
	}
	return m
}
