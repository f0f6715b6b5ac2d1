package plan

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Plan reads the host and the sources. A step that can't be planned leaves
// out those that depend on it and no other; the diagnostics say why.
func (s *Session) Plan(ctx context.Context) (*Plan, hcl.Diagnostics) {
	built, diags := buildUnits(s.graph, s.Part, s.host.Canonical)
	if diags.HasErrors() {
		return nil, diags
	}
	s.units = built
	if diags := s.remember(); diags.HasErrors() {
		return nil, diags
	}
	for at := range built.byPath {
		s.host.Claim(at)
	}
	s.units.graph.Walk(ctx, s.Parallel,
		func(ctx context.Context, id addr.Addr) bool {
			s.Observer.Reading(id)
			defer s.Observer.Read(id)
			return s.planUnit(ctx, s.units.byID[id])
		},
		func(id, cause addr.Addr) { s.leaveOut(s.units.byID[id], cause) })
	p := &Plan{Part: s.Part, LeftOut: s.units.leftOut}
	for _, id := range s.units.order {
		if step := s.step(id); step != nil {
			p.Steps = append(p.Steps, step)
		}
	}
	p.Outputs = s.outputs()
	return p, s.takeDiags()
}

// outputs evaluates the outputs, but for those that name what is left out.
func (s *Session) outputs() map[string]cty.Value {
	outputs, diags := s.graph.Outputs(s.values)
	s.report(diags)
	isLeftOut := func(a addr.Addr) bool { return s.units.byNode[a] == nil }
	for name := range outputs {
		if slices.ContainsFunc(s.graph.DependenciesOfOutput(name), isLeftOut) {
			delete(outputs, name)
		}
	}
	return outputs
}

// planUnit plans the tasks of a unit, or evaluates another kind of block, and
// reports whether those that depend on it can go on.
func (s *Session) planUnit(ctx context.Context, u *unit) bool {
	if !u.isTask() {
		return s.readNode(ctx, u.members[0])
	}
	step := s.planTasks(ctx, u, s.host)
	if step == nil {
		return true
	}
	s.keep(u, step)
	if step.State == Failed && u.tolerates() {
		s.giveUp(u)
		return true
	}
	return step.State != Failed
}

// leaveOut notes that a unit is not planned because of another, or because the
// run was stopped before its turn.
func (s *Session) leaveOut(u *unit, cause addr.Addr) {
	s.mu.Lock()
	s.stopped = s.stopped || cause == u.id
	s.mu.Unlock()
	if u.isTask() {
		step := s.newStep(u, allMembers(u))
		step.State, step.Cause = Skipped, s.addressOf(cause)
		s.keep(u, step)
	}
}

// addressOf returns the address that the step of a unit goes by.
func (s *Session) addressOf(id addr.Addr) addr.Addr {
	if step := s.step(id); step != nil {
		return step.Addr
	}
	return id
}

func allMembers(u *unit) []member {
	members := make([]member, len(u.members))
	for i, n := range u.members {
		members[i].node = n
	}
	return members
}

func (s *Session) newStep(u *unit, members []member) *Step {
	step := &Step{
		Addr:    members[0].node.Addr,
		Type:    members[0].node.Type.Ref.Name,
		State:   Planned,
		unit:    u,
		members: members,
		hidden:  s.graph.Hidden(),
	}
	for _, dep := range s.units.graph.Deps(u.id) {
		step.DependsOn = append(step.DependsOn, s.addressOf(dep))
	}
	for i, m := range members {
		if i > 0 {
			step.With = append(step.With, m.node.Addr)
		}
		step.DetectOnly = step.DetectOnly || m.node.Meta.Enforcement == eval.Detect
		step.Conditional = step.Conditional || m.conditional
		step.Idle = step.Idle || m.idle
		step.Unjudged = step.Unjudged || m.unjudged
		step.Sensitive = step.Sensitive || m.sensitive()
		step.declared = append(step.declared, m.Config)
	}
	return step
}

func (s *Step) fail(problem string) *Step {
	s.State, s.problem = Failed, problem
	return s
}

// planTasks plans the tasks of a unit. It returns nil when none of them takes
// part. Only what is going to be applied stays open.
func (s *Session) planTasks(ctx context.Context, u *unit, host plugin.Host) *Step {
	step := s.planMembers(ctx, u, host)
	if step != nil && (step.State != Planned || step.DetectOnly || !step.Changes()) {
		s.release(ctx, step)
	}
	return step
}

// planMembers plans one task after the other over the same host, so that each
// sees what those before it would do. From the first that has to wait on, all
// wait.
func (s *Session) planMembers(ctx context.Context, u *unit, host plugin.Host) *Step {
	var members []member
	var changes []plugin.Change
	waiting, sensitive := false, false
	for _, n := range u.members {
		m, problem := s.takePart(u, n)
		if problem != "" {
			return s.newStep(u, allMembers(u)).fail(problem)
		}
		if m.node == nil {
			continue
		}
		if m.idle { // it is alone in its unit
			return s.idleStep(u, m)
		}
		members = append(members, m)
		// What the task learns of the path comes from the tasks before it too.
		sensitive = sensitive || m.sensitive()
		if waiting = waiting || s.mustWait(m); waiting {
			s.values.Put(n.Addr, m.unknown())
			continue
		}
		change, problem := s.planTask(ctx, m, host)
		if problem != "" {
			failed := s.newStep(u, members).fail(problem)
			failed.Change.Findings = change.Findings // which say what each of them lacks
			return failed
		}
		value := change.After.MarkWithPaths(allMarks(n, m.Marks, sensitive))
		unjudged, problem := s.checkAfter(n, value)
		if problem != "" {
			return s.newStep(u, members).fail(problem)
		}
		members[len(members)-1].unjudged = m.unjudged || unjudged
		changes = append(changes, change)
		s.values.Put(n.Addr, value)
	}
	if len(members) == 0 {
		return nil
	}
	step := s.newStep(u, members)
	if waiting {
		s.deferStep(step, host)
	} else {
		step.settle(changes)
	}
	step.markAll(changes)
	return step
}

