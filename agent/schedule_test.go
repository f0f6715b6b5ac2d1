package agent

import (
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/state"
)

// 61 of the failures that an agent has to stand: a task takes longer than its
// interval.
func TestATaskRunsAgainAndAgainAndNeverBesideItself(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "a" {}
task "lab" "b" { text = task.lab.a.said }
`)
	r.untilNoted("plan task.lab.b", 5)
	release := l.block("task.lab.a")
	defer release()
	r.untilState("task.lab.a", api.StateRunning)
	runs := l.count("plan task.lab.a")
	r.until("its interval is over three times", func() bool { return time.Since(*r.block("task.lab.a").Since) > 300*time.Millisecond })
	if n := l.count("plan task.lab.a"); n > runs+1 {
		t.Errorf("a task that hangs was run %d times more", n-runs)
	}
	release()
	r.untilNoted("plan task.lab.b", runs+5)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.overlap {
		t.Error("a task ran twice at once")
	}
}

func TestAChangeTriggersATaskAtOnceAndAgainUntilItIsApplied(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	l.say("done task.lab.a", "one")
	l.say("done task.lab.t", "never")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "100ms" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "1h"
}
task "lab" "t" {
  text         = "done"
  triggered_by = [task.lab.a]
}
`)
	r.untilNoted("plan task.lab.a", 1)
	r.untilState("task.lab.t", api.StateOK)
	if n := l.count("plan task.lab.t"); n != 0 {
		t.Errorf("without a change it was planned %d times", n)
	}
	l.fail("task.lab.t", true)
	l.say("source.value.v", "two")
	r.untilNoted("apply task.lab.a", 1)
	r.untilNoted("plan task.lab.t", 2) // once triggered, and once because it is owed
	r.untilState("task.lab.t", api.StateFailed)
	l.fail("task.lab.t", false)
	r.untilNoted("apply task.lab.t", 1)
	r.untilState("task.lab.t", api.StateOK)
	if n := l.count("apply task.lab.a"); n != 1 {
		t.Errorf("what triggers it was applied %d times", n)
	}
}

func TestANewValueOfASourceRunsAtOnceWhatDependsOnIt(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "100ms" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "1h"
}
task "lab" "b" {
  text     = task.lab.a.text
  interval = "1h"
}
task "lab" "apart" { interval = "1h" }
`)
	r.untilNoted("plan task.lab.b", 1)
	reads := l.count("read source.value.v ")
	r.untilNoted("read source.value.v ", reads+3)
	if n := l.count("plan task.lab.b"); n != 1 {
		t.Errorf("while the source said the same the task ran %d times", n)
	}
	l.say("source.value.v", "two")
	r.untilNoted("plan task.lab.b", 2)
	r.untilNoted("open task.lab.b two", 1)
	if n := l.count("plan task.lab.apart"); n != 1 {
		t.Errorf("a task that doesn't depend on the source ran %d times", n)
	}
}

func TestASourceWhoseArgumentATaskLearnsIsReadAtOnce(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "one")
	r := startAgent(t, l, `
task "lab" "a" {}
source "value" "v" {
  text          = task.lab.a.said
  poll_interval = "1h"
}
`)
	r.untilNoted("read source.value.v one", 1)
	l.say("task.lab.a", "two")
	r.untilNoted("read source.value.v two", 1)
	if n := l.count("read source.value.v two"); n != 1 {
		t.Errorf("it was read %d times with one argument", n)
	}
}

func TestAllIslandsTogetherKeepToMaxParallel(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "many" { for_each = toset(["a", "b", "c", "d", "e", "f", "g", "h", "i", "j"]) }
`)
	for _, key := range []string{"a", "j"} {
		r.untilNoted(`plan task.lab.many["`+key+`"]`, 5)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.most > 4 {
		t.Errorf("%d tasks ran at once, the default of max_parallel is 4", l.most)
	}
}

