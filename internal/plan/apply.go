package plan

import (
	"context"
	"fmt"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Apply does what the plan of this session says. A step that fails leaves out
// those that depend on it and no other. When ctx ends, steps that have begun
// are ended and no other begins; see also [Session.Stop]. There is one result
// for each step, in the order of the plan.
func (s *Session) Apply(ctx context.Context, p *Plan) ([]Result, hcl.Diagnostics) {
	s.moment.Apply(s.Now())
	var mu sync.Mutex
	results := make(map[*Step]Result)
	finish := func(r Result) bool {
		mu.Lock()
		results[r.Step] = r
		mu.Unlock()
		s.settle(r)
		s.Observer.Applied(r)
		// A step that was stopped is no cause: the next would not begin either.
		return r.Outcome != Broken && (r.Outcome != LeftOut || r.Cause == r.Step.Addr)
	}
	begin, end := s.beginning(ctx)
	defer end()
	s.auditPlan(ctx, p)
	s.units.graph.Walk(begin, s.Parallel,
		func(begin context.Context, id addr.Addr) bool {
			step := s.step(id)
			if step == nil {
				return s.catchUp(begin, s.units.byID[id])
			}
			began := s.Now()
			result := s.tolerate(ctx, s.applyStep(ctx, begin, step))
			result.Duration = s.Now().Sub(began)
			return finish(result)
		},
		func(id, cause addr.Addr) {
			if step := s.step(id); step != nil {
				finish(s.skip(step, s.addressOf(cause)))
			}
		})
	ordered := make([]Result, len(p.Steps))
	for i, step := range p.Steps {
		ordered[i] = results[step]
	}
	s.auditResults(ctx, ordered)
	p.Outputs = s.outputs()
	return ordered, s.takeDiags()
}

func (s *Session) skip(step *Step, cause addr.Addr) Result {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopped = s.stopped || cause == step.Addr
	return Result{Step: step, Outcome: LeftOut, Cause: cause}
}

// applyStep applies a step, unless begin has ended before it comes to that.
func (s *Session) applyStep(ctx, begin context.Context, step *Step) Result {
	switch step.State {
	case Failed:
		return Result{Step: step, Outcome: Broken, Error: step.problem}
	case Skipped:
		return Result{Step: step, Outcome: LeftOut, Cause: step.Cause}
	case Deferred:
		if problem := s.planAgain(ctx, step); problem != "" {
			return Result{Step: step, Outcome: Broken, Error: problem}
		}
	}
	s.callOff(step)
	if problem := s.judge(step); problem != "" {
		return Result{Step: step, Outcome: Broken, Error: problem}
	}
	switch {
	case step.Idle:
		return s.idleResult(step)
	case step.Change.Action == plugin.NoOp:
		return Result{Step: step, Outcome: Unchanged}
	case step.DetectOnly:
		return Result{Step: step, Outcome: Reported}
	case begin.Err() != nil:
		return s.skip(step, step.Addr)
	}
	if problem := s.audit(ctx, step); problem != "" {
		return Result{Step: step, Outcome: Broken, Error: problem}
	}
	if problem := s.owe(step); problem != "" {
		return Result{Step: step, Outcome: Broken, Error: problem}
	}
	s.Observer.Applying(step)
	return s.execute(ctx, begin, step)
}

// planAgain plans a deferred step, now that what comes before it is done. The
// host is looked at as it really is.
func (s *Session) planAgain(ctx context.Context, step *Step) (problem string) {
	s.Observer.Reading(step.Addr)
	defer s.Observer.Read(step.Addr)
	s.recall(step)
	host := presentHost{Overlay: overlay.New(overlay.Options{}), planned: s.host}
	fresh := s.planTasks(ctx, step.unit, host)
	switch {
	case fresh == nil: // when is false: nothing takes part
		step.State, step.members, step.declared = Planned, nil, nil
		step.Change = plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact}
		return ""
	case fresh.State == Deferred:
		problem = s.report(s.problem(fresh.members[0].node, "Input still unknown", stillUnknown, step.Addr))
		fresh.fail(problem)
	}
	*step = *fresh
	return step.problem
}

