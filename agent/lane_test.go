package agent

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
)

const twoOfOneSource = `
source "value" "v" { poll_interval = "100ms" }
task "lab" "slow" {
  text     = source.value.v.said
  interval = "1h"
}
task "lab" "fast" {
  text     = source.value.v.said
  interval = "1h"
}
`

func TestASourceIsReadWhileATaskOfItRuns(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	release := l.block("task.lab.slow")
	defer release()
	r := startAgent(t, l, twoOfOneSource)
	r.untilNoted("plan task.lab.slow", 1) // it hangs
	r.untilNoted("open task.lab.fast one", 1)
	r.untilState("task.lab.fast", api.StateOK)
	l.say("source.value.v", "two")
	r.untilNoted("open task.lab.fast two", 1) // at once, beside the one that hangs
	r.untilState("task.lab.fast", api.StateOK)
	reads := l.count("read source.value.v ")
	r.untilNoted("read source.value.v ", reads+3)
	if n := l.count("plan task.lab.slow"); n != 1 {
		t.Errorf("the one that hangs was run %d times", n)
	}
	release()
	r.untilNoted("open task.lab.slow two", 1) // its source has moved while it ran
	r.untilState("task.lab.slow", api.StateOK)
	r.untilNoted("read source.value.v ", l.count("read source.value.v ")+3)
	for _, task := range []string{"slow", "fast"} {
		if n := l.count("plan task.lab." + task); n != 2 {
			t.Errorf("%s was run %d times in all", task, n)
		}
	}
}

func TestAPushIsHeardWhileATaskRuns(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	release := l.block("task.lab.a")
	defer release()
	r := startAgent(t, l, `
source "value" "v" {
  poll_interval = "1h"
  webhook {
    provider = "github"
    secret   = "`+hookSecret+`"
  }
}
source "stream" "s" { text = source.value.v.said }
task "lab" "a" {
  text     = source.value.v.said
  interval = "1h"
}
`)
	r.untilNoted("plan task.lab.a", 1) // it hangs
	l.say("source.value.v", "two")
	r.push("source.value.v", "first", hookSecret)
	r.untilNoted("start source.stream.s two", 1)
	if n := l.count("plan task.lab.a"); n != 1 {
		t.Errorf("the task was run %d times", n)
	}
	release()
	r.untilNoted("open task.lab.a two", 1)
}

func TestARunGoesByWhatSourcesSaidAtItsBeginning(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	release := l.block("task.lab.a")
	defer release()
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "100ms" }
source "stream" "s" { text = source.value.v.said }
task "lab" "a" { interval = "1h" }
task "lab" "b" {
  text       = source.value.v.said
  interval   = "1h"
  depends_on = [task.lab.a]
}
`)
	r.untilNoted("plan task.lab.a", 1) // it hangs
	l.say("source.value.v", "two")
	r.untilNoted("start source.stream.s two", 1)
	release()
	r.untilNoted("open task.lab.b two", 1)
	if n := l.count("open task.lab.b one"); n != 1 {
		t.Errorf("the run that had begun before used something else than it began with")
	}
}

func TestASourceThatIsInUseMovesBeforeTheNextRunBegins(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	release := l.block("task.lab.slow")
	defer release()
	r := startAgent(t, l, twoOfOneSource)
	r.untilNoted("plan task.lab.slow", 1) // it hangs
	r.untilState("task.lab.fast", api.StateOK)
	l.say("lags", "source.value.v")
	reads := l.count("read source.value.v ")
	r.untilNoted("read source.value.v ", reads+2)
	r.check("task.lab.fast")
	r.untilNoted("read source.value.v ", reads+5)
	if n := l.count("plan task.lab.fast"); n != 1 {
		t.Errorf("while the source couldn't move another task of it was run %d times more", n-1)
	}
	l.say("source.value.v", "two")
	l.say("lags", "")
	release()
	r.untilNoted("open task.lab.slow two", 1)
	r.untilNoted("open task.lab.fast two", 1)
	if n := l.count("open task.lab.fast one"); n != 1 {
		t.Error("it was run with the old value once more")
	}
}

func TestWhatATaskThatIsDueWaitsFor(t *testing.T) {
	now := time.Now()
	task, other, source := addr.Addr{Kind: addr.Task, Name: "t"}, addr.Addr{Kind: addr.Task, Name: "o"}, addr.Addr{Kind: addr.Source, Name: "s"}
	const due = -10 * time.Second // the task, from now on
	for _, tt := range []struct {
		name         string
		polled, next time.Duration // of the source
		prepare      func(i *island)
		want         bool
	}{
		{name: "a source that is read later", polled: -time.Minute, next: time.Second, want: true},
		{name: "a source that is due, too", polled: -time.Minute, next: -time.Second},
		{name: "a source that is due again since it was read for the task", polled: -5 * time.Second, next: -time.Second, want: true},
		{name: "a source that was never read", prepare: func(i *island) { delete(i.readAt, source) }},
		{name: "a source that is being read", polled: -time.Minute, next: neverDue, prepare: func(i *island) { i.reading[source] = true }},
		{name: "a source that is being read again since it was read for the task", polled: -5 * time.Second, next: neverDue, want: true, prepare: func(i *island) { i.reading[source] = true }},
		{name: "its own last run", polled: -time.Minute, next: time.Second, prepare: func(i *island) { i.lanes[0].isBusy = true }},
		{name: "a run of another task", polled: -time.Minute, next: time.Second, want: true, prepare: func(i *island) { i.lanes[1].isBusy = true }},
		{name: "a source that can't move for another task", polled: -time.Minute, next: time.Second, prepare: func(i *island) {
			i.lags[source], i.lanes[1].isBusy = true, true
		}},
		{name: "a source that can't move for another process", polled: -time.Minute, next: time.Second, want: true, prepare: func(i *island) {
			i.lags[source] = true
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			mine := &lane{tasks: []addr.Addr{task}, sources: []addr.Addr{source}}
			i := &island{
				lanes:   []*lane{mine, {tasks: []addr.Addr{other}, sources: []addr.Addr{source}}},
				due:     map[addr.Addr]time.Time{task: now.Add(due), source: now.Add(tt.next)},
				readAt:  map[addr.Addr]time.Time{source: now.Add(tt.polled)},
				reading: make(map[addr.Addr]bool),
				lags:    make(map[addr.Addr]bool),
			}
			if tt.prepare != nil {
				tt.prepare(i)
			}
			if got := i.mayRun(mine, i.due[task], now); got != tt.want {
				t.Errorf("it may run: %t, want %t", got, tt.want)
			}
		})
	}
}

func TestSourcesThatAreReadAllTheTimeHoldUpNobody(t *testing.T) {
	l := newLab()
	for _, name := range []string{"source.value.v", "source.value.w"} {
		l.say(name, "one")
		l.take(name, 3*time.Second)
	}
	underClock(t, l, `
