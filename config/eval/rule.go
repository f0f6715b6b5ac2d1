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
	names    refs // of the condition
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

// settle looks up what the condition names.
func (r *rule) settle() {
	lang.Bound(r.Condition)
	r.names, r.diags = r.scope.settled(r.Condition.Variables(), false)
}

func (e *evaluation) checkRules(b *binding) {
	for _, r := range b.rules {
		e.diags = append(e.diags, e.checkRule(b, r)...)
	}
}

func (e *evaluation) checkRule(b *binding, r rule) hcl.Diagnostics {
	switch {
	case len(r.names.blocks) > 0 || !b.isDynamic() && !r.names.isStatic():
		return hcl.Diagnostics{errorf(r.Condition.Range(), "Invalid condition", "The condition of a variable can't refer to blocks.")}
	case r.diags.HasErrors():
		return r.diags
	}
	holds, diags := condition(r.Condition, e.context(r.scope, nil, r.names))
	if diags.HasErrors() || !holds.IsKnown() || holds.True() {
		return diags
	}
	return append(diags, errorf(b.rng, "Invalid value for variable", "%s The condition at %s is not fulfilled.", r.Message, place(r.Condition.Range())))
}
