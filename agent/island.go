package agent

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
)

// island runs the tasks of one [plan.Island] when they are due, and reads its
// sources of values meanwhile. Its lanes run side by side; within a lane one run
// follows the other, so that no task ever overlaps with itself.
//
// One goroutine, that of Run, decides what begins, and only that one uses what
// is not said to be shared. Reads and runs have goroutines of their own, and
// hand back to it what is to be done at their end.
//
// It works with the graph that the agent has at the time. What a reload changes
// of the island's own blocks makes it another unit.
type island struct {
	*Agent
	addrs []addr.Addr // in the order of the graph
	lanes []*lane
	due   map[addr.Addr]time.Time
	early map[addr.Addr]time.Time // the tasks that refer to something new, since when
	parts map[addr.Addr]time.Time // those of which somebody wants only some stacks checked, since when

	polledAt map[addr.Addr]time.Time // when each source was last begun to be read
	readAt   map[addr.Addr]time.Time // when the last read of it was begun that has ended
	reading  map[addr.Addr]bool      // the sources that are being read
	lags     map[addr.Addr]bool      // those that couldn't show the newest, as it is in use

	group sync.WaitGroup // reads and runs
	ends  chan func()    // what is to be done at the end of each

	readings *readings // shared
	pushes   *pushes   // shared
}

func (a *Agent) startIsland(is plan.Island) start {
	return func(context.Context) (runner.Service, error) {
		graph := a.graph.Load()
		i := &island{
			Agent: a,
			addrs: addrsOf(is.Nodes),
			lanes: newLanes(graph, is.Lanes),
			due:   make(map[addr.Addr]time.Time),
			early: make(map[addr.Addr]time.Time),
			parts: make(map[addr.Addr]time.Time),

			polledAt: make(map[addr.Addr]time.Time),
			readAt:   make(map[addr.Addr]time.Time),
			reading:  make(map[addr.Addr]bool),
			lags:     make(map[addr.Addr]bool),

			ends: make(chan func()),

			readings: newReadings(),
			pushes:   newPushes(),
		}
		for _, n := range is.Nodes {
			if n.Addr.Kind == addr.Task {
				i.setDue(n.Addr, i.firstDue(n))
			}
		}
		return i, nil
	}
}

func addrsOf(nodes []*eval.Node) []addr.Addr {
	addrs := make([]addr.Addr, len(nodes))
	for k, n := range nodes {
		addrs[k] = n.Addr
	}
	return addrs
}

// Run implements [runner.Service].
func (i *island) Run(ctx context.Context) error {
	defer i.group.Wait()
	for ctx.Err() == nil {
		asked := i.expedite()
		now := i.Now()
		i.begin(ctx, i.graph.Load(), now)
		wait := time.NewTimer(i.next(now).Sub(i.Now()))
		select {
		case <-ctx.Done():
		case <-i.pushes.wake:
			i.hurry()
		case <-asked:
		case end := <-i.ends:
			end()
		case <-wait.C:
		}
		wait.Stop()
	}
	return nil
}

// begin begins all that is due and need not wait for something else. A lane
// comes before the sources that it uses: what is due has waited for one read of
// them, and doesn't wait for the next.
func (i *island) begin(ctx context.Context, graph *eval.Graph, now time.Time) {
	for _, l := range i.lanes {
		if since, ok := i.wantedSince(graph, l, now); ok && i.mayRun(l, since, now) {
			i.beginRun(ctx, graph, l, now)
		}
	}
	for _, a := range i.addrs {
		if n, ok := graph.Node(a); ok && isData(n) && !i.reading[a] && !i.due[a].After(now) {
			i.beginPoll(ctx, graph, n, now)
		}
	}
}

// maxWait is how long nothing happens at most: a clock can be set, and a machine
// can sleep.
const maxWait = time.Minute

// next returns when the next block is due after what was begun. What is due
// already waits for the end of something else.
func (i *island) next(now time.Time) time.Time {
	next := now.Add(maxWait)
	for _, at := range i.due {
		if at.After(now) && at.Before(next) {
			next = at
		}
	}
	return next
}

// setDue says when a task is due.
func (i *island) setDue(task addr.Addr, at time.Time) {
	i.due[task] = at
	i.board.update(task, func(t *taskState) { t.nextRun = at })
}

// bring makes a task due at a time, unless it is due before that.
func (i *island) bring(task addr.Addr, at time.Time) {
	if at.Before(i.due[task]) {
		i.setDue(task, at)
	}
}

// spawn does some work beside the rest, and then in the goroutine of the island
// what it returns.
func (i *island) spawn(ctx context.Context, work func() (end func())) {
	i.group.Go(func() {
		end := work()
		select {
		case i.ends <- end:
		case <-ctx.Done():
		}
	})
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

// configOf evaluates a source, and reports whether it can be read.
func (a *Agent) configOf(graph *eval.Graph, n *eval.Node) (eval.Evaluated, bool) {
	cfg, diags := graph.Eval(n, a.learned.valuesFor(graph, n))
	if diags.HasErrors() {
		return eval.Evaluated{Config: cty.EmptyObjectVal}, false // the tasks that depend on it report the error
	}
	return cfg, graph.Known(n, cfg)
}
