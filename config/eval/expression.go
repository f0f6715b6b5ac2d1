package eval

import (
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config/lang"
)

// Expression evaluates an expression that stands outside of the
// configuration, such as one that is typed at the console. It can name all
// that an output can, and facts that the configuration doesn't name. The
// functions come beside those of the language. The value keeps its marks.
func (g *Graph) Expression(expr hcl.Expression, values Values, functions map[string]function.Function) (cty.Value, hcl.Diagnostics) {
	lang.Bound(expr)
	names := expr.Variables()
	found, diags := g.root().resolve(names, false)
	if diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	ctx, ctxDiags := g.root().context(nil, found, values)
	if diags = append(diags, ctxDiags...); diags.HasErrors() {
		return cty.DynamicVal, diags
	}
	maps.Copy(ctx.Functions, functions)
	facts, factDiags := g.factsFor(names)
	if diags = append(diags, factDiags...); factDiags.HasErrors() {
		return cty.DynamicVal, diags
	}
	if facts != cty.NilVal {
		if ctx.Variables == nil {
			ctx.Variables = make(map[string]cty.Value)
		}
		ctx.Variables["fact"] = facts
	}
	v, valueDiags := lang.Evaluate(expr, ctx)
	return v, append(diags, valueDiags...)
}

// factsFor returns an object of the groups of facts that are named, and
// [cty.NilVal] where none is.
func (g *Graph) factsFor(names []hcl.Traversal) (cty.Value, hcl.Diagnostics) {
	groups := make(map[string]cty.Value)
	var diags hcl.Diagnostics
	for _, t := range names {
		if t.RootName() != "fact" || len(t) < 2 {
			continue
		}
		group, ok := t[1].(hcl.TraverseAttr)
		if !ok || groups[group.Name] != cty.NilVal {
			continue
		}
		v, diag := factValue(g.inputs.Facts, group.Name)
		if diag != nil {
			diags = append(diags, diag)
		}
		groups[group.Name] = v
	}
	if len(groups) == 0 {
		return cty.NilVal, diags
	}
	return cty.ObjectVal(groups), diags
}
