package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

func TestApplyDoesWhatIsPlannedAfterWhatItDependsOn(t *testing.T) {
	s := load(t, `
task "box" "b" {
  name  = "b"
  value = "${task.box.a.content}!"
}
task "box" "a" {
  name  = "a"
  value = "x"
}`, "")
	if got, want := actions(s.plan()), "box.a create, box.b create"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	if log := s.world.done(); !slices.Equal(log, []string{"plan a", "plan b"}) {
		t.Errorf("the plan did %q", log)
	}
	_, results := s.converge()
	if got, want := outcomes(results), "box.a changed, box.b changed"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
	if diff := cmp.Diff(map[string]string{"a": "x", "b": "x!"}, s.world.boxes); diff != "" {
		t.Error(diff)
	}
}

func TestOnlyWhatIsGoingToBeAppliedStaysOpen(t *testing.T) {
	s := load(t, `
task "box" "a" { name = "a" }
task "box" "b" { name = "b" }
task "box" "c" {
  name        = "c"
  enforcement = "detect"
}`, "")
	s.world.put("a", "")
	session := s.session()
	p, _ := session.Plan(t.Context())
	if open := s.world.open - s.world.closed; open != 1 {
		t.Errorf("%d instances are open for the plan %s, want 1", open, actions(p))
	}
	if err := session.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if s.world.open != s.world.closed {
		t.Errorf("%d were opened and %d closed", s.world.open, s.world.closed)
	}
}

// TestParallel has six independent tasks, and counts how many are at work at
// once: the first ones wait until as many have begun as may be.
func TestParallel(t *testing.T) {
	s := load(t, `
task "box" "a" {
  for_each = toset(["1", "2", "3", "4", "5", "6"])
  name     = each.key
}`, "")
	for _, limit := range []int{1, 2, 6} {
		t.Run(fmt.Sprint(limit), func(t *testing.T) {
			clear(s.world.boxes)
			s.opt.Parallel = limit
			var at, begun, most atomic.Int32
			full := make(chan struct{})
			s.world.before = func(context.Context, string, string) error {
				now := at.Add(1)
				defer at.Add(-1)
				for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
				}
				if begun.Add(1) == int32(limit) {
					close(full)
				}
				<-full
				return nil
			}
			_, _, diags := s.run(t.Context())
			wantErrors(t, diags)
			if got := int(most.Load()); got != limit {
				t.Errorf("%d were at work at once", got)
			}
		})
	}
}

func TestDetectOnlyStepsAreReportedAndNeverApplied(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name        = "a"
  enforcement = "detect"
}`, "")
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags)
	if results[0].Outcome != plan.Reported || has(s.world.done(), "apply a") {
		t.Errorf("outcomes %s", outcomes(results))
	}
	if sum := p.Summary(); sum != (plan.Summary{Drift: 1}) {
		t.Errorf("summary %+v", sum)
	}
	s.world.put("a", "")
	if _, results, _ := s.run(t.Context()); results[0].Outcome != plan.Unchanged {
		t.Errorf("outcomes %s", outcomes(results))
	}
}

func TestATaskThatIsOffLendsItsConfiguration(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name        = "a"
  value       = "x"
  enforcement = "off"
}
task "box" "b" {
  name  = "b"
  value = task.box.a.value
}
task "box" "c" {
  name  = "c"
  value = task.box.a.content
}`, "")
	p, results, diags := s.run(t.Context())
	if got, want := actions(p), "box.b create, box.c failed"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	wantErrors(t, diags, "Input still unknown")
	if got, want := outcomes(results), "box.b changed, box.c failed"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
	if log := s.world.done(); has(log, "plan a") {
		t.Errorf("did %q", log)
	}
}

func TestDiagnosticsAreInTheOrderOfThePlan(t *testing.T) {
	s := load(t, `
task "box" "a" {
  for_each = toset(["1", "2", "3", "4", "5", "6", "7", "8"])
  name     = each.key
}`, "")
	s.opt.Parallel = 8
	s.world.before = func(_ context.Context, _, name string) error { return errors.New("box " + name) }
	_, diags := s.session().Plan(t.Context())
	if len(diags) != 8 {
		t.Fatal(diags)
	}
	for i, d := range diags {
		if want := fmt.Sprintf("box %d.", i+1); d.Detail != want {
			t.Errorf("diagnostic %d says %q, want %q", i, d.Detail, want)
		}
	}
}

func TestSummaryCountsEveryStepOnce(t *testing.T) {
	one := func(a plugin.Action, state plan.State) *plan.Step {
		return &plan.Step{State: state, Change: plugin.Change{Action: a}}
	}
	p := &plan.Plan{Steps: []*plan.Step{
		one(plugin.NoOp, plan.Planned), one(plugin.Create, plan.Planned), one(plugin.Update, plan.Planned), one(plugin.Update, plan.Deferred),
		one(plugin.Replace, plan.Planned), one(plugin.Delete, plan.Planned), one(plugin.Run, plan.Planned), one("", plan.Failed), one("", plan.Skipped),
		{State: plan.Planned, DetectOnly: true, Change: plugin.Change{Action: plugin.Update}},
	}}
	want := plan.Summary{Create: 1, Update: 2, Replace: 1, Delete: 1, Run: 1, Drift: 1, NoOp: 1, Failed: 1, Skipped: 1}
	if got := p.Summary(); got != want {
		t.Errorf("got %+v, want %+v", got, want)
	}
}
