package plan_test

import (
	"context"
	"testing"

	"github.com/driftless-hq/driftless/internal/plan"
)

// TestStopBeginsNoFurtherStep stops while the first of three steps is applied,
// or while the second is planned at its turn.
func TestStopBeginsNoFurtherStep(t *testing.T) {
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name       = "b"
  value      = task.box.a.content
  depends_on = [task.box.a]
}
task "box" "c" {
  name       = "c"
  depends_on = [task.box.b]
}`, "")
	for _, tt := range []struct{ name, doing, of, want string }{
		{"a step that runs goes on to its end", "apply", "a", "box.a changed, box.b skipped, box.c skipped"},
		{"a step that is being planned doesn't begin", "plan", "b", "box.a changed, box.b skipped, box.c skipped"},
		{"after the last step there is nothing to leave out", "apply", "c", "box.a changed, box.b changed, box.c changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			clear(s.world.boxes)
			session := s.session()
			p, diags := session.Plan(t.Context())
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			s.world.before = func(ctx context.Context, doing, name string) error {
				if doing == tt.doing && name == tt.of {
					session.Stop()
				}
				return ctx.Err() // which the stop must leave alone
			}
			results, diags := session.Apply(t.Context(), p)
			if got := outcomes(results); got != tt.want {
				t.Errorf("outcomes %s, want %s", got, tt.want)
			}
			leftOut := 0
			for _, r := range results {
				if r.Outcome != plan.LeftOut {
					continue
				}
				if leftOut++; r.Cause != r.Step.Addr {
					t.Errorf("%s is left out because of %s, not because the run was stopped", r.Step.Addr, r.Cause)
				}
			}
			if leftOut > 0 {
				wantErrors(t, diags, "Interrupted")
			} else {
				wantErrors(t, diags)
			}
			s.world.before = func(context.Context, string, string) error { return nil }
		})
	}
}

func TestAStopBeforeTheApplyBeginsNothing(t *testing.T) {
	s := load(t, `task "box" "a" { name = "a" }`, "")
	session := s.session()
	p, _ := session.Plan(t.Context())
	session.Stop()
	results, diags := session.Apply(t.Context(), p)
	wantErrors(t, diags, "Interrupted")
	if got, want := outcomes(results), "box.a skipped"; got != want {
		t.Errorf("outcomes %s, want %s", got, want)
	}
}
