package agent

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// Approvals implements [api.ApprovalBackend].
func (a *Agent) Approvals() []api.Approval {
	granted := a.approvals.All()
	var all []api.Approval
	for _, s := range a.history.States() {
		i := slices.IndexFunc(granted, func(g approval.Grant) bool { return isFor(g, s) })
		switch {
		case i >= 0:
			all = append(all, approvalOf(s, grantedOf(granted[i])))
			granted = slices.Delete(granted, i, i+1)
		case isAwaited(s):
			all = append(all, approvalOf(s, nil))
		}
	}
	for _, g := range granted { // what is known of their stacks has changed, and their checks are still to come
		all = append(all, api.Approval{Task: g.Task, Stack: g.Stack, Remedy: history.Remedy{ID: g.ID}, Granted: grantedOf(g)})
	}
	return all
}

// isAwaited reports whether the remedy of a stack awaits an approval. "*" is no
// name of a remedy: it would approve of all.
func isAwaited(s history.State) bool {
	return s.Remedy.State == plan.RemedyAwaiting && s.Remedy.ID != "" && s.Remedy.ID != "*"
}

// awaits reports whether an id is that of a remedy that awaits an approval.
func awaits(s history.State, id string) bool { return isAwaited(s) && s.Remedy.ID == id }

func isFor(g approval.Grant, s history.State) bool { return g.Task == s.Task && g.ID == s.Remedy.ID }

func approvalOf(s history.State, granted *api.Granted) api.Approval {
	one := api.Approval{Task: s.Task, Stack: s.Name, Summary: s.Summary, Commit: s.Commit, Remedy: s.Remedy, Granted: granted}
	if s.Drift != nil {
		one.Since = s.Drift.Since
	}
	return one
}

func grantedOf(g approval.Grant) *api.Granted {
	return &api.Granted{By: g.By, Reason: g.Reason, At: g.At, Until: g.Until}
}

// granted returns the approval of the remedy of a stack, nil where there is
// none.
func (a *Agent) granted(s history.State) *api.Granted {
	if g, ok := a.approvals.Find(s.Remedy.ID); ok && isFor(g, s) {
		return grantedOf(g)
	}
	return nil
}

// Approve implements [api.ApprovalBackend].
func (a *Agent) Approve(id, by, reason string, lasts time.Duration) (api.Approval, error) {
	states := a.history.States()
	i := slices.IndexFunc(states, func(s history.State) bool { return awaits(s, id) })
	if i < 0 {
		return api.Approval{}, a.whyNotAwaited(id, states)
	}
	s := states[i]
	if _, err := a.checkable(s.Task); err != nil {
		return api.Approval{}, err
	}
	now := a.Now().UTC()
	g := approval.Grant{ID: id, Task: s.Task, Stack: s.Name, By: by, Reason: a.shown(reason), At: now, Until: now.Add(lasts)}
	err := a.approvals.Add(g, func() error { return a.account(audit.Approved, by, g) })
	if err != nil {
		return api.Approval{}, err
	}
	if _, err := a.Check(s.Task, s.Name); err != nil {
		return api.Approval{}, fmt.Errorf("it is approved, but not checked at once: %w", err)
	}
	return approvalOf(s, grantedOf(g)), nil
}

// whyNotAwaited says why there is nothing to approve of by an id.
func (a *Agent) whyNotAwaited(id string, states []history.State) error {
	if g, ok := a.approvals.Find(id); ok {
		return fmt.Errorf("%w, by %s", approval.ErrGranted, g.By)
	}
	isDrift := func(s history.State) bool {
		return s.Drift != nil && s.Fingerprint != "" && strings.HasPrefix(s.Fingerprint, id)
	}
	if id != "" && slices.ContainsFunc(states, isDrift) {
		return fmt.Errorf("%w as %q: that is the id of a drift, which driftless acknowledge takes; driftless drift writes out the command that approves of a remedy", api.ErrNotAwaited, id)
	}
	return fmt.Errorf("%w as %q: it may have been another drift, or one that is gone; driftless drift, or GET /v1/approvals, shows those that do", api.ErrNotAwaited, id)
}

func (a *Agent) account(event audit.ApprovalEvent, by string, g approval.Grant) error {
	entry := audit.Approval{Time: a.Now().UTC(), Event: event, Address: g.Task, Stack: g.Stack, ID: g.ID, Reason: g.Reason}
	if event == audit.Approved || event == audit.Acknowledged {
		entry.Until = g.Until
	}
	if err := a.audit.Approve(by, entry); err != nil {
		return fmt.Errorf("no account of that could be kept: %w", err)
	}
	return nil
}

// Revoke implements [api.ApprovalBackend].
func (a *Agent) Revoke(id, by string) (api.Approval, error) {
	revoked, err := a.approvals.Revoke(id, func(g approval.Grant) error { return a.account(audit.Revoked, by, g) })
	switch {
	case errors.Is(err, approval.ErrNone):
		return api.Approval{}, fmt.Errorf("%w as %q, or it was used; driftless history, or GET /v1/approvals, shows what became of it", err, id)
	case err != nil:
		return api.Approval{}, err
	}
	g := revoked[0] // an id is of one stack
	return api.Approval{Task: g.Task, Stack: g.Stack, Remedy: history.Remedy{ID: g.ID}}, nil
}

// endApprovals ends those that a run has used, and those that are of another
// drift than it has found.
func (a *Agent) endApprovals(r plan.Result) {
	if r.Step.State != plan.Planned {
		return // it says nothing of any stack
	}
	tasks, findings := tasksOf(r.Step), r.Findings()
	isOfRun := func(g approval.Grant) bool {
		return slices.ContainsFunc(tasks, func(task addr.Addr) bool { return task.String() == g.Task })
	}
	err := a.approvals.Retain(func(g approval.Grant) bool { return !isOfRun(g) || holds(g, findings) })
	if err != nil {
		a.Log.Error("that approvals have come to their end is not on the disk", "error", err)
	}
}

// holds reports whether an approval is good still after a run with these
// findings. A stack that could not be checked says nothing of it; one that is
// gone does.
func holds(g approval.Grant, findings []plan.FindingRecord) bool {
	i := slices.IndexFunc(findings, func(f plan.FindingRecord) bool { return f.Name == g.Stack })
	if i < 0 {
		return false
	}
	f := findings[i]
	if f.Remedy != nil && f.Remedy.ID == g.ID {
		return f.Remedy.State != plan.RemedyApplied && f.Remedy.State != plan.RemedyFailed
	}
	return !history.Tells(f.Verdict)
}

// keepApprovals ends the approvals of tasks that are not in a graph, or that are
// not enforced any more.
func (a *Agent) keepApprovals(graph *eval.Graph) {
	enforced := make(map[string]bool)
	for _, n := range graph.Order() {
		enforced[n.Addr.String()] = n.Meta.Enforcement == eval.Enforce
	}
	if err := a.approvals.Retain(func(g approval.Grant) bool { return enforced[g.Task] }); err != nil {
		a.Log.Error("that approvals have come to their end is not on the disk", "error", err)
	}
}
