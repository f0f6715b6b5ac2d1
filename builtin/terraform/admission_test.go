package terraform

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
)

// queue has turns ask one after the other, and tells by name which have begun.
type queue struct {
	*admission
	names []string
	turns map[string]*turn
	asked time.Time
}

func newQueue() *queue {
	return &queue{newAdmission(), nil, map[string]*turn{}, time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (q *queue) ask(name string, d demand) {
	if d.asked.IsZero() {
		d.asked = q.asked
	}
	q.names = append(q.names, name)
	q.turns[name] = q.admission.ask(d)
}

func (q *queue) leave(name string) {
	q.turns[name].leave()
	delete(q.turns, name)
}

func (q *queue) want(t *testing.T, when string, want ...string) {
	t.Helper()
	var begun []string
	for _, name := range q.names {
		if turn := q.turns[name]; turn != nil && hasBegun(turn) {
			begun = append(begun, name)
		}
	}
	if diff := cmp.Diff(want, begun); diff != "" {
		t.Errorf("%s (-want +got):\n%s", when, diff)
	}
}

func hasBegun(t *turn) bool {
	select {
	case <-t.begun:
		return true
	default:
		return false
	}
}

func slots(n int) []place { return []place{{"task", n}} }

func TestWhatWaitsForItsGroupTakesNoSlotOfItsTask(t *testing.T) {
	t.Parallel()
	q := newQueue()
	aws := append(slots(2), place{"aws", 1})
	q.ask("first of the group", demand{places: aws})
	q.ask("second of the group", demand{places: aws})
	q.ask("of no group", demand{places: slots(2)})
	q.ask("of another task", demand{places: []place{{"other task", 1}, {"aws", 2}}})
	q.want(t, "at first", "first of the group", "of no group", "of another task")
	q.leave("of no group")
	q.want(t, "the group is full still", "first of the group", "of another task")
	q.leave("of another task")
	q.leave("first of the group")
	q.want(t, "the group is free", "second of the group")
}

func TestTheLongestBeginsFirst(t *testing.T) {
	t.Parallel()
	q := newQueue()
	q.ask("runs", demand{places: slots(1)})
	q.ask("short", demand{places: slots(1), length: time.Minute})
	q.ask("long", demand{places: slots(1), length: time.Hour})
	q.ask("as long", demand{places: slots(1), length: time.Hour})
	q.ask("longer, but nearly an hour later", demand{places: slots(1), length: time.Hour + time.Minute, asked: q.asked.Add(59 * time.Minute)})
	q.ask("longer, but more than an hour later", demand{places: slots(1), length: time.Hour + time.Minute, asked: q.asked.Add(61 * time.Minute)})
	for _, next := range []string{"long", "as long", "longer, but nearly an hour later", "short", "longer, but more than an hour later"} {
		for name, turn := range q.turns {
			if hasBegun(turn) {
				q.leave(name)
				break
			}
		}
		q.want(t, "next", next)
	}
}

func TestACheckWaitsForMemory(t *testing.T) {
	t.Parallel()
	const room = 1000
	q := newQueue()
	q.ask("half", demand{memory: 500, room: room})
	q.ask("more than half", demand{memory: 600, room: room})
	q.ask("little", demand{memory: 100, room: room})
	q.want(t, "none passes the one that waits for memory", "half")
	q.leave("half")
	q.want(t, "there is room", "more than half", "little")
	q.ask("more than there is", demand{memory: 5000, room: room})
	q.leave("little")
	q.want(t, "one still runs", "more than half")
	q.leave("more than half")
	q.ask("after it", demand{memory: 1, room: room})
	q.want(t, "it runs alone", "more than there is")
	q.leave("more than there is")
	q.want(t, "it has left", "after it")
	q.ask("of a task without a limit", demand{memory: 5000})
	q.want(t, "what has no limit waits for none", "after it", "of a task without a limit")
	q.ask("beside it", demand{memory: 1, room: room})
	q.want(t, "but is counted", "after it", "of a task without a limit")
}

func TestOneThatWaitsForAPlaceReservesNoMemory(t *testing.T) {
	t.Parallel()
	q := newQueue()
	q.ask("runs", demand{places: slots(1), memory: 100, room: 1000})
	q.ask("large", demand{places: slots(1), memory: 1000, room: 1000})
	q.ask("small", demand{places: []place{{"other", 1}}, memory: 900, room: 1000})
	q.want(t, "its slot is taken", "runs", "small")
	q.leave("runs")
	q.ask("another small one", demand{memory: 1, room: 1000})
	q.want(t, "it has its slot, and is the next to have memory", "small")
	q.leave("small")
	q.want(t, "it has both", "large")
}

func TestAnUnknownCheckIsTakenForOneLikeTheOthers(t *testing.T) {
	t.Parallel()
	q := newQueue()
	q.ask("unknown", demand{room: usualAtFirst})
	if got := q.turns["unknown"].holds; got != usualAtFirst {
		t.Errorf("as nothing is known of any it is taken to need %d bytes", got)
	}
	q.leave("unknown") // it never ran
	for _, took := range []int64{100, 300} {
		q.ask("known", demand{})
		q.turns["known"].took = took
		q.leave("known")
	}
	q.ask("half", demand{room: 400})
	q.ask("other half", demand{room: 400})
	q.want(t, "two of 200 fit", "half", "other half")
	q.ask("third", demand{room: 400})
	q.want(t, "three don't", "half", "other half")
}

// TestNothingIsLeftBehind has very many ask and some give up, and looks whether
// all limits hold and nothing stays once they are gone.
func TestNothingIsLeftBehind(t *testing.T) {
	t.Parallel()
	seed := rand.Uint64()
	t.Logf("the seed is %d", seed)
	random := rand.New(rand.NewPCG(seed, 1))
	synctest.Test(t, func(t *testing.T) {
		a := newAdmission()
		const room = 1000
		var mu sync.Mutex
		running, memory := map[string]int{}, int64(0)
		count := func(d demand, by int) {
			mu.Lock()
			defer mu.Unlock()
			memory += int64(by) * d.memory
			for _, p := range d.places {
				if running[p.name] += by; running[p.name] > p.limit {
					t.Errorf("%d run in %s, where %d may", running[p.name], p.name, p.limit)
				}
			}
			if memory > room && memory != d.memory {
				t.Errorf("%d bytes are held, where %d may be", memory, room)
			}
		}
		gaveUp := errors.New("gave up")
		var done sync.WaitGroup
		for i := range 2000 {
			group := 1 + random.IntN(3)
			d := demand{
				places: []place{{fmt.Sprint("task ", random.IntN(2)), 5}, {fmt.Sprint("group ", group), group}},
				memory: 1 + random.Int64N(room*11/10), room: room, length: time.Duration(random.Int64N(int64(time.Minute))), asked: time.Now(),
			}
			patience := time.Hour * 1000
			if i%5 == 0 {
				patience = time.Duration(random.Int64N(int64(time.Hour)))
			}
			done.Go(func() {
				ctx, cancel := context.WithTimeoutCause(t.Context(), patience, gaveUp)
				defer cancel()
				turn := a.ask(d)
				defer turn.leave()
				if err := turn.wait(ctx); err != nil {
					if !errors.Is(err, gaveUp) || patience > time.Hour {
						t.Errorf("waited with the error %v", err)
					}
					return
				}
				count(d, 1)
				time.Sleep(d.length)
				count(d, -1)
			})
		}
		done.Wait()
		if len(a.taken) > 0 || len(a.waiting) > 0 || a.memory != 0 {
			t.Errorf("places %v, %d that wait and %d bytes are left", a.taken, len(a.waiting), a.memory)
		}
	})
}

// BenchmarkAdmission is of a task with very many stacks.
func BenchmarkAdmission(b *testing.B) {
	const stacks, atOnce = 5000, 8
	for b.Loop() {
		a := newAdmission()
		turns := make([]*turn, stacks)
		for i := range turns {
			turns[i] = a.ask(demand{places: slots(atOnce), memory: 1, room: 100, length: time.Duration(i)})
		}
		slices.Reverse(turns[atOnce:]) // the first began at once, of the others the longest is next
		for _, turn := range turns {
			turn.leave()
		}
	}
}
