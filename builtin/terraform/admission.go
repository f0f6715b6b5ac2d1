package terraform

import (
	"cmp"
	"context"
	"slices"
	"sort"
	"sync"
	"time"
)

// admission decides which checks may begin, over all tasks of the process. A
// check needs places, such as one of those of its task and one of its group,
// and room in memory. It gets all of them at once, so that what waits for one
// keeps none of the others from anybody.
//
// The longest begin first, so that none of them is left to run alone in the
// end. A check that takes longer counts as if it had asked earlier by as much:
// once one has waited for as long as a check can take, all that ask after it
// come after it, and so none waits for ever.
type admission struct {
	mu      sync.Mutex
	taken   map[string]int // places, by their names
	memory  int64          // that the checks which run are taken to need, in bytes
	waiting []*turn        // in the order in which they begin

	usual   int64 // bytes that a check needs on the average
	learned int   // from how many that is known, up to usualOf
}

const (
	// usualOf is how many checks the usual one is the average of.
	usualOf = 100
	// usualAtFirst is what a check is taken to need as long as nothing is known
	// of any, in bytes: that of a large provider beside terraform itself.
	usualAtFirst = 512 << 20
)

func newAdmission() *admission { return &admission{taken: map[string]int{}, usual: usualAtFirst} }

// place is what only so many checks have at the same time.
type place struct {
	name  string
	limit int
}

// demand is what a check needs in order to begin.
type demand struct {
	places []place
	memory int64         // that it needed the last time, in bytes; 0: not known
	room   int64         // bytes that all that run may need with it; 0: any number
	length time.Duration // how long it took the last time
	asked  time.Time
}

// turn is that of one check: it waits, then runs, then leaves.
type turn struct {
	demand
	admission *admission
	begun     chan struct{} // closed when it may run
	holds     int64         // bytes, from then on
	took      int64         // bytes, as it turned out; 0: not known
}

// ask queues for what is demanded. The turn must leave, whether it was waited
// for or not.
func (a *admission) ask(d demand) *turn {
	t := &turn{demand: d, admission: a, begun: make(chan struct{})}
	a.mu.Lock()
	defer a.mu.Unlock()
	at := sort.Search(len(a.waiting), func(i int) bool { return a.waiting[i].rank().After(t.rank()) })
	a.waiting = slices.Insert(a.waiting, at, t)
	if a.hasPlaces(t) { // else it changes nothing for anybody
		a.admit()
	}
	return t
}

// rank orders turns, those that begin first before others.
func (t *turn) rank() time.Time { return t.asked.Add(-t.length) }

// wait returns when the check may begin, or with the cause of the end of ctx.
func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.begun:
	case <-ctx.Done():
	}
	return context.Cause(ctx)
}

// leave gives back what the turn has, or its place in the queue.
func (t *turn) leave() {
	a := t.admission
	a.mu.Lock()
	defer a.mu.Unlock()
	select {
	case <-t.begun:
		a.giveBack(t)
	default:
		a.waiting = slices.DeleteFunc(a.waiting, func(other *turn) bool { return other == t })
	}
	a.admit()
}

// admit has all begin that can. Behind a turn that lacks nothing but memory none
// does: what becomes free is kept for it.
func (a *admission) admit() {
	for i := 0; i < len(a.waiting); {
		t := a.waiting[i]
		if !a.hasPlaces(t) {
			i++
			continue
		}
		if !a.hasRoom(t) {
			return
		}
		a.waiting = slices.Delete(a.waiting, i, i+1)
		a.begin(t)
	}
}

func (a *admission) hasPlaces(t *turn) bool {
	return !slices.ContainsFunc(t.places, func(p place) bool { return a.taken[p.name] >= p.limit })
}

// hasRoom lets a check that needs more than there is run alone.
func (a *admission) hasRoom(t *turn) bool {
	return t.room == 0 || a.memory == 0 || a.memory+a.need(t) <= t.room
}

// need takes a check of which nothing is known for one like the others.
func (a *admission) need(t *turn) int64 { return cmp.Or(t.memory, a.usual) }

func (a *admission) begin(t *turn) {
	for _, p := range t.places {
		a.taken[p.name]++
	}
	t.holds = a.need(t)
	a.memory += t.holds
	close(t.begun)
}

func (a *admission) giveBack(t *turn) {
	for _, p := range t.places {
		if a.taken[p.name]--; a.taken[p.name] == 0 {
			delete(a.taken, p.name)
		}
	}
	a.memory -= t.holds
	if t.took > 0 {
		a.learned = min(a.learned+1, usualOf)
		a.usual += (t.took - a.usual) / int64(a.learned)
	}
}
