package agent

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// island runs the tasks of one [plan.Island], each at its interval, and looks
// at its sources of values in between. Within an island one run follows the
// other, so that none ever overlaps with itself.
//
// It works with the graph that the agent has at the time. What a reload changes
// of the island's own blocks makes it another unit.
type island struct {
	*Agent
	addrs []addr.Addr // in the order of the graph
	due   map[addr.Addr]time.Time
	asked map[addr.Addr]cty.Value // what each source was last read with
	said  map[addr.Addr]cty.Value // and what it said

	polledAt map[addr.Addr]time.Time // when each source was last read
	failed   map[addr.Addr]bool      // the sources that could not be read then
	pushes   *pushes
}

func (a *Agent) startIsland(addrs []addr.Addr) start {
	return func(context.Context) (runner.Service, error) {
		i := &island{
			Agent: a,
			addrs: addrs,
			due:   make(map[addr.Addr]time.Time),
			asked: make(map[addr.Addr]cty.Value),
			said:  make(map[addr.Addr]cty.Value),

			polledAt: make(map[addr.Addr]time.Time),
			failed:   make(map[addr.Addr]bool),
			pushes:   newPushes(),
		}
		i.begin(a.graph.Load())
		return i, nil
	}
}

// begin notes when each task is due first.
func (i *island) begin(graph *eval.Graph) {
	for _, a := range i.addrs {
		if n, ok := graph.Node(a); ok && n.Addr.Kind == addr.Task {
			at := i.firstDue(n)
			i.due[a] = at
			i.board.update(a, func(t *taskState) { t.nextRun = at })
		}
	}
}

// Run implements [runner.Service].
func (i *island) Run(ctx context.Context) error {
	for {
		asked := i.expedite()
		wait := time.NewTimer(i.next().Sub(i.Now()))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-i.pushes.wake:
			wait.Stop()
			i.hurry()
		case <-asked:
			wait.Stop()
			continue
		case <-wait.C:
		}
		i.step(ctx, i.graph.Load())
	}
}

// next returns when the next block is due.
func (i *island) next() time.Time {
	next := i.due[i.addrs[0]]
	for _, a := range i.addrs {
		if at := i.due[a]; at.Before(next) {
			next = at
		}
	}
	return next
}

// step reads the sources that are due, and runs the tasks that are due or
// depend on a source that says something new.
func (i *island) step(ctx context.Context, graph *eval.Graph) {
	run := make(map[addr.Addr]bool)
	for _, n := range i.takeDue(graph) {
		switch {
		case n.Addr.Kind == addr.Task:
			run[n.Addr] = true
		case i.poll(ctx, graph, n):
			for _, user := range graph.Dependencies().Dependents(n.Addr) {
				run[user] = true
			}
		}
	}
	i.addTriggered(graph, run)
	targets := slices.DeleteFunc(slices.Clone(i.addrs), func(a addr.Addr) bool { return !run[a] || a.Kind != addr.Task })
	if len(targets) == 0 || ctx.Err() != nil {
		return
	}
	i.run(ctx, graph, targets)
	i.recheck(graph)
}

// addTriggered adds the tasks that may be triggered by those that are run, or
// that are looked at because these depend on them.
func (i *island) addTriggered(graph *eval.Graph, run map[addr.Addr]bool) {
	involved := graph.Dependencies().Closure(slices.Collect(maps.Keys(run))...)
	for _, a := range i.addrs { // each after those that trigger it
		n, ok := graph.Node(a)
		if ok && !run[a] && slices.ContainsFunc(n.Triggers, func(t addr.Addr) bool { return slices.Contains(involved, t) }) {
			run[a] = true
			involved = append(involved, graph.Dependencies().Closure(a)...)
		}
	}
}

// takeDue returns the blocks that are due, and sets when they are due again.
func (i *island) takeDue(graph *eval.Graph) []*eval.Node {
	now := i.Now()
	var due []*eval.Node
	for _, a := range i.addrs {
		n, ok := graph.Node(a)
		if !ok || i.due[a].After(now) {
			continue
		}
		i.due[a] = i.dueAfter(graph, n, now)
		due = append(due, n)
	}
	return due
}

// dueAfter is when a block is due that is read or run now. A source says so in
// poll_interval.
func (i *island) dueAfter(graph *eval.Graph, n *eval.Node, now time.Time) time.Time {
	if n.Addr.Kind == addr.Task {
		return nextDue(graph, n, now)
	}
	cfg, _ := i.configOf(graph, n)
	return now.Add(jitter(pollInterval(cfg.Config)))
}

// configOf evaluates a source, and reports whether it can be read.
func (i *island) configOf(graph *eval.Graph, n *eval.Node) (eval.Evaluated, bool) {
	cfg, diags := graph.Eval(n, i.learned.valuesFor(graph, n))
	if diags.HasErrors() {
		return eval.Evaluated{Config: cty.EmptyObjectVal}, false // the tasks that depend on it report the error
	}
	return cfg, graph.Known(n, cfg)
}
