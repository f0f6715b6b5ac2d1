package plan_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/plan"
)

// TestFailures has a box a that fails, b that depends on it, and c that does
// not.
func TestFailures(t *testing.T) {
	tests := []struct {
		name    string
		does    string // of a
		before  string // what fails, from outside
		plan    string
		results string
		summary string
		problem string
	}{
		{"a task that can't be planned leaves out those that depend on it", "", "plan a",
			"box.a failed, box.b skipped, box.c create", "box.a failed, box.b skipped, box.c changed", "Box not planned", "Box not planned: no luck."},
		{"a task that fails leaves out those that depend on it", "", "apply a",
			"box.a create, box.b create, box.c create", "box.a failed, box.b skipped, box.c changed", "Box not filled", "Box not filled: no luck."},
		{"a panic in a plan is an error of that task", "panics when planned", "",
			"box.a failed, box.b skipped, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			"Provider failed: The provider of task.box panicked while it planned: the box of x is shut. This is a bug in the provider; the log has the stack."},
		{"a panic in an apply is an error of that task", "panics when applied", "",
			"box.a create, box.b create, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			"Provider failed: The provider of task.box panicked while it applied a change: the box of x is shut. This is a bug in the provider; the log has the stack."},
		{"a panic at the opening is an error of that task", "panics when opened", "",
			"box.a failed, box.b skipped, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			"Provider failed: The provider of task.box panicked while it opened an instance: no box. This is a bug in the provider."},
		{"a plan that says nothing is refused", "plans nothing", "",
			"box.a failed, box.b skipped, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			`Provider failed: task.box planned the action "". This is a bug in the provider.`},
		{"a plan of another type is refused", "plans another type", "",
			"box.a failed, box.b skipped, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			`Provider failed: task.box planned a value before the change that is not of its type: string required, but received object. This is a bug in the provider.`},
		{"an apply that returns nothing is refused", "returns nothing", "",
			"box.a create, box.b create, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			"Provider failed: task.box was applied, and then returned a value that is missing. This is a bug in the provider."},
		{"an apply that doesn't know what it did is refused", "returns what is not known", "",
			"box.a create, box.b create, box.c create", "box.a failed, box.b skipped, box.c changed", "Provider failed",
			"Provider failed: task.box was applied, and then returned a value of which a part is not known. This is a bug in the provider."},
		{"what depends on a task that did something else than planned is not applied", "returns something else", "",
			"box.a create, box.b create, box.c create", "box.a changed, box.b failed, box.c changed", "Inputs changed since the plan",
			"Inputs changed since the plan: What task.box.b refers to is not what it was when the plan was made, so the planned change was not applied. Plan again."},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := load(t, fmt.Sprintf(`
task "box" "a" {
  name  = "a"
  value = "x"
  does  = %q
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}
task "box" "c" {
  name  = "c"
  value = "y"
}`, tt.does), "")
			s.world.before = func(_ context.Context, doing, name string) error {
				if doing+" "+name == tt.before {
					return errors.New("no luck")
				}
				return nil
			}
			p, results, diags := s.run(t.Context())
			wantErrors(t, diags, tt.summary)
			if got := actions(p); got != tt.plan {
				t.Errorf("planned %s, want %s", got, tt.plan)
			}
			if got := outcomes(results); got != tt.results {
				t.Errorf("outcomes %s, want %s", got, tt.results)
			}
			i := slices.IndexFunc(results, func(r plan.Result) bool { return r.Outcome == plan.Broken })
			if results[i].Error != tt.problem {
				t.Errorf("error %q, want %q", results[i].Error, tt.problem)
			}
			for _, r := range results {
				if r.Outcome == plan.LeftOut && r.Cause != results[0].Step.Addr {
					t.Errorf("%s is left out because of %s", r.Step.Addr, r.Cause)
				}
			}
		})
	}
}

func TestASourceThatFailsLeavesOutThoseThatDependOnIt(t *testing.T) {
	s := load(t, `
source "look" "x" { name = "x" }
task "box" "a" {
  name  = "a"
  value = source.look.x.content
}
task "box" "b" { name = "b" }`, "")
	s.world.before = func(_ context.Context, doing, _ string) error {
		if doing == "read" {
			return errors.New("no luck")
		}
		return nil
	}
	p, results, diags := s.run(t.Context())
	wantErrors(t, diags, "Box not read")
	if got, want := actions(p), "box.a skipped, box.b create"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
	if got, want := outcomes(results), "box.a skipped, box.b changed"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
	if cause := p.Steps[0].Cause.String(); cause != "source.look.x" {
		t.Errorf("it is left out because of %s", cause)
	}
}

// TestTheEndOfTheContextEndsARun cancels while the first of three steps is
// applied.
func TestTheEndOfTheContextEndsARun(t *testing.T) {
	s := load(t, `
task "box" "a" { name = "a" }
task "box" "b" {
  name       = "b"
  depends_on = [task.box.a]
}
task "box" "c" {
  name       = "c"
  depends_on = [task.box.b]
}`, "")
	for _, tt := range []struct {
		name  string
		heeds bool
		want  string
		errs  []string
	}{
		{"a step that has begun may end well", false, "box.a changed, box.b skipped, box.c skipped", []string{"Interrupted"}},
		{"a step that has begun is ended", true, "box.a failed, box.b skipped, box.c skipped", []string{"Box not filled"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clear(s.world.boxes)
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			s.world.before = func(ctx context.Context, doing, _ string) error {
				if doing == "apply" {
					cancel(errors.New("a signal came"))
					if tt.heeds {
						<-ctx.Done()
						return context.Cause(ctx)
					}
				}
				return nil
			}
			_, results, diags := s.run(ctx)
			wantErrors(t, diags, tt.errs...)
			if got := outcomes(results); got != tt.want {
				t.Errorf("outcomes %s, want %s", got, tt.want)
			}
			if !tt.heeds && results[1].Cause != results[1].Step.Addr {
				t.Errorf("the step is left out because of %s, not because the run was stopped", results[1].Cause)
			}
			if log := s.world.done(); has(log, "apply b") {
				t.Errorf("a step began after the end: %q", log)
			}
		})
	}
}

func TestAStepThatWasPlannedAtItsTurnDoesNotBeginAfterTheEnd(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
}`, "")
	ctx, cancel := context.WithCancel(t.Context())
	s.world.before = func(_ context.Context, doing, name string) error {
		if doing == "plan" && name == "b" {
			cancel()
		}
		return nil
	}
	_, results, diags := s.run(ctx)
	wantErrors(t, diags, "Interrupted")
	if got, want := outcomes(results), "box.a changed, box.b skipped"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
}

func TestAPlanThatIsStoppedSaysSo(t *testing.T) {
	s := load(t, `
task "box" "a" { name = "a" }
task "box" "b" {
  name       = "b"
  depends_on = [task.box.a]
}`, "")
	ctx, cancel := context.WithCancel(t.Context())
	s.world.before = func(context.Context, string, string) error { cancel(); return nil }
	p, diags := s.session().Plan(ctx)
	wantErrors(t, diags, "Interrupted")
	if got, want := actions(p), "box.a create, box.b skipped"; got != want {
		t.Errorf("planned %s, want %s", got, want)
	}
}

func TestATimeoutIsToldAsTheReason(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name    = "a"
  timeout = "10ms"
}`, "")
	for _, doing := range []string{"plan", "apply"} {
		t.Run(doing, func(t *testing.T) {
			s.world.before = func(ctx context.Context, now, _ string) error {
				if now == doing {
					<-ctx.Done()
					return ctx.Err()
				}
				return nil
			}
			_, results, diags := s.run(t.Context())
			if !diags.HasErrors() || results[0].Outcome != plan.Broken {
				t.Fatal("it went well")
			}
			for _, want := range []string{"context deadline exceeded", "the timeout of task.box.a, 10ms, is over; raise it"} {
				if !strings.Contains(diags[0].Detail, want) {
					t.Errorf("%q lacks %q", diags[0].Detail, want)
				}
			}
		})
	}
}
