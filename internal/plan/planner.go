package plan

import (
	"context"
	"errors"
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
	built, diags := buildUnits(s.graph, s.Targets, s.host.Canonical)
	if diags.HasErrors() {
		return nil, diags
	}
	s.units = built
	for _, path := range built.paths {
		s.host.Claim(path)
	}
	s.units.graph.Walk(ctx, s.Parallel,
		func(ctx context.Context, id addr.Addr) bool {
			s.Observer.Reading(id)
			defer s.Observer.Read(id)
			return s.planUnit(ctx, s.units.byID[id], s.host)
		},
		func(id, cause addr.Addr) {
			u := s.units.byID[id]
			if u.id.Kind == addr.Task {
				step := s.newStep(u, u.members)
				step.State, step.Cause = Skipped, cause
				s.keep(step)
			}
		})
	p := &Plan{}
	for _, id := range s.units.order {
		if step := s.steps[id]; step != nil {
			p.Steps = append(p.Steps, step)
		}
	}
	s.report(contextDiags(ctx))
	outputs, outputDiags := s.graph.Outputs(s.values)
	p.Outputs = outputs
	s.report(outputDiags)
	return p, s.takeDiags()
}

func contextDiags(ctx context.Context) hcl.Diagnostics {
	if ctx.Err() == nil {
		return nil
	}
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: "Interrupted", Detail: "The run was stopped before it was complete; what was not begun is left out."}}
}

func (s *Session) keep(step *Step) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.steps[step.Addr] = step
}

func (s *Session) newStep(u *unit, members []*eval.Node) *Step {
	step := &Step{
		Addr:      u.id,
		Type:      u.members[0].Type.Ref.Name,
		DependsOn: s.units.graph.Deps(u.id),
		State:     Planned,
	}
	for _, n := range members {
		if n.Addr != u.id {
			step.With = append(step.With, n.Addr)
		}
		if n.Meta.Enforcement == eval.Detect {
			step.DetectOnly = true
		}
	}
	return step
}

// planUnit plans the tasks of a unit, or evaluates another kind of block, and
// reports whether those that depend on it can go on.
func (s *Session) planUnit(ctx context.Context, u *unit, host plugin.Host) bool {
	first := u.members[0]
	switch {
	case first.Addr.Kind == addr.Task:
		return s.planTasks(ctx, u, host)
	case first.Addr.Kind == addr.Pipeline:
		return true
	default:
		return s.readNode(ctx, first)
	}
}

// readNode gives a source its values. Of what has none, only the
// configuration is known.
func (s *Session) readNode(ctx context.Context, n *eval.Node) bool {
	evaluated, diags := s.graph.Eval(n, s.values)
	if s.report(diags) {
		return false
	}
	s.values.Put(n.Addr, mark(n, evaluated.Config, evaluated.Marks))
	if n.Addr.Kind != addr.Source || n.Type.Emits || !s.graph.Known(n, evaluated) {
		return true
	}
	instance, diags := s.open(ctx, n, evaluated.Config)
	if s.report(diags) {
		return false
	}
	data, ok := instance.(plugin.Data)
	if !ok {
		return !s.report(s.graph.Locate(n, plugin.Error(nil, "Provider failed", "The instance of %s has no values to read.", n.Type.Ref)))
	}
	var v cty.Value
	failed := s.report(s.protect(n, "read a source", func() (diags plugin.Diagnostics) {
		v, diags = data.Read(ctx)
		return diags
	}))
	if failed {
		return false
	}
	s.values.Put(n.Addr, mark(n, v, evaluated.Marks))
	return true
}

// member is a task of a unit with its configuration.
type member struct {
	node *eval.Node
	eval.Evaluated
}

// planTasks plans the members one after the other over the same host, so
// that each sees what those before it would do.
func (s *Session) planTasks(ctx context.Context, u *unit, host plugin.Host) bool {
	members, conditional, ok := s.takingPart(u)
	if !ok {
		return s.failed(u)
	}
	if len(members) == 0 {
		return true
	}
	nodes := make([]*eval.Node, len(members))
	known := !conditional
	for i, m := range members {
		nodes[i] = m.node
		known = known && s.graph.Known(m.node, m.Evaluated)
	}
	step := s.newStep(u, nodes)
	step.Conditional = conditional
	s.describe(step, members)
	s.keep(step)
	if !known {
		s.deferStep(step, members, host)
		return true
	}
	for i, m := range members {
		change, ok := s.planTask(ctx, m, host)
		if !ok {
			step.State = Failed
			return false
		}
		if i == 0 {
			step.Change = change
		} else {
			step.Change = merge(step.Change, change)
		}
		s.values.Put(m.node.Addr, mark(m.node, change.After, m.Marks))
	}
	if step.Change.Fidelity == plugin.KnownAfterApply {
		step.State = Deferred
	}
	return true
}

// takingPart evaluates the members and leaves out those whose when is false.
func (s *Session) takingPart(u *unit) (members []member, conditional, ok bool) {
	ok = true
	for _, n := range u.members {
		when, diags := s.graph.When(n, s.values)
		if s.report(diags) {
			ok = false
			continue
		}
		if when.IsKnown() && when.False() {
			s.values.Put(n.Addr, cty.NullVal(n.Type.Schema.ImpliedType()))
			continue
		}
		conditional = conditional || !when.IsKnown()
		evaluated, diags := s.graph.Eval(n, s.values)
		ok = !s.report(diags) && ok
		members = append(members, member{n, evaluated})
	}
	return members, conditional, ok
}