// execute applies the change of a step, after it has made sure that the inputs
// are those that were planned with. After begin has ended there is no further
// attempt.
func (s *Session) execute(ctx, begin context.Context, step *Step) Result {
	r := Result{Step: step, Outcome: Broken}
	for _, m := range step.members {
		if r.Error = s.checkInputs(m); r.Error != "" {
			return r
		}
	}
	m := step.members[step.applier]
	value, problem := s.applyUntil(ctx, begin, &r, m)
	changed := s.hear(&r, m)
	if r.Error = problem; problem != "" {
		return r
	}
	s.values.Put(m.node.Addr, value.MarkWithPaths(allMarks(m.node, m.Marks, step.Sensitive)))
	for _, m := range step.members {
		known, _ := s.values.Value(m.node.Addr)
		if r.Error = s.mustHold(m.node, known); r.Error != "" {
			return r
		}
	}
	if !changed {
		r.Outcome = Reported
		return r
	}
	r.Outcome, r.learnt = Changed, s.worthKeeping(step, value)
	return r
}

// hear takes over what a task says that it has found while it was applied, and
// reports whether it has changed anything. A task that says nothing has.
func (s *Session) hear(r *Result, m member) (changed bool) {
	reporter, ok := s.instance(m.node.Addr).(plugin.Reporter)
	if !ok {
		return true
	}
	var found []plugin.Finding
	found, changed = reporter.Findings()
	r.found = &found
	return changed
}

// applyOnce applies the change of a step.
func (s *Session) applyOnce(ctx context.Context, step *Step, m member) (cty.Value, hcl.Diagnostics) {
	task := s.instance(m.node.Addr).(plugin.Task) // it has planned the change
	var value cty.Value
	diags := s.call(ctx, m, "applied a change", func() (diags plugin.Diagnostics) {
		value, diags = task.Apply(ctx, step.Change)
		return diags
	})
	if diags.HasErrors() {
		return value, diags
	}
	err := checkValue(m.node, m.Config, value)
	if err == nil && !value.IsWhollyKnown() {
		err = fmt.Errorf("of which a part is not known")
	}
	if err != nil {
		return value, append(diags, s.problem(m.node, "Provider failed", "%s was applied, and then returned a value %s. This is a bug in the provider.", m.node.Type.Ref, err)...)
	}
	return s.recollect(m.node, value), diags
}

// checkInputs evaluates a task anew, and compares.
func (s *Session) checkInputs(m member) (problem string) {
	when, diags := s.graph.When(m.node, s.values)
	if problem := s.report(diags); problem != "" {
		return problem
	}
	evaluated, diags := s.graph.Eval(m.node, s.values)
	if problem := s.report(diags); problem != "" {
		return problem
	}
	if when.IsKnown() && when.True() && sameInputs(m.node, evaluated.Config, m.Config) {
		return ""
	}
	return s.report(s.problem(m.node, "Inputs changed since the plan",
		"What %s refers to is not what it was when the plan was made, so the planned change was not applied. Plan again.", m.node.Addr))
}

// sameInputs compares what two configurations of a node say. Expressions are
// compiled anew each time and are left out: what they name is an input too.
func sameInputs(n *eval.Node, a, b cty.Value) bool {
	for i := range n.Type.Schema.Attributes {
		attr := &n.Type.Schema.Attributes[i]
		if !attr.Computed && !schema.IsExpr(attr.Type) && !a.GetAttr(attr.Name).RawEquals(b.GetAttr(attr.Name)) {
			return false
		}
	}
	for i := range n.Type.Schema.Blocks {
		name := n.Type.Schema.Blocks[i].Name
		if !withoutExprs(a.GetAttr(name)).RawEquals(withoutExprs(b.GetAttr(name))) {
			return false
		}
	}
	return true
}

// Unchanged returns the results of a plan that has nothing to apply. What was
// owed to a task that is as declared nevertheless is settled with that.
func (s *Session) Unchanged(p *Plan) []Result {
	var results []Result
	for _, step := range p.Steps {
		if step.State == Planned && !step.Changes() {
			s.settle(Result{Step: step, Outcome: Unchanged})
			results = append(results, Result{Step: step, Outcome: Unchanged})
		}
	}
	return results
}
