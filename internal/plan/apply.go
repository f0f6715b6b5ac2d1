package plan

import (
	"context"
	"errors"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
)

// Apply does what the plan of this session says. A step that fails leaves out
// those that depend on it and no other. When ctx ends, steps that have begun
// are ended and no other begins.
func (s *Session) Apply(ctx context.Context, p *Plan) ([]Result, hcl.Diagnostics) {
	var mu sync.Mutex
	results := make(map[addr.Addr]Result)
	finish := func(r Result) bool {
		mu.Lock()
		defer mu.Unlock()
		results[r.Step.Addr] = r
		s.Observer.Applied(r)
		return r.Outcome != Broken && r.Outcome != LeftOut
	}
	s.units.graph.Walk(ctx, s.Parallel,
		func(ctx context.Context, id addr.Addr) bool {
			step := s.steps[id]
			if step == nil {
				return s.reread(ctx, s.units.byID[id])
			}
			return finish(s.applyStep(ctx, step))
		},
		func(id, cause addr.Addr) {
			if step := s.steps[id]; step != nil {
				finish(Result{Step: step, Outcome: LeftOut, Cause: cause})
			}
		})
	s.report(contextDiags(ctx))
	ordered := make([]Result, 0, len(results))
	for _, step := range p.Steps {
		ordered = append(ordered, results[step.Addr])
	}
	outputs, outputDiags := s.graph.Outputs(s.values)
	s.report(outputDiags)
	p.Outputs = outputs
	return ordered, s.takeDiags()
}

// reread reads a source that could not be read when the plan was made,
// because what it needs was not known.
func (s *Session) reread(ctx context.Context, u *unit) bool {
	if u.id.Kind == addr.Source {
		if _, read := s.opened[u.id]; !read {
			return s.readNode(ctx, u.members[0])
		}
	}
	return true
}

func (s *Session) applyStep(ctx context.Context, step *Step) Result {
	began := s.Now()
	result := Result{Step: step}
	switch step.State {
	case Failed:
		result.Outcome, result.Error = Broken, "it could not be planned"
		return result
	case Skipped:
		result.Outcome, result.Cause = LeftOut, step.Cause
		return result
	case Deferred:
		if !s.planAgain(ctx, step) {
			result.Outcome, result.Error = Broken, "it could not be planned when its inputs were known"
			return result
		}
	}
	switch {
	case step.State == Planned && step.Change.Action == plugin.NoOp:
		result.Outcome = Unchanged
		return result
	case step.DetectOnly:
		result.Outcome = Reported
		return result
	}
	s.Observer.Applying(step)
	err := s.execute(ctx, step)
	result.Duration = s.Now().Sub(began)
	result.Outcome = Changed
	if err != nil {
		result.Outcome, result.Error = Broken, err.Error()
	}
	return result
}

// planAgain plans a deferred step, now that what comes before it is done. The
// host is looked at as it really is.
func (s *Session) planAgain(ctx context.Context, step *Step) bool {
	u := s.units.byID[step.Addr]
	if !s.planTasks(ctx, u, overlay.New(overlay.Options{})) {
		return false
	}
	fresh := s.steps[step.Addr]
	if fresh == step { // when is false: nothing of the unit takes part
		step.State, step.Change.Action = Planned, plugin.NoOp
		return true
	}
	*step = *fresh
	s.keep(step)
	if step.State == Deferred {
		return !s.report(s.graph.Locate(u.members[0], plugin.Error(nil, "Input still unknown",
			"All that %s depends on is done, and still one of its inputs is not known.", step.Addr)))
	}
	return true
}

// execute applies the change of a step through its last member, after it has
// made sure that the inputs are those that were planned with.
func (s *Session) execute(ctx context.Context, step *Step) error {
	u := s.units.byID[step.Addr]
	last := u.members[len(u.members)-1]
	for _, n := range u.members {
		o, taking := s.instance(n.Addr)
		if !taking {
			continue
		}
		last = n
		evaluated, diags := s.graph.Eval(n, s.values)
		if s.report(diags) {
			return errors.New(diags[0].Detail)
		}
		if !sameInputs(n, evaluated.Config, o.config) {
			diags := s.graph.Locate(n, plugin.Error(nil, "Inputs changed since the plan",
				"What %s refers to is not what it was when the plan was made, so the planned change was not applied. Plan again.", n.Addr))
			s.report(diags)
			return errors.New(diags[0].Summary)
		}
	}
	o, _ := s.instance(last.Addr)
	ctx, cancel := context.WithTimeout(ctx, last.Meta.Timeout)
	defer cancel()
	var value cty.Value
	diags := s.protect(last, "applied a change", func() (diags plugin.Diagnostics) {
		value, diags = o.instance.(plugin.Task).Apply(ctx, step.Change)
		return diags
	})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		diags = append(diags, timeoutDiag(s.graph, last, "applied"))
	}
	if s.report(diags) {
		return errors.New(firstError(diags))
	}
	evaluated, _ := s.graph.Eval(last, s.values)
	s.values.Put(last.Addr, mark(last, value, evaluated.Marks))
	return nil
}

func (s *Session) instance(a addr.Addr) (opened, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, ok := s.opened[a]
	return o, ok
}

func firstError(diags hcl.Diagnostics) string {
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			return d.Summary
		}
	}
	return ""
}

// Unchanged returns the results of a plan that has nothing to apply.
func (s *Session) Unchanged(p *Plan) []Result {
	var results []Result
	for _, step := range p.Steps {
		if step.State == Planned && !step.Changes() {
			results = append(results, Result{Step: step, Outcome: Unchanged})
		}
	}
	return results
}
