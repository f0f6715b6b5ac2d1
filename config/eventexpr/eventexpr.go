// Package eventexpr compiles expressions over event.* into closures over a
// batch of events, so that a filter costs no allocation per event.
//
//	expr, diags := eventexpr.Compile(attr.Expr, scope)   // event.status >= 400
//	batch.Keep(func(i int) bool { return expr.True(batch, i) })
//
// The meaning is HCL's, but for null: where HCL refuses an operation, because
// an operand is null or has an unsuitable type, the result is null; and as in
// SQL null && false is false, null || true is true. Null equals null, and
// nothing else does. Numbers have 64 bits, and arrays and objects are never
// converted to lists and maps.
//
// Beside its fields an event has kind, message (its text, unless a field has
// that name), timestamp (unless a field has that name), and meta.source,
// meta.path and meta.offset. A metric has name, type, value and labels, too.
package eventexpr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/config/syntax"
	"github.com/driftless-hq/driftless/plugin/event"
)

const root = "event"

// Compile compiles an expression that went through [lang.Bound], in a scope from
// [lang.WithAccount]. Parts that don't refer to the event are
// evaluated now, with ctx; a part that is not known yet makes its operation
// null. A part that the compiler has no closures for is evaluated by HCL for
// each event, and a warning says so.
//
// The Text of the result is left to the caller, who has the source.
func Compile(expr hcl.Expression, ctx *hcl.EvalContext) (event.Expr, hcl.Diagnostics) {
	compiled, _, diags := compile(expr, ctx)
	return compiled, diags
}

// CompileMap compiles the members of an object. Its keys must not refer to
// the event. A member that is derived from a sensitive value is replaced by
// the words "(sensitive value)", because events leave the process.
func CompileMap(expr hcl.Expression, ctx *hcl.EvalContext) (event.ExprMap, hcl.Diagnostics) {
	if !mentionsEvent(expr) {
		return constantMap(expr, ctx)
	}
	pairs, diags := hcl.ExprMap(expr)
	if diags.HasErrors() {
		return nil, diags
	}
	members := make(map[string]event.Expr, len(pairs))
	for _, pair := range pairs {
		name, keyDiags := memberName(pair.Key, ctx)
		diags = append(diags, keyDiags...)
		if name == "" {
			continue
		}
		compiled, static, valueDiags := compile(pair.Value, ctx)
		diags = append(diags, valueDiags...)
		if static.ContainsMarked() {
			compiled = event.Expr{Eval: constant(event.StringValue(hidden))}
			diags = append(diags, sensitiveWarning(name, pair.Value.Range()))
		}
		members[name] = compiled
	}
	if diags.HasErrors() {
		return nil, diags
	}
	return sorted(members), diags
}

// Variables returns what an expression refers to beside the event.
func Variables(expr hcl.Expression) []hcl.Traversal {
	var others []hcl.Traversal
	for _, traversal := range expr.Variables() {
		if traversal.RootName() != root {
			others = append(others, traversal)
		}
	}
	return others
}

func mentionsEvent(expr hcl.Expression) bool {
	for _, traversal := range expr.Variables() {
		if traversal.RootName() == root {
			return true
		}
	}
	return false
}

// compile also returns what HCL makes of the expression while the event is
// unknown. That finds every error that doesn't depend on an event.
func compile(expr hcl.Expression, ctx *hcl.EvalContext) (event.Expr, cty.Value, hcl.Diagnostics) {
	native, diags := asNative(expr)
	if diags.HasErrors() {
		return event.Expr{}, cty.DynamicVal, diags
	}
	static, staticDiags := evaluate(native, ctx.NewChild(), cty.DynamicVal)
	if diags = append(diags, staticDiags...); diags.HasErrors() {
		return event.Expr{}, cty.DynamicVal, diags
	}
	c := &compiler{ctx: ctx}
	eval := c.compile(native)
	if diags = append(diags, c.diags...); diags.HasErrors() {
		return event.Expr{}, cty.DynamicVal, diags
	}
	return event.Expr{Eval: eval}, static, diags
}

// asNative returns the native expression inside of one in another syntax, which
// is a template in a string. Anything else is returned as it is.
func asNative(expr hcl.Expression) (hcl.Expression, hcl.Diagnostics) {
	if _, ok := expr.(hclsyntax.Expression); ok || !mentionsEvent(expr) {
		return expr, nil
	}
	if template, ok, diags := syntax.Template(expr); ok {
		lang.Bound(template)
		return template, diags
	}
	return expr, nil
}

// evaluate evaluates in a scope of its own, which it makes the event known in.
func evaluate(expr hcl.Expression, scope *hcl.EvalContext, it cty.Value) (cty.Value, hcl.Diagnostics) {
	scope.Variables = map[string]cty.Value{root: it}
	return lang.Evaluate(expr, scope)
}