source "value" "v" { poll_interval = "1s" }
source "value" "w" { poll_interval = "2s" }
task "lab" "a" {
  text     = "${source.value.v.said} ${source.value.w.said}"
  interval = "1m"
}
task "lab" "b" {
  text     = source.value.w.said
  interval = "1m"
}
`, func(t *testing.T, a *Agent) {
		began := time.Now()
		at(began, 2*time.Second)
		l.take("source.value.w", 2900*time.Millisecond) // so that they don't end together
		at(began, time.Hour)
		for _, task := range []string{"task.lab.a", "task.lab.b"} {
			if n := l.count("plan " + task); n < 50 || n > 75 {
				t.Errorf("in an hour %s was run %d times", task, n)
			}
		}
		l.say("source.value.v", "two")
		time.Sleep(10 * time.Second)
		if n := l.count("open task.lab.a two one"); n == 0 {
			t.Error("what a source says that is new was not heard within ten seconds")
		}
	})
}

// TestASourceMovesThoughRunsFollowOneAnother is about two tasks each of which is
// due again when the run of the other has come to its end.
func TestASourceMovesThoughRunsFollowOneAnother(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	l.take("task.lab.a", 10*time.Minute)
	l.take("task.lab.b", 7*time.Minute)
	l.take("source.value.v", time.Second)
	underClock(t, l, `
source "value" "v" { poll_interval = "1m" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "5m"
  timeout  = "1h"
}
task "lab" "b" {
  text     = source.value.v.said
  interval = "5m"
  timeout  = "1h"
}
`, func(t *testing.T, a *Agent) {
		began := time.Now()
		at(began, 5*time.Minute)
		l.move("source.value.v", "two")
		at(began, time.Hour)
		for _, task := range []string{"task.lab.a", "task.lab.b"} {
			if l.count("open "+task+" two") == 0 {
				t.Errorf("within an hour %s was not run with what is new", task)
			}
		}
	})
}

// TestARunThatEndsTakesNothingBack is about what runs on beside the tasks of a
// source, and uses what that said last.
func TestARunThatEndsTakesNothingBack(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	underClock(t, l, ofASource+`
source "stream" "s" { text = source.value.v.said }
`, func(t *testing.T, a *Agent) {
		synctest.Wait()
		release := l.block("task.lab.a")
		ask(t, a, "task.lab.a") // it hangs
		l.say("source.value.v", "two")
		time.Sleep(5 * time.Minute)
		release()
		time.Sleep(time.Hour)
		for _, value := range []string{"one", "two"} {
			if n := l.count("start source.stream.s " + value); n != 1 {
				t.Errorf("the stream was started %d times with what the source said %s", n, value)
			}
		}
	})
}

func TestATaskThatIsRemovedWhileItRunsLeavesTheOthersOfItsSourceAtWork(t *testing.T) {
	l := newLab()
	l.watch("db", "net")
	l.say("source.value.v", "one")
	r := startAgent(t, l, twoOfOneSource)
	r.untilState("task.lab.slow", api.StateOK)
	r.untilState("task.lab.fast", api.StateOK)
	release := l.block("task.lab.slow")
	defer release()
	r.check("task.lab.slow")
	r.untilNoted("plan task.lab.slow", 2) // it hangs
	r.check("task.lab.slow", "db")
	source, _, _ := strings.Cut(twoOfOneSource, `task "lab" "slow"`)
	_, fast, _ := strings.Cut(twoOfOneSource, `task "lab" "fast"`)
	r.mustReload(source + `task "lab" "fast"` + fast)
	l.say("source.value.v", "two")
	r.untilNoted("open task.lab.fast two", 1)
	r.untilState("task.lab.fast", api.StateOK)
	r.mustReload(twoOfOneSource)
	r.untilNoted("plan task.lab.slow", 3) // it is new, and hangs
	if code, state := r.check("task.lab.slow"); state != "started" {
		t.Errorf("what was asked of the one that was removed stands: %d %s", code, state)
	}
	release()
	r.untilNoted("plan task.lab.slow", 4)
	r.untilState("task.lab.slow", api.StateOK)
	if l.mu.Lock(); l.overlap {
		t.Error("a task ran beside itself")
	}
	l.mu.Unlock()
}