func TestATaskThatChangesTheHostWaitsForItsLock(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "watched" { enforcement = "detect" }
`)
	release, err := state.Lock(filepath.Join(r.dir, "data"), "apply", time.Now())
	if err != nil {
		t.Fatal(err)
	}
	r.mustReload(`
task "lab" "watched" { enforcement = "detect" }
task "lab" "enforced" {}
`)
	r.untilState("task.lab.enforced", api.StateWaiting)
	if problem := r.block("task.lab.enforced").Error; !strings.Contains(problem, "another driftless process") {
		t.Errorf("the status says: %q", problem)
	}
	r.untilNoted("plan task.lab.watched", l.count("plan task.lab.watched")+2)
	if err := release(); err != nil {
		t.Fatal(err)
	}
	r.untilState("task.lab.enforced", api.StateOK)
}

func TestATaskWhoseConditionTurnsOutFalseIsSkipped(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "a" {}
task "lab" "b" { when = task.lab.a.said == "yes" }
`)
	r.untilState("task.lab.b", api.StateSkipped)
	l.say("task.lab.a", "yes")
	r.untilState("task.lab.b", api.StateOK)
}

func TestDriftIsReportedOrCorrectedAndCounted(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "enforced" { text = "right" }
task "lab" "watched" {
  text        = "right"
  enforcement = "detect"
}
pipeline "events" {
  from = [task.lab.enforced, task.lab.watched]
  to   = [sink.lab.out]
}
sink "lab" "out" {}
`)
	r.untilState("task.lab.enforced", api.StateOK)
	l.say("done task.lab.enforced", "wrong")
	l.say("done task.lab.watched", "wrong")
	r.untilState("task.lab.watched", api.StateDrifted)
	r.untilNoted("apply task.lab.enforced", 1)
	r.until("the events have arrived", func() bool {
		l.mu.Lock()
		defer l.mu.Unlock()
		all := strings.Join(l.written, "\n")
		return strings.Contains(all, `"kind":"drift","address":"task.lab.watched","transition":"new"`) &&
			strings.Contains(all, `"kind":"drift","address":"task.lab.enforced","transition":"remediated"`) &&
			strings.Contains(all, `"kind":"change","address":"task.lab.enforced"`)
	})
	for series, want := range map[string]string{
		`driftless_task_drifted{task="task.lab.enforced"}`:                     "0",
		`driftless_task_drifted{task="task.lab.watched"}`:                      "1",
		`driftless_task_drifts_total{task="task.lab.enforced"}`:                "1",
		`driftless_task_runs_total{task="task.lab.enforced",result="changed"}`: "1",
	} {
		if got := r.metric(series); got != want {
			t.Errorf("%s is %q, want %s", series, got, want)
		}
	}
	if n := l.count("apply task.lab.watched"); n != 0 {
		t.Error("a task that only detects was applied")
	}
	l.fail("task.lab.watched", true)
	r.untilState("task.lab.watched", api.StateFailed)
	if got := r.metric(`driftless_task_drifted{task="task.lab.watched"}`); got != "1" {
		t.Errorf("a run that can't look at the host made the drift %q", got)
	}
}

func TestSlotsAreGivenToThoseWhoWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newSlots(3)
		if n := s.take(t.Context(), 2); n != 2 {
			t.Fatalf("got %d of two slots", n)
		}
		if n := s.take(t.Context(), 5); n != 1 {
			t.Fatalf("got %d slots, one was free", n)
		}
		got := make(chan int, 1)
		go func() { got <- s.take(t.Context(), 1) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Fatal("a slot was given that isn't there")
		}
		s.setLimit(4)
		if n := <-got; n != 1 {
			t.Errorf("got %d slots after the limit was raised", n)
		}
		s.setLimit(1)
		s.give(3)
		go func() { got <- s.take(t.Context(), 1) }()
		synctest.Wait()
		if len(got) > 0 {
			t.Error("a slot beyond the lowered limit was given")
		}
		s.give(1)
		<-got
	})
}

// TestATaskIsToldWhyItIsLookedAt: at its interval, and when somebody asks, all of
// it may be another; when a source has moved, what depends on that.
func TestATaskIsToldWhyItIsLookedAt(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "100ms" }
task "lab" "a" {
  text     = source.value.v.said
  interval = "1h"
}
`)
	r.untilRun("task.lab.a", "1")
	r.check("task.lab.a")
	r.untilRun("task.lab.a", "2")
	if n := l.count("early task.lab.a"); n != 0 {
		t.Errorf("it was early %d times", n)
	}
	l.say("source.value.v", "two")
	r.untilRun("task.lab.a", "3")
	if n := l.count("early task.lab.a"); n != 1 {
		t.Errorf("after the source has moved it was early %d times", n)
	}
}
