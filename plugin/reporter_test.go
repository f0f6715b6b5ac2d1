package plugin_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// reporterStub is a task that says what it has found.
type reporterStub struct {
	taskStub
	found   []plugin.Finding
	changed bool
}

func (s reporterStub) Findings() ([]plugin.Finding, bool) { return s.found, s.changed }

// TestWhatATaskFindsInApplyCrosses also where the apply fails.
func TestWhatATaskFindsInApplyCrosses(t *testing.T) {
	t.Parallel()
	found := []plugin.Finding{{Name: "stack", Verdict: "clean", Summary: "as declared", Value: cty.StringVal("x")}}
	for name, test := range map[string]struct {
		diags   plugin.Diagnostics
		changed bool
	}{
		"it is applied":           {nil, true},
		"nothing may be changed":  {nil, false},
		"it fails when half done": {plugin.Error(nil, "Failed", "Half of it is done."), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stub := reporterStub{changed: test.changed, found: found}
			stub.apply = func(context.Context, plugin.Change) (cty.Value, plugin.Diagnostics) { return stubConfig(), test.diags }
			task, _ := remote[plugin.Reporter](t, stubRef(plugin.KindTask), stub, plugin.Env{})
			_, diags := task.Apply(t.Context(), plugin.Change{Action: plugin.Run, After: stubConfig()})
			if diags.HasErrors() != test.diags.HasErrors() {
				t.Errorf("diagnostics %v", diags)
			}
			got, changed := task.Findings()
			if changed != test.changed {
				t.Errorf("changed is %t", changed)
			}
			if diff := cmp.Diff(found, got, cmp.Comparer(func(a, b cty.Value) bool { return a.RawEquals(b) })); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestATaskThatSaysNothingIsNoReporter(t *testing.T) {
	t.Parallel()
	task, _ := remote[plugin.Task](t, stubRef(plugin.KindTask), taskStub{}, plugin.Env{})
	if _, is := task.(plugin.Reporter); is {
		t.Error("it is one")
	}
}

// TestWhatATaskMayDoCrosses: whether it is enforced, what is approved, and
// whether somebody waits.
func TestWhatATaskMayDoCrosses(t *testing.T) {
	t.Parallel()
	var got plugin.Env
	c := connect(t, stub{open: func(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		got = req.Env
		return taskStub{}, nil
	}})
	_, diags := c.Open(t.Context(), plugin.OpenRequest{
		Type: stubRef(plugin.KindTask), Addr: "task.stub.a", Config: stubConfig(), Env: plugin.Env{Enforced: true, Approved: []string{"1f", "*"}, Asked: true, Early: true, Only: []string{"a/b"}, Interval: time.Hour},
	})
	if diags.HasErrors() || !got.Enforced || !got.Asked || !got.Early || got.Interval != time.Hour || !cmp.Equal(got.Only, []string{"a/b"}) || !cmp.Equal(got.Approved, []string{"1f", "*"}) {
		t.Errorf("enforced %t, asked %t, early %t, only %q, interval %s, approved %q, diagnostics %v", got.Enforced, got.Asked, got.Early, got.Only, got.Interval, got.Approved, diags)
	}
}

// TestAFindingIsReportedWhileThePlanGoesOn, with all that is in it.
func TestAFindingIsReportedWhileThePlanGoesOn(t *testing.T) {
	t.Parallel()
	type report struct {
		plugin.Finding
		Total int
	}
	want := report{plugin.Finding{Name: "stack", Verdict: "drifted", Summary: "1 drifted", Value: cty.StringVal("x"),
		Detail: []plugin.Entry{{Name: "a", Class: "drift", Action: plugin.Update, Attributes: []plugin.Differ{{Path: "b", Before: "1", After: "2"}}}}}, 7}
	reported, seen := make(chan report, 1), make(chan struct{})
	c := connect(t, stub{open: func(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		return taskStub{plan: func(ctx context.Context, _ plugin.Host) (plugin.Change, plugin.Diagnostics) {
			req.Env.Report(want.Finding, want.Total)
			select {
			case <-seen:
			case <-ctx.Done():
				return plugin.Change{}, plugin.Error(nil, "Not seen", "%s.", ctx.Err())
			}
			return plugin.Between(stubConfig(), stubConfig()), nil
		}}, nil
	}})
	task, diags := c.Open(t.Context(), plugin.OpenRequest{Type: stubRef(plugin.KindTask), Addr: "task.stub.a", Config: stubConfig(),
		Env: plugin.Env{OnFinding: func(f plugin.Finding, total int) { reported <- report{f, total} }}})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	go func() {
		got := <-reported
		if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b cty.Value) bool { return a.RawEquals(b) })); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		close(seen)
	}()
	if _, diags := task.(plugin.Task).Plan(t.Context(), nil); diags.HasErrors() {
		t.Error(diags.Err())
	}
}

func TestNobodyNeedsToWatch(t *testing.T) {
	t.Parallel()
	plugin.Env{}.Report(plugin.Finding{Name: "stack"}, 1)
}
