package plan

import (
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// callFor finds out whether a task that has to be triggered is. Where that
// depends on what others will have done, it is conditional.
func (s *Session) callFor(m *member) {
	if !m.node.IsTriggered() {
		return
	}
	m.awaited = nil
	for _, trigger := range s.memory.before[m.node.Addr] {
		m.occasions = append(m.occasions, fmt.Sprintf("triggered by %s in an earlier run", trigger))
	}
	for _, trigger := range m.node.Triggers {
		changes := s.changes(trigger)
		switch {
		case !changes.IsKnown():
			m.awaited = append(m.awaited, trigger)
		case changes.True():
			m.occasions = append(m.occasions, fmt.Sprintf("triggered by %s", trigger))
		}
	}
	if len(m.occasions) > 0 {
		m.awaited = nil // it takes part, whatever they do
		return
	}
	open := len(m.awaited) > 0
	m.idle, m.conditional = !open, m.conditional || open
}

// changes tells whether a task changes something in this run, or has, once it
// is done: unknown where that can't be told yet. The tasks of one path change
// together, and a command may say itself that it has changed nothing.
func (s *Session) changes(a addr.Addr) cty.Value {
	u := s.units.byNode[a]
	if u == nil {
		return cty.False
	}
	step := s.step(u.id)
	s.mu.Lock()
	outcome, done := s.outcomes[u]
	s.mu.Unlock()
	switch {
	case step == nil || step.DetectOnly || step.Idle:
		return cty.False
	case done && outcome != Changed:
		return cty.False
	case !done && step.State == Deferred:
		return cty.UnknownVal(cty.Bool)
	case !done && (step.State != Planned || step.Change.Action == plugin.NoOp):
		return cty.False
	}
	node, _ := s.graph.Node(a)
	return s.saysChanged(node)
}

// changedAttribute is the name of what a task may learn of its own run: whether
// it changed something.
const changedAttribute = "changed"

func isChanged(a *schema.Attribute) bool {
	return a.Name == changedAttribute && a.Computed && a.Type == cty.Bool
}

// saysChanged is what a task says of its own run, true where it says nothing.
func (s *Session) saysChanged(n *eval.Node) cty.Value {
	v, known := s.values.Value(n.Addr)
	if a, ok := n.Type.Schema.Attribute(changedAttribute); !ok || !isChanged(a) || !known || v.IsNull() {
		return cty.True
	}
	v, _ = v.Unmark()
	if !v.IsKnown() {
		return cty.UnknownVal(cty.Bool)
	}
	changed, _ := v.GetAttr(changedAttribute).Unmark()
	if changed.IsKnown() && changed.IsNull() {
		return cty.True
	}
	return changed
}

// idleStep is the step of a task that nothing triggers. It is not even planned:
// what it would do is of no interest.
func (s *Session) idleStep(u *unit, m member) *Step {
	step := s.newStep(u, []member{m})
	value := s.atRest(m)
	step.Change = plugin.Change{Action: plugin.NoOp, Fidelity: plugin.Exact, Before: value, After: value}
	step.markAll(nil)
	return step
}

// atRest gives a task that does nothing the value that others see: what it is
// configured with, and what it learnt when it last did something.
func (s *Session) atRest(m member) cty.Value {
	value := s.recollect(m.node, unlearnt(m.node, m.Config))
	s.values.Put(m.node.Addr, Mark(m.node, value, m.Marks))
	return value
}

// unlearnt is the value of a task that has learnt nothing, as it did nothing.
func unlearnt(n *eval.Node, cfg cty.Value) cty.Value {
	attrs := cfg.AsValueMap()
	for i := range n.Type.Schema.Attributes {
		switch a := &n.Type.Schema.Attributes[i]; {
		case isChanged(a):
			attrs[a.Name] = cty.False
		case a.Computed:
			attrs[a.Name] = cty.NullVal(a.Type)
		}
	}
	return cty.ObjectVal(attrs)
}

// callOff makes a step idle whose triggers turn out to have changed nothing.
func (s *Session) callOff(step *Step) {
	if len(step.occasions()) == 0 {
		return
	}
	m := step.members[0]
	m.occasions = nil
	s.callFor(&m)
	if m.idle {
		step.members[0], step.Idle = m, true
	}
}

// idleResult ends the step of a task that nothing triggers. Its inputs may have
// become known since the plan.
func (s *Session) idleResult(step *Step) Result {
	m := &step.members[0]
	evaluated, diags := s.graph.Eval(m.node, s.values)
	if problem := s.report(diags); problem != "" {
		return Result{Step: step, Outcome: Broken, Error: problem}
	}
	m.Evaluated = evaluated
	s.atRest(*m)
	return Result{Step: step, Outcome: Unchanged}
}

// occasions say what triggers the step.
func (s *Step) occasions() []string {
	var out []string
	for _, m := range s.members {
		out = append(out, m.occasions...)
	}
	return out
}

// awaited are the tasks of which it isn't known yet whether they trigger the
// step.
func (s *Step) awaited() []addr.Addr {
	var out []addr.Addr
	for _, m := range s.members {
		out = append(out, m.awaited...)
	}
	return out
}

// triggeredBy returns the tasks that a change of the step triggers, whether
// they are part of the run or not. One that takes no part because of its when
// misses nothing.
func (s *Session) triggeredBy(step *Step) []*eval.Node {
	var out []*eval.Node
	for _, n := range s.memory.triggered {
		u := s.units.byNode[n.Addr]
		isOut := u != nil && s.step(u.id) == nil || n.Meta.Enforcement == eval.Off
		if !isOut && slices.ContainsFunc(n.Triggers, step.has) {
			out = append(out, n)
		}
	}
	return out
}

// has reports whether a task is one of those of the step.
func (s *Step) has(a addr.Addr) bool { return s.Addr == a || slices.Contains(s.With, a) }
