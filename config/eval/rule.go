package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/lang"
)

// rule is a validation block of a variable, in the scope that the variable is
// known in.
type rule struct {
	config.Rule
	scope    *scope
	variable *config.Variable
	names    refs // of the condition and its message
	diags    hcl.Diagnostics
}

func rulesOf(s *scope, v *config.Variable) []rule {
	rules := make([]rule, len(v.Rules))
	for i, r := range v.Rules {
		rules[i] = rule{Rule: r, scope: s, variable: v}
	}
	return rules
}

// checkRules judges the values of the variables that need no block by their
// validation blocks. The others are judged whenever they are evaluated.
func (b *builder) checkRules() hcl.Diagnostics {
	e := &evaluation{}
	for _, s := range b.scopes {
		for _, name := range slices.Sorted(maps.Keys(s.variables)) {
			v := s.variables[name]
			for i := range v.rules {
				v.rules[i].settle()
			}
			if !v.isDynamic() {
				e.checkRules(v)
			}
		}
	}
	return e.diags
}

// settle looks up what the condition and its message name.
func (r *rule) settle() {
	lang.Bound(r.Condition)
	lang.Bound(r.Message)
	r.names, r.diags = r.scope.settled(slices.Concat(r.Condition.Variables(), r.Message.Variables()), false)
}

// where is the first of its expressions that names a block, or what needs one.
func (r *rule) where() hcl.Range {
	if names, _ := r.scope.lookup(r.Condition.Variables(), false); names.isStatic() {
		return r.Message.Range()
	}
	return r.Condition.Range()
}

func (e *evaluation) checkRules(b *binding) {
	for _, r := range b.rules {
		e.diags = append(e.diags, e.checkRule(b, r)...)
	}
}

func (e *evaluation) checkRule(b *binding, r rule) hcl.Diagnostics {
	switch {
	case !b.isDynamic() && len(r.names.absences()) > 0:
		return r.names.absences()
	case len(r.names.blocks) > 0 || !b.isDynamic() && !r.names.isStatic():
		return hcl.Diagnostics{errorf(r.where(), "Invalid condition", "The condition of a variable and its error_message can't refer to blocks.")}
	case r.diags.HasErrors():
		return r.diags
	}
	ctx := e.context(r.scope, nil, r.names)
	holds, diags := condition(r.Condition, ctx)
	c := check{r.Condition, r.Message}
	diags = append(diags, c.checkMessage(ctx)...)
	if diags.HasErrors() || !holds.IsKnown() || holds.True() {
		return diags
	}
	return append(diags, errorf(b.rng, "Invalid value for variable", "%s The condition at %s is not fulfilled.", c.text(ctx), place(r.Condition.Range())))
}
