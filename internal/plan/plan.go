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
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
)

// Plan is what would be done, as data.
type Plan struct {
	Steps   []*Step // each after those it depends on
	Outputs map[string]cty.Value
	Part    Selection // of the configuration, that is planned
	LeftOut int       // how many tasks the plan leaves out because of that
}

// Step is one task, or all tasks that together decide one path.
type Step struct {
	Addr addr.Addr
	With []addr.Addr // the other tasks of the path
	Type string
	// DependsOn are the steps and sources that come before.
	DependsOn []addr.Addr

	// Change holds no marks. What of it may be shown is said by [Step.Record].
	// Where there is nothing to do it has no text and no payload.
	Change plugin.Change
	// Sensitive says that the content and what the task learns came from
	// something sensitive, so that none of it may be shown.
	Sensitive bool

	// DetectOnly says that the change is reported and never applied.
	DetectOnly bool
	// Conditional says that whether the task takes part depends on what
	// others will have done.
	Conditional bool
	// Idle says that the task waits to be triggered, and that nothing does.
	Idle bool
	// Unjudged says that some of its conditions are judged in apply.
	Unjudged bool
	// State says how far planning came.
	State State
	// Cause is the step whose failure is the reason why this one is Skipped.
	Cause addr.Addr

	unit     *unit
	members  []member             // the tasks that take part
	applier  int                  // the member that applies the change
	marks    []cty.PathValueMarks // of the sensitive parts of Change
	declared []cty.Value          // what the tasks say of the host
	hidden   *redact.Redactor     // knows what is sensitive in the configuration
	problem  string               // why it is Failed, on one line
	audited  bool                 // that it is going to be applied
}

// TakesPart reports whether a task of the step is to be looked at: its when
// holds, and what triggers it did.
func (s *Step) TakesPart() bool { return len(s.members) > 0 && !s.Idle }

// member is a task of a step with its configuration.
type member struct {
	node *eval.Node
	eval.Evaluated
	conditional bool        // whether it takes part isn't known yet
	idle        bool        // it takes no part, because nothing triggers it
	occasions   []string    // why it takes part, where it has to be triggered
	awaited     []addr.Addr // which may yet trigger it
	unjudged    bool        // a condition of it isn't known yet
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
