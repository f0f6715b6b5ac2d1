package eval

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/config/syntax"
)

// answer lets the functions of time and chance answer in the scope of one
// evaluation, where the driver whose values these are has a moment for them.
// Within names what is evaluated.
func answer(ctx *hcl.EvalContext, values Values, within string) *hcl.EvalContext {
	timed, ok := values.(interface{ Moment() *lang.Moment })
	if !ok || timed.Moment() == nil {
		return ctx
	}
	return timed.Moment().Answer(ctx, within)
}

// isImpure reports whether an expression calls a function of time or chance,
// whose answer is no part of the configuration.
func isImpure(expr hcl.Expression) bool {
	for call := range syntax.Calls(expr) {
		if lang.Impure(call.Name) {
			return true
		}
	}
	return false
}

// isSettled reports whether an expression can be evaluated when the
// configuration is loaded.
func (s *scope) isSettled(expr hcl.Expression) bool {
	return s.isStatic(expr.Variables()) && !isImpure(expr)
}

// isImpure is that of any of the expressions of the shape.
func (sh *shape) isImpure() bool {
	for _, attr := range sh.attrs {
		if attr != nil && isImpure(attr.Expr) {
			return true
		}
	}
	for _, blocks := range sh.blocks {
		for _, b := range blocks {
			if b.shape.isImpure() || b.dynamic != nil && b.dynamic.isImpure() {
				return true
			}
		}
	}
	return false
}

func (d *dynamic) isImpure() bool {
	return isImpure(d.forEach) || d.label != nil && isImpure(d.label)
}
