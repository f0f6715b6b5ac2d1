package agent

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

func TestHowLongAnApprovalHolds(t *testing.T) {
	of := func(name, verdict, state, id string) plan.FindingRecord {
		f := plan.FindingRecord{Name: name, Verdict: verdict}
		if state != "" {
			f.Remedy = &plan.Remedy{Strategy: "apply", State: state, ID: id}
		}
		return f
	}
	for _, test := range []struct {
		name    string
		finding plan.FindingRecord
		want    bool
	}{
		{"it was used", of("net", "clean", "applied", "1f"), false},
		{"it was used, and the stack could not be checked after that", of("net", "error", "applied", "1f"), false},
		{"it was used in vain", of("net", "drifted", "failed", "1f"), false},
		{"a gate is closed that it doesn't open", of("net", "drifted", "refused", "1f"), true},
		{"another drift awaits an approval", of("net", "drifted", "awaiting_approval", "2f"), false},
		{"the drift is gone", of("net", "clean", "", ""), false},
		{"somebody is at work on the stack", of("net", "locked", "", ""), true},
		{"the stack could not be checked", of("net", "error", "", ""), true},
		{"nor for a long time", of("net", "stale", "", ""), true},
		{"the stack is gone", of("another", "drifted", "awaiting_approval", "1f"), false},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := holds(approval.Grant{ID: "1f", Stack: "net"}, []plan.FindingRecord{test.finding}); got != test.want {
				t.Errorf("holds is %t", got)
			}
		})
	}
}

// TestWhatIsKnownOfARemedyIsBounded and names who has approved of it.
func TestWhatIsKnownOfARemedyIsBounded(t *testing.T) {
	a := observer(t, "canary")
	now := a.Now()
	grant := approval.Grant{ID: "1f", Task: infra.String(), Stack: "net", By: "on-call", At: now, Until: now.Add(time.Hour)}
	if err := a.approvals.Add(grant, func() error { return nil }); err != nil {
		t.Fatal(err)
	}
	f := plan.FindingRecord{Name: "net", Verdict: "drifted", Remedy: &plan.Remedy{Strategy: "apply", State: "refused", ID: "1f", Changes: make([]plan.RemedyChange, maxResources+2)}}
	f.Remedy.Changes[0].Address = `a["canary"]`
	r := a.remedyOf(infra, f)
	if len(r.Changes) != maxResources || r.Further != 2 || r.ApprovedBy != "on-call" || r.Changes[0].Address == f.Remedy.Changes[0].Address {
		t.Errorf("%d changes and %d more, approved by %q, the first of %s", len(r.Changes), r.Further, r.ApprovedBy, r.Changes[0].Address)
	}
}

// TestApprovalsEndWithTheirTask has a history that awaits approvals, and reloads.
func TestApprovalsEndWithTheirTask(t *testing.T) {
	a := observer(t)
	for _, grant := range []approval.Grant{{ID: "1f", Task: "task.lab.a"}, {ID: "2f", Task: "task.lab.b"}, {ID: "3f", Task: "task.lab.gone"}} {
		grant.Until = a.Now().Add(time.Hour)
		if err := a.approvals.Add(grant, func() error { return nil }); err != nil {
			t.Fatal(err)
		}
	}
	r := startAgent(t, newLab(), `
task "lab" "a" { interval = "1h" }
task "lab" "b" {
  interval    = "1h"
  enforcement = "detect"
}
`)
	graph, diags := loadGraph(t.Context(), r.dir, r.catalog)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	a.keepApprovals(graph)
	if all := a.approvals.All(); len(all) != 1 || all[0].ID != "1f" {
		t.Errorf("kept %+v", all)
	}
}

func TestWhyNothingIsApproved(t *testing.T) {
	a := observer(t)
	a.history = openHistory(t.TempDir(), time.Hour, a.Options)
	t.Cleanup(func() {
		if err := a.history.Close(); err != nil {
			t.Error(err)
		}
	})
	awaiting := func(name, state, id string) history.Observation {
		return history.Observation{Subject: history.Subject{Task: infra.String(), Name: name}, At: a.Now(), Verdict: "drifted", Found: history.Found{Remedy: history.Remedy{State: state, ID: id}}}
	}
	if _, err := a.history.Record(history.Run{Task: infra.String(), At: a.Now(), Observations: []history.Observation{
		awaiting("a", plan.RemedyAwaiting, "1f"), awaiting("b", "refused", "2f"), awaiting("c", plan.RemedyAwaiting, "*"),
	}}); err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		id   string
		want error
	}{
		"a remedy that is refused":          {"2f", api.ErrNotAwaited},
		"one that would stand for all":      {"*", api.ErrNotAwaited},
		"none at all":                       {"", api.ErrNotAwaited},
		"an agent that is only starting":    {"1f", api.ErrStarting},
		"one that was approved another day": {"9f", api.ErrNotAwaited},
	} {
		if _, err := a.Approve(test.id, "on-call", "", time.Hour); !errors.Is(err, test.want) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := a.Revoke("1f", "on-call"); !errors.Is(err, approval.ErrNone) || !strings.Contains(err.Error(), "driftless history") {
		t.Errorf("to take back what was not approved: %v", err)
	}
	if all := a.Approvals(); len(all) != 1 || all[0].Stack != "a" || all[0].Granted != nil {
		t.Errorf("there are %+v", all)
	}
}
