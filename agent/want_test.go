package agent

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/state"
)

// What is asked of a task, what its sources say and when it is due come together
// in one run of its lane.

// ask asks for a check of a task, or of some of its stacks.
func ask(t *testing.T, a *Agent, task string, stacks ...string) {
	t.Helper()
	if _, err := a.Check(task, stacks...); err != nil {
		t.Fatal(err)
	}
	synctest.Wait()
}

// wantLooks compares how often the stacks of a task were looked at so far.
func wantLooks(t *testing.T, l *lab, task string, want map[string]int) {
	t.Helper()
	synctest.Wait()
	got := make(map[string]int)
	for stack := range want {
		got[stack] = l.count("look " + task + " " + stack)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the looks at the stacks of %s (-want +got):\n%s", task, diff)
	}
}

func nextRun(a *Agent, task string) time.Time {
	return a.board.picture().tasks[addr.Addr{Kind: addr.Task, Type: "lab", Name: task}].nextRun
}

// holdLock has all that may change the host wait.
func holdLock(t *testing.T, a *Agent) (release func()) {
	t.Helper()
	free, err := state.Lock(a.dataDir, "apply", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	return func() {
		if err := free(); err != nil {
			t.Error(err)
		}
	}
}

const onceADay = `
task "lab" "a" {
  interval = "24h"
  timeout  = "72h"
}
`

func TestARequestForAStackJoinsARunThatWaits(t *testing.T) {
	for _, tt := range []struct {
		name    string
		begin   func(t *testing.T, a *Agent)
		request []string
		want    map[string]int // looks, after one at each
		early   int
	}{
		{name: "one of a task that is due", begin: func(*testing.T, *Agent) { time.Sleep(24 * time.Hour) }, request: []string{"net"}, want: map[string]int{"db": 2, "net": 2}},
		{name: "one of another stack", begin: func(t *testing.T, a *Agent) { ask(t, a, "task.lab.a", "db") }, request: []string{"net"}, want: map[string]int{"db": 2, "net": 2}},
		{name: "one of the same", begin: func(t *testing.T, a *Agent) { ask(t, a, "task.lab.a", "db") }, request: []string{"db"}, want: map[string]int{"db": 2, "net": 1}},
		{name: "one of the task", begin: func(t *testing.T, a *Agent) { ask(t, a, "task.lab.a", "db") }, want: map[string]int{"db": 2, "net": 2}},
		{name: "one of a task that somebody wants checked", begin: func(t *testing.T, a *Agent) { ask(t, a, "task.lab.a") }, request: []string{"db"}, want: map[string]int{"db": 2, "net": 2}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab()
			l.watch("db", "net")
			underClock(t, l, onceADay, func(t *testing.T, a *Agent) {
				synctest.Wait()
				release := holdLock(t, a)
				tt.begin(t, a)
				time.Sleep(time.Second)
				ask(t, a, "task.lab.a", tt.request...)
				release()
				time.Sleep(time.Minute)
				wantLooks(t, l, "task.lab.a", tt.want)
				if n := l.count("plan task.lab.a"); n != 2 {
					t.Errorf("it was run %d times in all", n)
				}
			})
		})
	}
}

func TestARequestForAStackDuringARunIsOneMoreOfThatAlone(t *testing.T) {
	l := newLab()
	l.watch("db", "net")
	underClock(t, l, onceADay, func(t *testing.T, a *Agent) {
		synctest.Wait()
		next := nextRun(a, "a")
		release := l.block("db")
		ask(t, a, "task.lab.a", "db") // it hangs
		for range 100 {
			ask(t, a, "task.lab.a", "net")
		}
		release()
		wantLooks(t, l, "task.lab.a", map[string]int{"db": 2, "net": 2})
		if n := l.count("plan task.lab.a"); n != 3 {
			t.Errorf("it was run %d times in all", n)
		}
		if got := nextRun(a, "a"); !got.Equal(next) {
			t.Errorf("the task was due %v, and is %v", next, got)
		}
	})
}

