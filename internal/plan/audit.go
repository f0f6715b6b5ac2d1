package plan

import (
	"context"
	"crypto/rand"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin"
)

// AuditEntry says of a step that it is going to be applied, or what became of
// it. Nothing sensitive is in it.
type AuditEntry struct {
	Time    time.Time     `json:"time"`
	Run     string        `json:"run"`   // the same for all entries of one apply
	Event   AuditEvent    `json:"event"` // which of the two it is
	Address addr.Addr     `json:"address"`
	With    []addr.Addr   `json:"with,omitempty"`
	Action  plugin.Action `json:"action"`
	Reasons []string      `json:"reasons,omitempty"`
	// Digest is a keyed one of all that decides what applying the step does.
	Digest   string         `json:"digest"`
	Findings []AuditFinding `json:"findings,omitempty"`

	// What became of it.
	Outcome  Outcome       `json:"outcome,omitempty"`
	Error    string        `json:"error,omitempty"`
	Duration time.Duration `json:"duration_ns,omitempty"`
}

// AuditEvent says when an entry was made.
type AuditEvent string

// The events of a step.
const (
	AuditBefore AuditEvent = "before"
	AuditAfter  AuditEvent = "after"
)

// AuditFinding is a finding about which something is done.
type AuditFinding struct {
	Name    string `json:"name"`
	Verdict string `json:"verdict"`
	Remedy  Remedy `json:"remedy"`
}

// auditPlan keeps an account of all that is going to be applied as it is
// planned, in one go. What could not be kept is tried again one by one.
func (s *Session) auditPlan(ctx context.Context, p *Plan) {
	s.run = rand.Text()
	var steps []*Step
	for _, step := range p.Steps {
		if step.State == Planned && step.Changes() && !step.DetectOnly && !step.Idle {
			steps = append(steps, step)
		}
	}
	if len(steps) == 0 || s.Audit == nil {
		return
	}
	if err := s.keepAccount(ctx, steps); err != nil {
		s.Log.Warn("the plan could not be audited as a whole, so its steps are one by one", "error", err)
	}
}

// audit makes sure that an account is kept of a step before it is applied.
func (s *Session) audit(ctx context.Context, step *Step) (problem string) {
	if step.audited || s.Audit == nil {
		return ""
	}
	err := s.keepAccount(ctx, []*Step{step})
	if err == nil {
		return ""
	}
	return s.report(s.problem(step.members[step.applier].node, "Could not be audited",
		"%s was not applied, because no account of that could be kept: %s. Make room, or see who may write there, and apply again.", step.Addr, err))
}

func (s *Session) keepAccount(ctx context.Context, steps []*Step) error {
	entries := make([]AuditEntry, len(steps))
	for i, step := range steps {
		entries[i] = s.auditEntry(AuditBefore, step, findingRecords(hideFindings(step.hidden, step.Change.Findings)))
	}
	if err := s.Audit(ctx, entries); err != nil {
		return err
	}
	for _, step := range steps {
		step.audited = true
	}
	return nil
}

func (s *Session) auditEntry(event AuditEvent, step *Step, findings []FindingRecord) AuditEntry {
	e := AuditEntry{
		Time: s.Now().UTC(), Run: s.run, Event: event, Address: step.Addr, With: step.With, Action: step.Change.Action,
		Digest: step.digest(s.Key), Reasons: hideAll(step.hidden, step.Change.Reasons),
	}
	for _, f := range findings {
		if f.Remedy != nil {
			e.Findings = append(e.Findings, AuditFinding{f.Name, f.Verdict, *f.Remedy})
		}
	}
	return e
}

// auditResults adds to the account what became of the steps. That is done, so
// where the account can't be kept there is no more than a warning.
func (s *Session) auditResults(ctx context.Context, results []Result) {
	var entries []AuditEntry
	for _, r := range results {
		if r.Step == nil || !r.Step.audited {
			continue
		}
		e := s.auditEntry(AuditAfter, r.Step, r.Findings())
		e.Outcome, e.Error, e.Duration = r.Outcome, r.Step.hidden.String(r.Error), r.Duration
		entries = append(entries, e)
	}
	if len(entries) == 0 {
		return
	}
	if err := s.Audit(context.WithoutCancel(ctx), entries); err != nil {
		s.report(hcl.Diagnostics{{
			Severity: hcl.DiagWarning, Summary: "Outcome could not be audited",
			Detail: "What was applied is done, but no account of how it ended could be kept: " + err.Error() + ".",
		}})
	}
}