func (s *Session) failed(u *unit) bool {
	step := s.newStep(u, u.members)
	step.State = Failed
	s.keep(step)
	return false
}

// describe sets what a step says of its tasks: their inputs, and what of
// them may not be shown.
func (s *Session) describe(step *Step, members []member) {
	last := members[len(members)-1]
	step.Marks = allMarks(last.node, last.Marks)
	for _, m := range members {
		step.inputs = append(step.inputs, m.Config)
		if len(m.Marks) > 0 {
			step.Sensitive = true
		}
	}
	for _, a := range members[0].node.Type.Schema.Attributes {
		step.owns = step.owns || a.Claim == schema.Owns
	}
}

// deferStep leaves a step to be planned at its turn. What it will have done
// to its path is unknown to the tasks after it.
func (s *Session) deferStep(step *Step, members []member, host plugin.Host) {
	step.State = Deferred
	last := members[len(members)-1]
	step.Change = plugin.Change{
		Action:   plugin.Update,
		Fidelity: plugin.KnownAfterApply,
		Before:   cty.NullVal(last.node.Type.Schema.ImpliedType()),
		After:    last.Config,
	}
	for _, m := range members {
		s.values.Put(m.node.Addr, mark(m.node, m.Config, m.Marks))
		for _, a := range m.node.Type.Schema.Attributes {
			if a.Claim == "" {
				continue
			}
			if path := m.Config.GetAttr(a.Name); path.IsKnown() && !path.IsNull() {
				host.Put(path.AsString(), plugin.File{Unknown: true}, nil)
			}
		}
	}
}

func (s *Session) planTask(ctx context.Context, m member, host plugin.Host) (plugin.Change, bool) {
	instance, diags := s.open(ctx, m.node, m.Config)
	if s.report(diags) {
		return plugin.Change{}, false
	}
	task, ok := instance.(plugin.Task)
	if !ok {
		return plugin.Change{}, !s.report(s.graph.Locate(m.node, plugin.Error(nil, "Provider failed", "The instance of %s is not a task.", m.node.Type.Ref)))
	}
	ctx, cancel := context.WithTimeout(ctx, m.node.Meta.Timeout)
	defer cancel()
	var change plugin.Change
	diags = s.protect(m.node, "planned", func() (diags plugin.Diagnostics) {
		change, diags = task.Plan(ctx, host)
		return diags
	})
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		diags = append(diags, timeoutDiag(s.graph, m.node, "planned"))
	}
	return change, !s.report(diags)
}

func timeoutDiag(g *eval.Graph, n *eval.Node, doing string) *hcl.Diagnostic {
	return g.Locate(n, plugin.Error(nil, "Timeout", "%s could not be %s within %s. Raise its timeout, or look at what it waits for.", n.Addr, doing, n.Meta.Timeout))[0]
}

// merge makes the changes of two tasks to one path, one after the other, a
// single change.
func merge(first, second plugin.Change) plugin.Change {
	merged := second
	merged.Before = first.Before
	merged.Warnings = append(first.Warnings, second.Warnings...)
	merged.Reasons = union(first.Reasons, second.Reasons)
	if first.Text != nil && second.Text != nil {
		text := *second.Text
		text.Before = first.Text.Before
		merged.Text = &text
	}
	if first.Fidelity == plugin.KnownAfterApply {
		merged.Fidelity = first.Fidelity
	}
	merged.Action = mergedAction(first, second)
	if merged.Action == plugin.NoOp {
		merged.Reasons = nil
	}
	return merged
}

func union(a, b []string) []string {
	out := append([]string(nil), a...)
	for _, s := range b {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// mergedAction compares the path before the first and after the second task.
func mergedAction(first, second plugin.Change) plugin.Action {
	switch {
	case first.Before.IsNull() && second.After.IsNull():
		return plugin.NoOp
	case first.Action == plugin.Replace:
		return plugin.Replace
	case first.Before.IsNull():
		return plugin.Create
	case second.Action == plugin.Delete:
		return plugin.Delete
	case first.Action == plugin.NoOp && second.Action == plugin.NoOp, sameState(first, second):
		return plugin.NoOp
	default:
		return plugin.Update
	}
}

// sameState reports whether the second task undoes what the first did, so
// that nothing is left to do. The values are compared by what both types
// compute or declare of the path.
func sameState(first, second plugin.Change) bool {
	if first.Text == nil || second.Text == nil || string(first.Text.Before) != string(second.Text.After) || second.Text.Unknown {
		return false
	}
	for _, name := range []string{"mode", "owner", "group"} {
		if !sameAttr(first.Before, second.After, name) {
			return false
		}
	}
	return true
}

func sameAttr(a, b cty.Value, name string) bool {
	if !a.Type().HasAttribute(name) || !b.Type().HasAttribute(name) {
		return true
	}
	return a.GetAttr(name).RawEquals(b.GetAttr(name))
}