// takePart evaluates a task. There is no member where its when is false.
func (s *Session) takePart(u *unit, n *eval.Node) (m member, problem string) {
	when := cty.True
	if n.Conditional {
		var diags hcl.Diagnostics
		when, diags = s.graph.When(n, s.values)
		if problem := s.report(diags); problem != "" {
			return member{}, problem
		}
		if when.IsKnown() && when.False() {
			s.values.Put(n.Addr, cty.NullVal(n.Type.Schema.ImpliedType()))
			return member{}, ""
		}
	}
	m = member{node: n, conditional: !when.IsKnown()}
	s.callFor(&m)
	if !m.idle && !m.conditional {
		var diags hcl.Diagnostics
		m.unjudged, diags = s.graph.CheckBefore(n, s.values)
		if problem := s.report(diags); problem != "" {
			return m, problem
		}
	}
	evaluated, diags := s.graph.Eval(n, s.values)
	if problem := s.report(diags); problem != "" {
		return m, problem
	}
	m.Evaluated = evaluated
	return m, s.report(s.checkLatePaths(u, m))
}

func (s *Session) planTask(ctx context.Context, m member, host plugin.Host) (change plugin.Change, problem string) {
	instance, diags := s.open(ctx, m)
	if problem := s.report(diags); problem != "" {
		return change, problem
	}
	task, ok := instance.(plugin.Task)
	if !ok {
		return change, s.report(s.problem(m.node, "Provider failed", "The instance of %s is not a task. This is a bug in the provider.", m.node.Type.Ref))
	}
	ctx, cancel := withTimeout(ctx, m.node)
	defer cancel()
	diags = s.call(ctx, m, "planned", func() (diags plugin.Diagnostics) {
		change, diags = task.Plan(ctx, host)
		return diags
	})
	if problem := s.report(diags); problem != "" {
		return change, problem
	}
	if err := checkChange(m.node, m.Config, change); err != nil {
		return change, s.report(s.problem(m.node, "Provider failed", "%s planned %s. This is a bug in the provider.", m.node.Type.Ref, err))
	}
	change.Reasons = append(slices.Clip(m.occasions), change.Reasons...)
	if change.Action == plugin.NoOp {
		change.Before, change.After = s.recollect(m.node, change.Before), s.recollect(m.node, change.After)
	}
	return change, ""
}

// settle makes one change of those of the members.
func (s *Step) settle(changes []plugin.Change) {
	s.Change, s.applier = merge(changes)
	last := s.members[len(s.members)-1]
	if s.owns() {
		// What is wholly declared can come from elsewhere than from the
		// arguments: the content of a file that is copied.
		s.declared = append(s.declared, learnt(last.node, changes[len(changes)-1].After)...)
	}
	if s.Change.Action == plugin.NoOp {
		s.Change.Text, s.Change.Payload = nil, nil
	} else if s.DetectOnly && len(s.members) > 1 {
		s.Change.Warnings = append(s.Change.Warnings, s.detectWarning())
	}
	s.DetectOnly = s.DetectOnly || slices.ContainsFunc(changes, func(c plugin.Change) bool { return c.ReportOnly })
	if s.Change.Fidelity == plugin.KnownAfterApply {
		s.State = Deferred
	}
}

// owns reports whether a task decides all that is at the path.
func (s *Step) owns() bool {
	for i := range s.members[0].node.Type.Schema.Attributes {
		if s.members[0].node.Type.Schema.Attributes[i].Claim == schema.Owns {
			return true
		}
	}
	return false
}

// learnt are the computed attributes of a value.
func learnt(n *eval.Node, v cty.Value) []cty.Value {
	var values []cty.Value
	for i := range n.Type.Schema.Attributes {
		if a := &n.Type.Schema.Attributes[i]; a.Computed {
			values = append(values, attr(v, a.Name))
		}
	}
	return values
}

// detectWarning tells which task keeps the others of its path from being
// applied.
func (s *Step) detectWarning() string {
	at := slices.IndexFunc(s.members, func(m member) bool { return m.node.Meta.Enforcement == eval.Detect })
	return fmt.Sprintf("%s only reports, and the tasks of one path are applied as one: none of them is applied.", s.members[at].node.Addr)
}

// markAll notes what of the change must not be shown: what is sensitive in one
// of the tasks, and once anything is, the content and all that they learn.
func (s *Step) markAll(changes []plugin.Change) {
	for _, m := range s.members {
		s.marks = append(s.marks, allMarks(m.node, m.Marks, s.Sensitive)...)
	}
	for _, c := range changes {
		if s.Sensitive && c.Text != nil {
			s.marks = append(s.marks, sensitiveAttr(c.Text.Attribute))
		}
	}
}
