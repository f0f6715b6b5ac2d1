package plan

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin"
)

// Result is what became of a step.
type Result struct {
	Step     *Step
	Outcome  Outcome
	Duration time.Duration
	Cause    addr.Addr // of a skipped step; its own address when the run was stopped
	Error    string    // of a failed step: one line
	Attempts int       // how often it was applied

	applied bool                       // an attempt succeeded, whatever was found of it
	learnt  map[string]json.RawMessage // what to remember of it
	found   *[]plugin.Finding          // while it was applied; nil: it says nothing of that
}

// Findings are what the step has found while it was applied where it says so,
// else what was found when it was planned.
func (r Result) Findings() []FindingRecord {
	found := r.Step.Change.Findings
	if r.found != nil {
		found = *r.found
	}
	return findingRecords(hideFindings(r.Step.hidden, found))
}

// Outcome says what became of a step.
type Outcome string

// The outcomes.
const (
	Unchanged Outcome = "unchanged" // there was nothing to do
	Reported  Outcome = "reported"  // what is only told, or must not be changed any more
	Changed   Outcome = "changed"
	Broken    Outcome = "failed"
	Ignored   Outcome = "ignored" // it failed, and its on_error says to go on
	LeftOut   Outcome = "skipped" // a step before it failed, or the run was stopped
)

// Observer follows the work of a session. Its methods are called from several
// goroutines.
type Observer interface {
	// Reading is called when planning turns to a task or a source.
	Reading(a addr.Addr)
	// Read is called when it is done with it.
	Read(a addr.Addr)
	// Found is called with one of total findings of a task that is still being
	// planned. Not every task tells of them before its plan ends.
	Found(a addr.Addr, f FindingRecord, total int)
	// Applying is called before a step is applied.
	Applying(s *Step)
	// Retrying is called after an attempt to apply a step failed, before the
	// next.
	Retrying(f FailedAttempt)
	// Applied is called once for every step of an apply.
	Applied(r Result)
}

// Quiet is an observer that looks away.
type Quiet struct{}

// Reading implements [Observer].
func (Quiet) Reading(addr.Addr) {}

// Read implements [Observer].
func (Quiet) Read(addr.Addr) {}

// Found implements [Observer].
func (Quiet) Found(addr.Addr, FindingRecord, int) {}

// Applying implements [Observer].
func (Quiet) Applying(*Step) {}

// Retrying implements [Observer].
func (Quiet) Retrying(FailedAttempt) {}

// Applied implements [Observer].
func (Quiet) Applied(Result) {}

var _ Observer = Quiet{}

// firstError puts the first error on one line: what it is, and the first line
// of what there is to say about it. It is empty where there is none.
func firstError(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity != hcl.DiagError {
			continue
		}
		line, _, _ := strings.Cut(strings.TrimSpace(d.Detail), "\n")
		if line == "" {
			return d.Summary
		}
		return fmt.Sprintf("%s: %s", d.Summary, line)
	}
	return ""
}
