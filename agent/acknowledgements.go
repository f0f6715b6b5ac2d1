package agent

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/history"
)

// Acknowledgements implements [api.AcknowledgementBackend].
func (a *Agent) Acknowledgements() []api.Acknowledgement {
	return a.describeAcknowledged(a.acknowledged.All())
}

// describeAcknowledged tells of grants, and of the drift that they are about.
func (a *Agent) describeAcknowledged(grants []approval.Grant) []api.Acknowledgement {
	states := a.statesBySubject()
	all := make([]api.Acknowledgement, len(grants))
	for i, g := range grants {
		all[i] = api.Acknowledgement{ID: g.ID, Task: g.Task, Stack: g.Stack, Acknowledgement: *acknowledgementOf(g)}
		if s := states[subjectOf(g)]; s.Drift != nil && s.Fingerprint == g.ID {
			all[i].Summary, all[i].Since = s.Summary, s.Drift.Since
		}
	}
	return all
}

func (a *Agent) statesBySubject() map[history.Subject]history.State {
	states := make(map[history.Subject]history.State)
	for _, s := range a.history.States() {
		states[s.Subject] = s
	}
	return states
}

func subjectOf(g approval.Grant) history.Subject { return history.Subject{Task: g.Task, Name: g.Stack} }

func acknowledgementOf(g approval.Grant) *history.Acknowledgement {
	return &history.Acknowledgement{By: g.By, Reason: g.Reason, At: g.At, Until: g.Until}
}

// Acknowledge implements [api.AcknowledgementBackend].
func (a *Agent) Acknowledge(id, by, reason string, lasts time.Duration) ([]api.Acknowledgement, error) {
	if a.graph.Load() == nil {
		return nil, api.ErrStarting
	}
	now := a.Now().UTC()
	states := a.history.States()
	var grants []approval.Grant
	for _, s := range states {
		if s.Drift != nil && strings.HasPrefix(s.Fingerprint, id) {
			grants = append(grants, approval.Grant{ID: s.Fingerprint, Task: s.Task, Stack: s.Name, By: by, Reason: a.shown(reason), At: now, Until: now.Add(lasts)})
		}
	}
	switch {
	case len(grants) == 0 && slices.ContainsFunc(states, func(s history.State) bool { return awaits(s, id) }):
		return nil, fmt.Errorf("%w as %q: that is the id of a remedy, which driftless approve takes; the id of the drift stands at the end of the line before it", api.ErrNoDrift, id)
	case len(grants) == 0:
		return nil, fmt.Errorf("%w as %q: it may have become another, or be gone; driftless drift shows what there is", api.ErrNoDrift, id)
	case slices.ContainsFunc(grants, func(g approval.Grant) bool { return g.ID != grants[0].ID }):
		return nil, fmt.Errorf("%w as %q; write more of its id", api.ErrAmbiguous, id)
	}
	err := a.acknowledged.Replace(grants, func() error {
		for _, g := range grants {
			if err := a.account(audit.Acknowledged, by, g); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	a.heedAcknowledgements()
	return a.describeAcknowledged(grants), nil
}

// Unacknowledge implements [api.AcknowledgementBackend].
func (a *Agent) Unacknowledge(id, by string) ([]api.Acknowledgement, error) {
	if a.graph.Load() == nil {
		return nil, api.ErrStarting
	}
	whole := ""
	for _, g := range a.acknowledged.All() {
		switch {
		case !strings.HasPrefix(g.ID, id):
		case whole != "" && whole != g.ID:
			return nil, fmt.Errorf("%w as %q; write more of its id", api.ErrAmbiguous, id)
		default:
			whole = g.ID
		}
	}
	revoked, err := a.acknowledged.Revoke(whole, func(g approval.Grant) error { return a.account(audit.Unacknowledged, by, g) })
	switch {
	case errors.Is(err, approval.ErrNone):
		return nil, fmt.Errorf("%w as %q; driftless drift, or GET /v1/acknowledgements, shows what is", api.ErrNotAcknowledged, id)
	case err != nil:
		return nil, err
	}
	a.heedAcknowledgements()
	return a.describeAcknowledged(revoked), nil
}

// acknowledgement is that of a drift of a subject, nil where there is none.
func (a *Agent) acknowledgement(of history.Subject, fingerprint string) *history.Acknowledgement {
	if fingerprint == "" {
		return nil
	}
	for _, g := range a.acknowledged.All() {
		if g.ID == fingerprint && subjectOf(g) == of {
			return acknowledgementOf(g)
		}
	}
	return nil
}

// heedAcknowledgements has the history know which drift is acknowledged by now,
// and tells what has happened with that: of some it may have expired.
func (a *Agent) heedAcknowledgements() {
	transitions, err := a.history.Acknowledge(func(s history.State) *history.Acknowledgement {
		return a.acknowledgement(s.Subject, s.Fingerprint)
	}, a.routed)
	a.tell(transitions, err)
}

// acknowledgementInterval is how often the agent looks whether an
// acknowledgement has expired.
const acknowledgementInterval = 5 * time.Second

// watchAcknowledgements heeds those that expire until ctx ends.
func (a *Agent) watchAcknowledgements(ctx context.Context) {
	ticker := time.NewTicker(acknowledgementInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		a.heedAcknowledgements()
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// endAcknowledgements ends those of a task of which a run has found that the
// drift is another by now, or that the stack is gone. One that was resolved may
// come back, and is known still. So may one of a stack that nothing is known of
// any more, as when the history was lost, until all stacks were looked for.
func (a *Agent) endAcknowledgements(runs []history.Run) {
	if len(a.acknowledged.All()) == 0 {
		return
	}
	states := a.statesBySubject()
	a.retainAcknowledged(func(g approval.Grant) bool {
		if s, isThere := states[subjectOf(g)]; isThere {
			isOfRun := slices.ContainsFunc(runs, func(r history.Run) bool { return r.Task == g.Task })
			return !isOfRun || s.Drift == nil || s.Fingerprint == g.ID
		}
		return !slices.ContainsFunc(runs, func(r history.Run) bool { return r.Task == g.Task && r.Extent == history.Whole })
	})
}

// keepAcknowledgements ends those of tasks that are not in a graph, or off.
func (a *Agent) keepAcknowledgements(graph *eval.Graph) {
	there := observed(graph)
	a.retainAcknowledged(func(g approval.Grant) bool { return there[g.Task] })
}

func (a *Agent) retainAcknowledged(holds func(approval.Grant) bool) {
	if err := a.acknowledged.Retain(holds); err != nil {
		a.Log.Error("that acknowledgements have come to their end is not on the disk", "error", err)
	}
}
