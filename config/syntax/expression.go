package syntax

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
)

// expression is a value that is read as an expression.
type expression struct {
	*source
	node node
}

var _ hcl.Expression = (*expression)(nil)

// Value evaluates the templates in the value. Without a context a string is
// itself, and no template.
func (e *expression) Value(ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	switch n := e.node.(type) {
	case *stringNode:
		if ctx == nil || !isTemplate(n.text) {
			return cty.StringVal(n.text), nil
		}
		template, diags := e.template(n)
		if diags.HasErrors() {
			return cty.DynamicVal, diags
		}
		lang.Bound(template)
		v, valueDiags := template.Value(ctx)
		return v, append(diags, valueDiags...)
	case *numberNode:
		v, err := cty.ParseNumberVal(n.text)
		if err != nil {
			return cty.DynamicVal, hcl.Diagnostics{problem(e.Range(), "Invalid number", "This can't be read as a number: %s.", err)}
		}
		return v, nil
	case *boolNode:
		return cty.BoolVal(n.value), nil
	case *arrayNode:
		return e.tuple(n, ctx)
	case *objectNode:
		return e.object(n, ctx)
	}
	return cty.NullVal(cty.DynamicPseudoType), nil
}

func (e *expression) tuple(n *arrayNode, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	items := make([]cty.Value, len(n.items))
	for i, item := range n.items {
		v, itemDiags := e.of(item).Value(ctx)
		items[i] = v
		diags = append(diags, itemDiags...)
	}
	return cty.TupleVal(items), diags
}

// object evaluates the keys, too, as the native syntax does for keys in
// parentheses. When one is unknown, so are the attributes of the object.
func (e *expression) object(n *objectNode, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	var diags hcl.Diagnostics
	attributes := make(map[string]cty.Value, len(n.members))
	first := make(map[string]span, len(n.members))
	var marks []cty.ValueMarks // a sensitive key makes the object sensitive
	known := true
	for _, m := range n.members {
		key, keyDiags := e.objectKey(m.key, ctx)
		diags = append(diags, keyDiags...)
		v, valueDiags := e.of(m.value).Value(ctx)
		diags = append(diags, valueDiags...)
		if keyDiags.HasErrors() {
			continue
		}
		key, keyMarks := key.Unmark()
		marks = append(marks, keyMarks)
		if !key.IsKnown() {
			known = false
			continue
		}
		name := key.AsString()
		if earlier, exists := first[name]; exists {
			diags = append(diags, problem(e.at(m.key.span), "Duplicate object attribute", "An attribute named %q was already defined at %s.", name, e.at(earlier)))
			continue
		}
		attributes[name], first[name] = v, m.key.span
	}
	if !known {
		return cty.DynamicVal.WithMarks(marks...), diags
	}
	return cty.ObjectVal(attributes).WithMarks(marks...), diags
}

// objectKey returns a string that is not null, but may be unknown.
func (e *expression) objectKey(n *stringNode, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := e.of(n).Value(ctx)
	if diags.HasErrors() {
		return v, diags
	}
	v, err := convert.Convert(v, cty.String)
	switch {
	case err != nil:
		diags = append(diags, problem(e.at(n.span), "Invalid object key expression", "Cannot use this expression as an object key: %s.", err))
	case v.IsNull():
		diags = append(diags, problem(e.at(n.span), "Invalid object key expression", "Cannot use null value as an object key."))
	}
	return v, diags
}

func (e *expression) of(n node) *expression { return &expression{e.source, n} }

// Variables returns what the templates in the value refer to.
func (e *expression) Variables() []hcl.Traversal {
	switch n := e.node.(type) {
	case *stringNode:
		if !isTemplate(n.text) {
			return nil
		}
		template, diags := e.template(n)
		if diags.HasErrors() {
			return nil
		}
		return template.Variables()
	case *arrayNode:
		var all []hcl.Traversal
		for _, item := range n.items {
			all = append(all, e.of(item).Variables()...)
		}
		return all
	case *objectNode:
		var all []hcl.Traversal
		for _, m := range n.members {
			all = append(all, e.of(m.key).Variables()...)
			all = append(all, e.of(m.value).Variables()...)
		}
		return all
	}
	return nil
}

// Range is the range of the value, with its quotes or brackets.
func (e *expression) Range() hcl.Range { return e.at(e.node.where()) }

// StartRange is the first character of the value.
func (e *expression) StartRange() hcl.Range {
	sp := e.node.where()
	return e.at(span{sp.start, min(sp.start+characterLen(e.bytes[sp.start:]), max(sp.start, sp.end))})
}

// ExprList implements [hcl.ExprList] for an array.
func (e *expression) ExprList() []hcl.Expression {
	n, ok := e.node.(*arrayNode)
	if !ok {
		return nil
	}
	items := make([]hcl.Expression, len(n.items))
	for i, item := range n.items {
		items[i] = e.of(item)
	}
	return items
}

// ExprMap implements [hcl.ExprMap] for an object.
func (e *expression) ExprMap() []hcl.KeyValuePair {
	n, ok := e.node.(*objectNode)
	if !ok {
		return nil
	}
	pairs := make([]hcl.KeyValuePair, len(n.members))
	for i, m := range n.members {
		pairs[i] = hcl.KeyValuePair{Key: e.of(m.key), Value: e.of(m.value)}
	}
	return pairs
}
