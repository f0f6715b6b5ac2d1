package agent

import (
	"maps"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// sums are how many phases of each task were counted, and their seconds.
func sums(t *testing.T, p phases) map[string][2]float64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(p)
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	found := make(map[string][2]float64)
	for _, family := range families {
		for _, m := range family.GetMetric() {
			name := ""
			for _, label := range m.GetLabel() {
				name += label.GetName() + "=" + label.GetValue() + " "
			}
			found[name] = [2]float64{float64(m.GetHistogram().GetSampleCount()), m.GetHistogram().GetSampleSum()}
		}
	}
	return found
}

func TestPhasesAreCountedByTask(t *testing.T) {
	t.Parallel()
	now := time.Unix(100_000, 0)
	took := func(seconds float64, more map[string]cty.Value) plan.FindingRecord {
		attrs := map[string]cty.Value{"phases": cty.ObjectVal(map[string]cty.Value{"plan": cty.NumberFloatVal(seconds)})}
		maps.Copy(attrs, more)
		return checked("net", "clean", now, attrs)
	}
	x, y := addr.Addr{Kind: addr.Task, Type: "terraform", Name: "x"}, addr.Addr{Kind: addr.Task, Type: "terraform", Name: "y"}
	p := newPhases()
	p.count(x, []plan.FindingRecord{took(0.5, nil), took(90, nil)})
	p.count(x, []plan.FindingRecord{took(7, map[string]cty.Value{"held_back": cty.True})}) // not a check
	p.count(y, []plan.FindingRecord{took(1, nil)})
	p.count(addr.Addr{Kind: addr.Task, Type: "other", Name: "z"}, []plan.FindingRecord{took(1, nil)})
	want := map[string][2]float64{"phase=plan task=task.terraform.x ": {2, 90.5}, "phase=plan task=task.terraform.y ": {1, 1}}
	if diff := cmp.Diff(want, sums(t, p)); diff != "" {
		t.Errorf("the phases (-want +got):\n%s", diff)
	}
	p.keep(map[addr.Addr]*taskState{x: {}, y: {}}, map[addr.Addr]*taskState{x: {}})
	delete(want, "phase=plan task=task.terraform.y ")
	if diff := cmp.Diff(want, sums(t, p)); diff != "" {
		t.Errorf("once a task is gone (-want +got):\n%s", diff)
	}
}