func TestARequestForAStackOfATaskThatIsDueIsOneRunOfAll(t *testing.T) {
	l := newLab()
	l.watch("db", "net")
	underClock(t, l, onceADay, func(t *testing.T, a *Agent) {
		synctest.Wait()
		release := l.block("task.lab.a")
		ask(t, a, "task.lab.a", "db") // it hangs
		ask(t, a, "task.lab.a", "net")
		time.Sleep(25 * time.Hour) // and now it is due, too
		release()
		wantLooks(t, l, "task.lab.a", map[string]int{"db": 3, "net": 2})
		if n := l.count("plan task.lab.a"); n != 3 {
			t.Errorf("it was run %d times in all", n)
		}
	})
}

const ofASource = `
source "value" "v" { poll_interval = "1m" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "24h"
}
`

func TestASourceThatMovesDuringARunHasTheTaskRunOnceAfterIt(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	underClock(t, l, ofASource, func(t *testing.T, a *Agent) {
		synctest.Wait()
		release := l.block("task.lab.a")
		ask(t, a, "task.lab.a") // it hangs
		next := nextRun(a, "a")
		for _, value := range []string{"two", "three", "four"} {
			l.say("source.value.v", value)
			time.Sleep(5 * time.Minute)
		}
		release()
		time.Sleep(time.Hour)
		if n := l.count("plan task.lab.a"); n != 3 {
			t.Errorf("it was run %d times in all", n)
		}
		if early, last := l.count("early task.lab.a"), l.count("open task.lab.a four"); early != 1 || last != 1 {
			t.Errorf("it was early %d times, and run with the last value %d times", early, last)
		}
		if got := nextRun(a, "a"); !got.Equal(next) {
			t.Errorf("the task was due %v, and is %v", next, got)
		}
	})
}

// TestASourceThatMovesWhileARunOfAStackWaits is about a run that goes by what is
// new, but looks at a part.
func TestASourceThatMovesWhileARunOfAStackWaits(t *testing.T) {
	l := newLab()
	l.watch("db", "net")
	l.say("source.value.v", "one")
	underClock(t, l, ofASource, func(t *testing.T, a *Agent) {
		synctest.Wait()
		release := holdLock(t, a)
		ask(t, a, "task.lab.a", "db")
		l.say("source.value.v", "two")
		time.Sleep(5 * time.Minute)
		release()
		time.Sleep(time.Hour)
		wantLooks(t, l, "task.lab.a", map[string]int{"db": 3, "net": 2})
		if n := l.count("early task.lab.a"); n != 1 {
			t.Errorf("it was early %d times", n)
		}
	})
}

// TestASourceThatMovesWhileARunOfAnotherTaskOfTheLaneWaits is about a task that
// this run doesn't look at.
func TestASourceThatMovesWhileARunOfAnotherTaskOfTheLaneWaits(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	underClock(t, l, ofASource+`
task "lab" "b" {
  text       = source.value.v.said
  interval   = "24h"
  depends_on = [task.lab.a]
}
`, func(t *testing.T, a *Agent) {
		synctest.Wait()
		release := holdLock(t, a)
		ask(t, a, "task.lab.a")
		l.say("source.value.v", "two")
		time.Sleep(5 * time.Minute)
		release()
		time.Sleep(time.Hour)
		if n := l.count("open task.lab.b two"); n != 1 {
			t.Errorf("the other task was run %d times with what is new", n)
		}
	})
}

func TestATaskWithAScheduleIsRunOnceWhenItsSourceMoves(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	underClock(t, l, `
source "value" "v" { poll_interval = "1m" }
task "lab" "nightly" {
  text     = source.value.v.said
  schedule = "CRON_TZ=UTC 0 3 * * *"
}
`, func(t *testing.T, a *Agent) {
		began := time.Now()
		at(began, time.Hour)
		if n := l.count("plan task.lab.nightly"); n != 0 {
			t.Errorf("before anything has moved it was run %d times", n)
		}
		next := nextRun(a, "nightly")
		l.say("source.value.v", "two")
		at(began, time.Hour+time.Minute)
		if n := l.count("early task.lab.nightly"); n != 1 {
			t.Errorf("within a minute it was run early %d times", n)
		}
		if got := nextRun(a, "nightly"); !got.Equal(next) {
			t.Errorf("it was due %v, and is %v", next, got)
		}
		at(began, 3*time.Hour+maxDelay)
		if n := l.count("plan task.lab.nightly"); n != 2 {
			t.Errorf("at its time it was run %d times in all", n)
		}
	})
}
