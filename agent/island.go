package agent

import (
	"context"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin/schema"
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
		return &island{
			Agent: a,
			addrs: addrs,
			due:   make(map[addr.Addr]time.Time),
			asked: make(map[addr.Addr]cty.Value),
			said:  make(map[addr.Addr]cty.Value),

			polledAt: make(map[addr.Addr]time.Time),
			failed:   make(map[addr.Addr]bool),
			pushes:   newPushes(),
		}, nil
	}
}

// Run implements [runner.Service]. The first run of everything is at once.
func (i *island) Run(ctx context.Context) error {
	for {
		asked, isUrgent := i.expedite()
		wait := time.NewTimer(i.wait(isUrgent))
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

// wait is how long nothing is to be done.
func (i *island) wait(isUrgent bool) time.Duration {
	if isUrgent {
		return 0
	}
	return i.next().Sub(i.Now())
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
	run, due := make(map[addr.Addr]bool), make(map[addr.Addr]bool)
	for _, n := range i.takeDue(graph) {
		switch {
		case n.Addr.Kind == addr.Task:
			run[n.Addr], due[n.Addr] = true, true
		case i.poll(ctx, graph, n):
			for _, user := range graph.Dependencies().Dependents(n.Addr) {
				run[user] = true
			}
		}
	}
	i.addTriggered(graph, run)
	i.addAsked(graph, run)
	targets := slices.DeleteFunc(slices.Clone(i.addrs), func(a addr.Addr) bool { return !run[a] || a.Kind != addr.Task })
	if len(targets) == 0 || ctx.Err() != nil {
		return
	}
	i.run(ctx, graph, targets, due)
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
		i.due[a] = now.Add(jitter(i.interval(graph, n)))
		due = append(due, n)
	}
	return due
}

const (
	// minInterval keeps a mistaken interval from taking the whole machine.
	minInterval = 100 * time.Millisecond
	// defaultPoll is how often a source is read that doesn't say.
	defaultPoll = time.Minute
)

// jitter shortens an interval a little, to spread what many agents do at the
// same interval. What is due at least every d must not become later.
func jitter(d time.Duration) time.Duration {
	d = max(d, minInterval)
	return d - rand.N(d/10)
}

// interval is how often a block is due. A source says so in poll_interval.
func (i *island) interval(graph *eval.Graph, n *eval.Node) time.Duration {
	if n.Addr.Kind != addr.Task {
		cfg, _ := i.configOf(graph, n)
		return pollInterval(cfg.Config)
	}
	return graph.IntervalOf(n)
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

// configOf evaluates a source, and reports whether it can be read.
func (i *island) configOf(graph *eval.Graph, n *eval.Node) (eval.Evaluated, bool) {
	cfg, diags := graph.Eval(n, i.learned.valuesFor(graph, n))
	if diags.HasErrors() {
		return eval.Evaluated{Config: cty.EmptyObjectVal}, false // the tasks that depend on it report the error
	}
	return cfg, graph.Known(n, cfg)
}
