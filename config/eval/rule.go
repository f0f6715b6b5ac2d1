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
}

func rulesOf(s *scope, v *config.Variable) []rule {
	rules := make([]rule, len(v.Rules))
	for i, r := range v.Rules {
		rules[i] = rule{r, s, v}
	}
	return rules
}

// checkRules judges the values of the variables that need no block by their
// validation blocks. The others are judged whenever they are evaluated.
func (b *builder) checkRules() hcl.Diagnostics {
	e := &evaluation{}
	for _, s := range b.scopes {
		for _, name := range slices.Sorted(maps.Keys(s.variables)) {
			if v := s.variables[name]; !v.isDynamic() {
				e.checkRules(v)
			}
		}
	}
	return e.diags
}

func (e *evaluation) checkRules(b *binding) {
	for _, r := range b.rules {
		e.diags = append(e.diags, e.checkRule(b, r)...)
	}
}

func (e *evaluation) checkRule(b *binding, r rule) hcl.Diagnostics {
	var named []hcl.Traversal
	for _, expr := range []hcl.Expression{r.Condition, r.Message} {
		lang.Bound(expr)
		names, diags := r.scope.settled(expr.Variables(), false)
		switch {
		case len(names.blocks) > 0 || !b.isDynamic() && !names.isStatic():
			return hcl.Diagnostics{errorf(expr.Range(), "Invalid condition", "The condition of a variable and its error_message can't refer to blocks.")}
		case diags.HasErrors():
			return diags
		}
		named = append(named, expr.Variables()...)
	}
	names, _ := r.scope.settled(named, false)
	ctx := e.context(r.scope, nil, names)
	holds, diags := condition(r.Condition, ctx)
	c := check{r.Condition, r.Message}
	diags = append(diags, c.checkMessage(ctx)...)
	if diags.HasErrors() || !holds.IsKnown() || holds.True() {
		return diags
	}
	return append(diags, errorf(b.rng, "Invalid value for variable", "%s The condition at %s is not fulfilled.", c.text(ctx), place(r.Condition.Range())))
}
