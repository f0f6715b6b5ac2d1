package plan

import (
	"context"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

// checkAfter judges the postconditions of a task over its planned value.
func (s *Session) checkAfter(n *eval.Node, value cty.Value) (unjudged bool, problem string) {
	unjudged, diags := s.graph.CheckAfter(n, s.values, value)
	return unjudged, s.report(diags)
}

// judge judges the preconditions that could not be judged in the plan, and of a
// step that does nothing the postconditions too.
func (s *Session) judge(step *Step) (problem string) {
	if !step.Unjudged || step.Idle {
		return ""
	}
	for _, m := range step.members {
		open, diags := s.graph.CheckBefore(m.node, s.values)
		if problem := s.report(diags); problem != "" {
			return problem
		}
		if open {
			return s.report(s.stillOpen(m.node))
		}
		if value, known := s.values.Value(m.node.Addr); known && !step.Changes() {
			if problem := s.mustHold(m.node, value); problem != "" {
				return problem
			}
		}
	}
	return ""
}

// mustHold judges the postconditions of a task over what it has come to.
func (s *Session) mustHold(n *eval.Node, value cty.Value) (problem string) {
	open, diags := s.graph.CheckAfter(n, s.values, value)
	if problem := s.report(diags); problem != "" {
		return problem
	}
	if open {
		return s.report(s.stillOpen(n))
	}
	return ""
}

func (s *Session) stillOpen(n *eval.Node) hcl.Diagnostics {
	return s.problem(n, "Condition still unknown", "All that %s depends on is done, and still one of its conditions is not known. What it refers to may only be reported, or be off.", n.Addr)
}

// tolerates reports whether the run goes on as if the unit had not failed. The
// tasks of one path fail together, so all of them have to say so.
func (u *unit) tolerates() bool {
	for _, n := range u.members {
		if n.Meta.OnError != eval.Continue {
			return false
		}
	}
	return true
}

// tolerate makes a failure that is to be ignored one that is. A run that was
// stopped has not failed by itself.
func (s *Session) tolerate(ctx context.Context, r Result) Result {
	if r.Outcome != Broken || !r.Step.unit.tolerates() || ctx.Err() != nil {
		return r
	}
	s.giveUp(r.Step.unit)
	r.Outcome = Ignored
	return r
}

// giveUp gives the tasks of a unit that failed the values with which the others
// go on: what they are configured with, and null for what they learn.
func (s *Session) giveUp(u *unit) {
	for _, n := range u.members {
		evaluated, diags := s.graph.Eval(n, s.values)
		if diags.HasErrors() {
			s.values.Put(n.Addr, cty.NullVal(n.Type.Schema.ImpliedType())) // the error was reported when it failed
			continue
		}
		s.values.Put(n.Addr, Mark(n, unlearnt(n, evaluated.Config), evaluated.Marks))
	}
}

// tolerate makes warnings of the errors of units that are to be ignored.
func (u *units) tolerate(diags hcl.Diagnostics) hcl.Diagnostics {
	for _, d := range diags {
		origin, ok := d.Extra.(eval.Origin)
		if !ok || d.Severity != hcl.DiagError {
			continue
		}
		if one := u.byNode[origin.Addr]; one != nil && one.isTask() && one.tolerates() {
			d.Severity = hcl.DiagWarning
			d.Detail += "\nThe run goes on, because on_error of the task is \"continue\"."
		}
	}
	return diags
}
