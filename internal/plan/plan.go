// Package plan finds out what would have to be done so that the host is as
// the configuration declares, and does it.
//
// A [Session] walks the graph twice. Planning reads: each task sees the host
// as the tasks before it would leave it. Applying executes the steps of the
// plan as they stand, and plans only those whose inputs were not known.
//
//	s := plan.NewSession(graph, catalog, plan.Options{...})
//	defer s.Close(ctx)
//	p, diags := s.Plan(ctx)
//	results, diags := s.Apply(ctx, p)
package plan

import (
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin"
)

// Plan is what would be done, as data.
type Plan struct {
	Steps   []*Step // each after those it depends on
	Outputs map[string]cty.Value
}

// Step is one task, or all tasks that together decide one path.
type Step struct {
	Addr addr.Addr
	With []addr.Addr // the other tasks of the path
	Type string
	// DependsOn are the steps and sources that come before.
	DependsOn []addr.Addr

	// Change holds no marks; what must not be shown is said by Marks.
	Change plugin.Change
	Marks  []cty.PathValueMarks
	// Sensitive says that the content and what the task learns came from
	// something sensitive, so that none of it may be shown.
	Sensitive bool

	// DetectOnly says that the change is reported and never applied.
	DetectOnly bool
	// Conditional says that whether the task takes part depends on what
	// others will have done.
	Conditional bool
	// State says how far planning came.
	State State
	// Cause is the step whose failure is the reason why this one is Skipped.
	Cause addr.Addr

	inputs []cty.Value // the configurations of all its tasks
	owns   bool        // whether the content of its path is wholly declared
}

// State is how far the planning of a step came.
type State string

// The states of a step. A deferred step is planned at its turn, when its
// inputs are known.
const (
	Planned  State = "planned"
	Deferred State = "deferred"
	Failed   State = "failed"
	Skipped  State = "skipped"
)

// Changes reports whether applying the step would, or might, do anything.
func (s *Step) Changes() bool {
	return s.State == Deferred || s.State == Planned && s.Change.Action != plugin.NoOp
}

// Summary counts the steps of a plan.
type Summary struct {
	Create, Update, Replace, Delete, Run int
	// Drift counts the steps that are not as declared and only reported.
	Drift   int
	NoOp    int
	Failed  int
	Skipped int
}

// Summary counts the steps.
func (p *Plan) Summary() Summary {
	var sum Summary
	for _, s := range p.Steps {
		switch {
		case s.State == Failed:
			sum.Failed++
		case s.State == Skipped:
			sum.Skipped++
		case !s.Changes():
			sum.NoOp++
		case s.DetectOnly:
			sum.Drift++
		default:
			sum.count(s.Change.Action)
		}
	}
	return sum
}

func (s *Summary) count(a plugin.Action) {
	switch a {
	case plugin.Create:
		s.Create++
	case plugin.Update:
		s.Update++
	case plugin.Replace:
		s.Replace++
	case plugin.Delete:
		s.Delete++
	case plugin.Run:
		s.Run++
	}
}

// HasChanges reports whether anything is not as declared.
func (s Summary) HasChanges() bool {
	return s.Create+s.Update+s.Replace+s.Delete+s.Run+s.Drift > 0
}

// Result is what became of a step.
type Result struct {
	Step     *Step
	Outcome  Outcome
	Duration time.Duration
	Cause    addr.Addr // of a skipped step
	Error    string    // of a failed step: one line
}

// Outcome says what became of a step.
type Outcome string

// The outcomes.
const (
	Unchanged Outcome = "unchanged" // there was nothing to do
	Reported  Outcome = "reported"  // drift that is only detected
	Changed   Outcome = "changed"
	Broken    Outcome = "failed"
	LeftOut   Outcome = "skipped" // a step before it failed, or the run was stopped
)

// Observer follows the work of a session. Its methods are called from several
// goroutines.
type Observer interface {
	// Reading is called when planning turns to a task or a source.
	Reading(a addr.Addr)
	// Read is called when it is done with it.
	Read(a addr.Addr)
	// Applying is called before a step is applied.
	Applying(s *Step)
	// Applied is called once for every step of an apply.
	Applied(r Result)
}

// Quiet is an observer that looks away.
type Quiet struct{}

func (Quiet) Reading(addr.Addr) {}
func (Quiet) Read(addr.Addr)    {}
func (Quiet) Applying(*Step)    {}
func (Quiet) Applied(Result)    {}

var _ Observer = Quiet{}
