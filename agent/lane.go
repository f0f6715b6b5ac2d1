package agent

import (
	"context"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// lane are tasks of an island that can't be run side by side, see [plan.Island].
type lane struct {
	tasks   []addr.Addr // in the order of the graph
	sources []addr.Addr // of values, that these depend on
	isBusy  bool        // a run is under way
	// used is what the sources said for the last run, or before the first one
	// when they were first read.
	used reads
}

func newLanes(graph *eval.Graph, parts [][]addr.Addr) []*lane {
	var lanes []*lane
	for _, tasks := range parts {
		l := &lane{tasks: tasks, used: make(reads)}
		for _, a := range graph.Dependencies().Closure(tasks...) {
			if n, ok := graph.Node(a); ok && isData(n) {
				l.sources = append(l.sources, a)
			}
		}
		lanes = append(lanes, l)
	}
	return lanes
}

// dueOf returns the tasks of a lane that are due.
func (i *island) dueOf(graph *eval.Graph, l *lane, now time.Time) []addr.Addr {
	return slices.DeleteFunc(slices.Clone(l.tasks), func(a addr.Addr) bool {
		_, ok := graph.Node(a)
		return !ok || i.due[a].After(now)
	})
}

// mayRun reports whether the tasks of a lane that are due can be run: none of
// them is under way, and the sources have been read where these were due, too.
// A source that can't show the newest while it is in use comes first: with one
// run beginning during another it would never move.
func (i *island) mayRun(l *lane, due []addr.Addr, now time.Time) bool {
	if l.isBusy {
		return false
	}
	since := i.due[due[0]]
	for _, a := range due {
		if at := i.due[a]; at.Before(since) {
			since = at
		}
	}
	return !slices.ContainsFunc(l.sources, func(s addr.Addr) bool {
		isUnread := i.polledAt[s].IsZero() || !i.due[s].After(now) && i.polledAt[s].Before(since)
		return i.reading[s] || isUnread || i.lags[s] && i.isInUse(s)
	})
}

func (i *island) isInUse(source addr.Addr) bool {
	return slices.ContainsFunc(i.lanes, func(l *lane) bool { return l.isBusy && slices.Contains(l.sources, source) })
}

// beginRun runs the tasks of a lane that are due, and those that they trigger.
func (i *island) beginRun(ctx context.Context, graph *eval.Graph, l *lane, due []addr.Addr, now time.Time) {
	run := make(map[addr.Addr]bool)
	for _, a := range due {
		run[a] = true
		n, _ := graph.Node(a) // those that are due are in it
		i.setDue(a, nextDue(graph, n, now))
	}
	i.addTriggered(graph, run)
	targets := slices.DeleteFunc(slices.Clone(l.tasks), func(a addr.Addr) bool { return !run[a] })
	l.isBusy = true
	i.spawn(ctx, func() func() {
		used := i.run(ctx, graph, l.sources, targets)
		outdated := i.outdated(graph)
		return func() { i.endRun(graph, l, used, outdated) }
	})
}

// endRun has the sources read again that a run kept from moving, or whose
// arguments it has changed, and the tasks run again whose source has moved
// meanwhile.
func (i *island) endRun(graph *eval.Graph, l *lane, used reads, outdated []addr.Addr) {
	l.isBusy, l.used = false, used
	for _, s := range l.sources {
		if i.lags[s] {
			outdated = append(outdated, s)
		}
	}
	for _, s := range outdated {
		i.due[s] = time.Time{}
	}
	i.catchUp(graph, l)
}

// catchUp makes the tasks of a lane due whose sources say something else than for
// its last run. A lane that is at work is asked again at the end.
func (i *island) catchUp(graph *eval.Graph, l *lane) {
	if l.isBusy {
		return
	}
	for _, s := range l.sources {
		before, isKnown := l.used[s]
		now, isRead := i.readings.get(s)
		if !isRead || isKnown && before.same(now) {
			continue
		}
		l.used[s] = now
		if !isKnown {
			continue // it is what the first run will use
		}
		for _, a := range graph.Dependencies().Dependents(s) {
			if slices.Contains(l.tasks, a) {
				i.bring(a, i.Now())
			}
		}
	}
}
