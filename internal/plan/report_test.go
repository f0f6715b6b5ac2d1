package plan_test

import (
	"context"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// reporter is a box that says what it has found when it is filled.
type reporter struct{ *box }

var _ plugin.Reporter = (*reporter)(nil)

func (r *reporter) Plan(ctx context.Context, host plugin.Host) (plugin.Change, plugin.Diagnostics) {
	c, diags := r.box.Plan(ctx, host)
	c.ReportOnly = r.does == "reports only"
	c.Findings = []plugin.Finding{r.finding("dirty", "proposed")}
	c.Reasons = []string{fmt.Sprintf("enforced %t, approved %q, asked %t, every %s", r.env.Enforced, r.env.Approved, r.env.Asked, r.env.Interval)}
	return c, diags
}

func (r *reporter) finding(verdict, state string) plugin.Finding {
	return plugin.Finding{Name: "the lid", Verdict: verdict, Summary: "it holds " + r.wanted(), Value: cty.ObjectVal(map[string]cty.Value{
		"remedy": cty.ObjectVal(map[string]cty.Value{
			"strategy": cty.StringVal("apply"), "state": cty.StringVal(state), "reason": cty.StringVal("because of " + r.wanted()), "id": cty.StringVal("1f"),
			"changes": cty.ListVal([]cty.Value{cty.ObjectVal(map[string]cty.Value{"address": cty.StringVal("box.lid"), "action": cty.StringVal("update")})}),
		}),
	})}
}

func (r *reporter) Findings() ([]plugin.Finding, bool) {
	switch r.does {
	case "reports that it must not":
		return []plugin.Finding{r.finding("dirty", "refused")}, false
	case "reports that it fails":
		return []plugin.Finding{r.finding("dirty", "failed")}, true
	}
	return []plugin.Finding{r.finding("clean", "applied")}, true
}

func (r *reporter) Apply(ctx context.Context, c plugin.Change) (cty.Value, plugin.Diagnostics) {
	v, diags := r.box.Apply(ctx, c)
	if r.does == "reports that it fails" {
		diags = plugin.Error(nil, "Box not filled", "The lid is shut.")
	}
	return v, diags
}

// TestWhatATaskFindsWhileItIsAppliedIsItsResult goes through what can become
// of a task that says so.
func TestWhatATaskFindsWhileItIsAppliedIsItsResult(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		does, enforcement string
		outcome           plan.Outcome
		state             string
	}{
		{"reports", "enforce", plan.Changed, "applied"},
		{"reports only", "enforce", plan.Reported, "proposed"},
		{"reports", "detect", plan.Reported, "proposed"},
		{"reports that it must not", "enforce", plan.Reported, "refused"},
		{"reports that it fails", "enforce", plan.Broken, "failed"},
	} {
		t.Run(test.does+" with enforcement "+test.enforcement, func(t *testing.T) {
			t.Parallel()
			s := load(t, fmt.Sprintf("task \"box\" \"a\" {\n  name = \"a\"\n  secret = \"canary\"\n  does = %q\n  enforcement = %q\n  interval = \"2h\"\n}", test.does, test.enforcement), "")
			s.opt.Looks = map[addr.Addr]plan.Look{{Kind: addr.Task, Type: "box", Name: "a"}: {Asked: true}}
			s.opt.Approved = func(a addr.Addr) []string { return []string{a.String()} }
			p, results, _ := s.run(t.Context())
			r := results[0]
			if r.Outcome != test.outcome {
				t.Errorf("it is %s, want %s", r.Outcome, test.outcome)
			}
			want := &plan.Remedy{Strategy: "apply", State: test.state, Reason: "because of (sensitive value)", ID: "1f", Changes: []plan.RemedyChange{{Address: "box.lid", Action: plugin.Update}}}
			if diff := cmp.Diff(want, r.Findings()[0].Remedy); diff != "" {
				t.Errorf("remedy (-want +got):\n%s", diff)
			}
			given := fmt.Sprintf("enforced %t, approved [\"task.box.a\"], asked true, every 2h0m0s", test.enforcement == "enforce")
			if got := p.Steps[0].Change.Reasons[0]; got != given {
				t.Errorf("it was opened with %s, want %s", got, given)
			}
		})
	}
}

// TestWhatNobodyWasShownIsNotApproved: the plan of a task that waits for others
// is made while those are applied, after someone was asked.
func TestWhatNobodyWasShownIsNotApproved(t *testing.T) {
	t.Parallel()
	s := load(t, `
task "box" "a" {
  name = "a"
  late = true
}
task "box" "b" {
  name  = "b"
  value = task.box.a.content
  does  = "reports"
}
task "box" "c" {
  name = "c"
  does = "reports"
}`, "")
	s.opt.Approved = func(addr.Addr) []string { return []string{plugin.ApproveAll, "1f"} }
	p, _, diags := s.run(t.Context())
	wantErrors(t, diags)
	want := map[string]string{"b": `enforced true, approved ["1f"], asked false, every 30m0s`, "c": `enforced true, approved ["*" "1f"], asked false, every 30m0s`}
	got := map[string]string{}
	for _, step := range p.Steps[1:] {
		got[step.Addr.Name] = step.Change.Reasons[0]
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
