package terraform

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
)

func TestOneCauseOfManyStacksIsOneDiagnostic(t *testing.T) {
	failing := func(path, why string, v verdict) result {
		return result{stack: stack{path: path, workspace: "default"}, verdict: v, problem: &problem{verdict: v, summary: "Denied", detail: why}}
	}
	held := failing("f", "no role", errored)
	held.held = true
	fine := result{stack: stack{path: "z", workspace: "default"}, verdict: clean}
	for _, tt := range []struct {
		name     string
		results  []result
		severity plugin.Severity
		want     []string
	}{
		{"all is well", []result{fine}, plugin.SeverityWarning, nil},
		{"one of two failed", []result{failing("a", "no role", errored), fine}, plugin.SeverityWarning, []string{"The stack a: Denied: no role"}},
		{"all failed", []result{failing("a", "no role", errored)}, plugin.SeverityError, []string{"The stack a: Denied: no role"}},
		{"somebody works on one", []result{failing("a", "no role", locked)}, plugin.SeverityWarning, []string{"The stack a: Denied: no role"}},
		{"many for two reasons", []result{
			failing("a", "no role", errored), failing("b", "no role", errored), failing("c", "no route", errored), failing("d", "no role", errored), failing("e", "no role", errored), held, fine,
		}, plugin.SeverityWarning, []string{
			"4 stacks (a, b, d and 1 more): Denied: no role", "The stack c: Denied: no route",
			"The stack f: Denied: no role (not checked again, because that failed a short time ago)",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var got []string
			for _, d := range diagnoseChecks(tt.results) {
				got = append(got, d.Detail)
				if d.Severity != tt.severity {
					t.Errorf("the severity is %s", fmt.Sprint(d.Severity))
				}
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
