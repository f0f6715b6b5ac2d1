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

// noteFirst notes when something first happened to a task.
func noteFirst(first map[addr.Addr]time.Time, task addr.Addr, at time.Time) {
	if before, ok := first[task]; !ok || at.Before(before) {
		first[task] = at
	}
}

// idle are the tasks that are not being run.
func (i *island) idle() (tasks []addr.Addr) {
	for _, l := range i.lanes {
		if !l.isBusy {
			tasks = append(tasks, l.tasks...)
		}
	}
	return tasks
}

// wantedSince is when the first task of a lane was due that is to be run now, or
// had another reason to be, and whether there is any.
func (i *island) wantedSince(graph *eval.Graph, l *lane, now time.Time) (first time.Time, ok bool) {
	for _, a := range l.tasks {
		if _, isThere := graph.Node(a); !isThere {
			continue
		}
		times := []time.Time{i.due[a]}
		for _, other := range []map[addr.Addr]time.Time{i.early, i.parts} {
			if at, isWanted := other[a]; isWanted {
				times = append(times, at)
			}
		}
		if at := slices.MinFunc(times, time.Time.Compare); !at.After(now) && (!ok || at.Before(first)) {
			first, ok = at, true
		}
	}
	return first, ok
}

// mayRun reports whether the tasks of a lane can be run that have been wanted
// since a time: none of the lane is under way, and the sources have been read
// where these were due, too. One read is enough: sources that are read all the
// time would never all be at rest. A source that can't show the newest while it
// is in use comes first: with one run beginning during another, or at its end,
// it would never move.
func (i *island) mayRun(l *lane, since, now time.Time) bool {
	return !l.isBusy && !slices.ContainsFunc(l.sources, func(s addr.Addr) bool {
		at, isRead := i.readAt[s]
		isDue := i.reading[s] || !i.due[s].After(now)
		return !isRead || isDue && at.Before(since) || i.lags[s] && i.isInUse(s)
	})
}

func (i *island) isInUse(source addr.Addr) bool {
	return slices.ContainsFunc(i.lanes, func(l *lane) bool { return l.isBusy && slices.Contains(l.sources, source) })
}

// want is why a task is run, the weaker reasons first.
type want int

const (
	wantParts want = iota + 1 // somebody wants some stacks of it checked, and no more
	wantEarly                 // something that it refers to may be another
	wantDue
)

// ran is what became of a run.
type ran struct {
	used  reads       // what it went by
	whole []addr.Addr // the tasks of which it has looked at all that may be another
}

// beginRun runs the tasks of a lane that are wanted, and those that they trigger.
func (i *island) beginRun(ctx context.Context, graph *eval.Graph, l *lane, now time.Time) {
	wants := i.take(graph, l, now)
	targets := slices.DeleteFunc(slices.Clone(l.tasks), func(a addr.Addr) bool { return wants[a] == 0 })
	l.isBusy = true
	i.spawn(ctx, func() func() {
		r := i.run(ctx, graph, l.sources, targets, wants)
		outdated := i.outdated(graph)
		return func() { i.endRun(graph, l, r, outdated) }
	})
}

// take returns the tasks of a lane that are to be run now, and why, and sets when
// those are due again that are due.
func (i *island) take(graph *eval.Graph, l *lane, now time.Time) map[addr.Addr]want {
	run, wants := make(map[addr.Addr]bool), make(map[addr.Addr]want)
	for _, a := range l.tasks {
		n, isThere := graph.Node(a)
		_, isEarly := i.early[a]
		delete(i.early, a)
		switch {
		case !isThere:
		case !i.due[a].After(now):
			run[a], wants[a] = true, wantDue
			i.setDue(a, nextDue(graph, n, now))
		case isEarly:
			run[a] = true
		}
	}
	i.addTriggered(graph, run)
	for _, a := range l.tasks {
		_, isThere := graph.Node(a)
		_, isPart := i.parts[a]
		delete(i.parts, a)
		switch {
		case run[a]:
			wants[a] = max(wants[a], wantEarly)
		case isThere && isPart:
			wants[a] = wantParts
		}
	}
	return wants
}

// endRun has the sources read again that a run kept from moving, or whose
// arguments it has changed, and the tasks run again whose source has moved
// meanwhile.
func (i *island) endRun(graph *eval.Graph, l *lane, r ran, outdated []addr.Addr) {
	before := l.used
	l.isBusy, l.used = false, r.used
	for _, s := range l.sources {
		if was, isKnown := before[s]; isKnown && !was.same(r.used[s]) { // while the run waited to begin
			i.renew(graph, l, s, r.whole)
		}
		if i.lags[s] {
			delete(i.readAt, s)
		}
		if i.lags[s] || i.reading[s] {
			outdated = append(outdated, s)
		}
	}
	for _, s := range outdated {
		i.due[s] = time.Time{}
	}
	i.catchUp(graph, l)
}

// catchUp has the tasks of a lane run whose sources say something else than for
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
		if isKnown { // else it is what the first run will use
			i.renew(graph, l, s, nil)
		}
	}
}

// renew has the tasks of a lane run that depend on a source which has moved, but
// for those that have gone by that already.
func (i *island) renew(graph *eval.Graph, l *lane, source addr.Addr, done []addr.Addr) {
	for _, a := range graph.Dependencies().Dependents(source) {
		if slices.Contains(l.tasks, a) && !slices.Contains(done, a) {
			noteFirst(i.early, a, i.polledAt[source])
		}
	}
}
