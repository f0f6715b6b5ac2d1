package agent

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// verdicts are what is known of stacks.
func (r *running) verdicts() map[string]string {
	r.t.Helper()
	known := make(map[string]string)
	for _, s := range r.stacks().Stacks {
		if s.Name != "" {
			known[s.Name] = s.Verdict
		}
	}
	return known
}

func (r *running) untilKnown(want map[string]string) {
	r.t.Helper()
	r.until("the stacks are known", func() bool { return cmp.Equal(want, r.verdicts()) })
}

func TestStacksAreSeenWhileASlowOneIsStillChecked(t *testing.T) {
	l := newLab()
	l.watch("db", "net", "slow")
	l.say("net", "drifted")
	l.say("slow", "drifted")
	release := l.block("slow")
	defer release()
	r := startAgent(t, l, watchedInPipeline)
	r.untilKnown(map[string]string{"db": "clean", "net": "drifted"})
	b := r.block("task.lab.watched")
	if b.State != api.StateRunning || b.Progress == nil || *b.Progress != (api.Progress{Done: 2, Total: 3}) {
		t.Errorf("the task is %s, its progress %+v", b.State, b.Progress)
	}
	if told := l.told(); len(told) > 0 {
		t.Errorf("told is %v, before others of that cause could come", told)
	}
	release()
	r.untilTold("new")
	if n := len(l.written); n != 1 {
		t.Errorf("one cause is told in %d events: %v", n, l.written)
	}
	r.untilKnown(map[string]string{"db": "clean", "net": "drifted", "slow": "drifted"})
	r.until("the run is over", func() bool { return r.block("task.lab.watched").Progress == nil })
}

// A run that is broken off has seen what it has seen.
func TestWhatWasFoundBeforeTheAgentStopsIsToldAfterTheNextStart(t *testing.T) {
	l, dir := newLab(), t.TempDir()
	l.watch("net", "slow")
	l.say("net", "drifted")
	release := l.block("slow")
	r := startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilKnown(map[string]string{"net": "drifted"})
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	release()
	r = startAgentIn(t, dir, l, settings+watchedInPipeline)
	r.untilKnown(map[string]string{"net": "drifted", "slow": "clean"})
	r.untilRunAnew("task.lab.watched")
	r.untilTold("new")
}

func TestWhatIsFoundOfATaskThatIsGoneIsForgotten(t *testing.T) {
	l := newLab()
	l.watch("net", "slow")
	release := l.block("slow")
	defer release()
	r := startAgent(t, l, watchedInPipeline)
	r.untilKnown(map[string]string{"net": "clean"})
	r.mustReload("")
	if known := r.verdicts(); len(known) > 0 {
		t.Errorf("known is %v", known)
	}
}

func TestWhatComesAfterTheEndOfARunIsNotHeard(t *testing.T) {
	a := observer(t)
	a.board = newBoard(a.Now)
	a.board.tasks[infra] = &taskState{state: api.StateRunning}
	broken, cancel := context.WithCancel(t.Context())
	cancel()
	for name, w := range map[string]*witness{
		"the run is over":          {agent: a, ctx: t.Context(), closed: true},
		"the run is being stopped": {agent: a, ctx: broken},
	} {
		w.Found(infra, plan.FindingRecord{Name: "net", Verdict: "error"}, 1)
		if found := a.board.tasks[infra].findings; len(found) > 0 {
			t.Errorf("%s: found is %v", name, found)
		}
	}
}

func TestAStackIsCountedOnceForEachRun(t *testing.T) {
	a := observer(t)
	b := newBoard(a.Now)
	task := &taskState{state: api.StateRunning}
	b.tasks[infra] = task
	net, db := checked("net", "clean", a.Now(), nil), checked("db", "drifted", a.Now(), nil)
	for run := 1.0; run < 3; run++ {
		for range 2 { // a task may say it twice
			if !b.found(infra, net, 2) {
				t.Fatal("the task is not declared")
			}
		}
		task.conclude(infra, []plan.FindingRecord{db, net})
		task.progress = progress{}
		got := make(map[string]float64)
		for s, n := range task.stacks {
			if s.family == stackRuns {
				got[s.path] = n
			}
		}
		if diff := cmp.Diff(map[string]float64{"net": run, "db": run}, got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
	if b.found(addr.Addr{Kind: addr.Task, Type: "terraform", Name: "gone"}, net, 1) {
		t.Error("a task that is gone has found something")
	}
}
