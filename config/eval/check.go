package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// The names of the blocks that hold conditions.
const (
	beforeBlock = "precondition"
	afterBlock  = "postcondition"
)

// What is said of one that is false.
const (
	beforeFailed = "Precondition failed"
	afterFailed  = "Postcondition failed"
)

// checks are the conditions of a task. They are judged with the values of a
// driver, and not when the configuration is loaded.
type checks struct {
	before, after []check
	until         hcl.Expression // nil where there is none
}

func (c checks) isEmpty() bool { return len(c.before)+len(c.after) == 0 && c.until == nil }

// check is a condition with what there is to say where it is false.
type check struct{ condition, message hcl.Expression }

// takeChecks takes the conditions out of the meta-arguments, of which all that
// is left can be evaluated when the configuration is loaded.
func takeChecks(meta *shape) checks {
	var c checks
	for i := range meta.schema.Blocks {
		switch meta.schema.Blocks[i].Name {
		case beforeBlock:
			c.before = takeBlocks(meta, i)
		case afterBlock:
			c.after = takeBlocks(meta, i)
		case "retry":
			for _, retry := range meta.blocks[i] {
				c.until = retry.shape.take("until")
			}
		}
	}
	return c
}

func takeBlocks(meta *shape, i int) []check {
	var list []check
	for _, b := range meta.blocks[i] {
		c := check{b.shape.take("condition"), b.shape.take("error_message")}
		if c.condition != nil && c.message != nil { // else it is reported as missing
			list = append(list, c)
		}
	}
	meta.blocks[i] = nil
	return list
}

// take takes an argument out of a shape, nil where it isn't written.
func (sh *shape) take(name string) hcl.Expression {
	for i := range sh.schema.Attributes {
		if sh.schema.Attributes[i].Name == name && sh.attrs[i] != nil {
			expr := sh.attrs[i].Expr
			sh.attrs[i] = nil
			lang.Bound(expr)
			return expr
		}
	}
	return nil
}

// traversals returns what the conditions name.
func (c checks) traversals() []hcl.Traversal {
	var out []hcl.Traversal
	for _, one := range c.before {
		out = append(out, one.condition.Variables()...)
		out = append(out, one.message.Variables()...)
	}
	for _, one := range c.after {
		out = append(out, without(one.condition.Variables(), "self")...)
		out = append(out, without(one.message.Variables(), "self")...)
	}
	if c.until != nil {
		out = append(out, without(c.until.Variables(), "self")...)
	}
	return out
}

// CheckBefore judges the preconditions of a task. A false one is an error;
// open says that one can't be judged yet.
func (g *Graph) CheckBefore(n *Node, values Values) (open bool, diags hcl.Diagnostics) {
	return g.judge(n, values, n.checks.before, judging{beforeFailed, nil, always})
}

// CheckAfter judges the postconditions of a task over its value, as
// [Graph.CheckBefore] does.
func (g *Graph) CheckAfter(n *Node, values Values, self cty.Value) (open bool, diags hcl.Diagnostics) {
	return g.judge(n, values, n.checks.after, judging{afterFailed, map[string]cty.Value{"self": self}, always})
}

// judging is how conditions are judged.
type judging struct {
	summary string               // of the error where one is false
	names   map[string]cty.Value // that they know beside those of all expressions
	fails   func(check) bool     // whether it matters that one is false
}

func always(check) bool { return true }

func (g *Graph) judge(n *Node, values Values, list []check, j judging) (open bool, diags hcl.Diagnostics) {
	if len(list) == 0 {
		return false, nil
	}
	ctx, diags := g.checkScope(n, values, j.names)
	if diags.HasErrors() {
		return false, attributeTo(diags, n.Addr)
	}
	for _, c := range list {
		holds, holdsDiags := verdict(c.condition, ctx)
		diags = append(diags, holdsDiags...)
		switch {
		case !holds.IsKnown():
			open = true
		case holds.False() && j.fails(c):
			diags = append(diags, errorf(c.condition.Range(), j.summary, "%s", c.text(ctx)))
		}
	}
	return open, attributeTo(diags, n.Addr)
}

// Until judges whether an attempt to apply a task has come to what is waited
// for: an unknown bool where that can't be told.
func (g *Graph) Until(n *Node, values Values, self cty.Value) (cty.Value, hcl.Diagnostics) {
	if n.checks.until == nil {
		return cty.True, nil
	}
	ctx, diags := g.checkScope(n, values, map[string]cty.Value{"self": self})
	if diags.HasErrors() {
		return cty.UnknownVal(cty.Bool), attributeTo(diags, n.Addr)
	}
	v, diags := verdict(n.checks.until, ctx)
	return v, attributeTo(diags, n.Addr)
}

// UntilRange is where the until of a task is written.
func (n *Node) UntilRange() hcl.Range {
	if n.checks.until == nil {
		return n.Block.Range
	}
	return n.checks.until.Range()
}

func (g *Graph) checkScope(n *Node, values Values, names map[string]cty.Value) (*hcl.EvalContext, hcl.Diagnostics) {
	ctx, diags := n.scope.context(n.each, n.refs, values)
	if diags.HasErrors() || names == nil {
		return ctx, diags
	}
	inner := ctx.NewChild()
	inner.Variables = names
	return inner, nil
}

// verdict evaluates a condition, which must be a bool and not merely something
// that can be made one: a text would be known to be none only in the end.
func verdict(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := lang.Evaluate(expr, ctx)
	if diags.HasErrors() {
		return cty.UnknownVal(cty.Bool), diags
	}
	v, _ = v.UnmarkDeep()
	isBool := v.Type() == cty.Bool || v.Type() == cty.DynamicPseudoType && !v.IsKnown()
	if !isBool || v.IsKnown() && v.IsNull() {
		return cty.UnknownVal(cty.Bool), hcl.Diagnostics{errorf(expr.Range(), "Invalid condition", "A bool is required, true or false, as in self.rc == 0.")}
	}
	if !v.IsKnown() {
		v = cty.UnknownVal(cty.Bool)
	}
	return v, diags
}

// text is the message of a condition that is false. That it can't be told must
// not hide that the condition is false.
func (c check) text(ctx *hcl.EvalContext) string {
	v, diags := lang.Evaluate(c.message, ctx)
	switch {
	case diags.HasErrors():
		return fmt.Sprintf("The condition is false, and its error_message can't be evaluated: %s", diags[0].Detail)
	case lang.IsSensitive(v):
		return "The condition is false. Its error_message isn't shown, because it is sensitive."
	case !v.IsWhollyKnown():
		return "The condition is false. Its error_message refers to something that isn't known yet."
	case v.IsNull() || v.Type() != cty.String || v.AsString() == "":
		return "The condition is false, and its error_message says nothing."
	}
	return v.AsString()
}

// validateChecks judges the conditions without looking at the host. That one
// is false counts only where it needs no other block to be so: what others
// find on the host is not known then.
func (g *Graph) validateChecks(n *Node, found frugal) hcl.Diagnostics {
	if n.Addr.Kind != addr.Task || n.checks.isEmpty() {
		return nil
	}
	values, self := unfound{found}, cty.UnknownVal(n.Type.Schema.ImpliedType())
	isCertain := !n.Conditional && !n.IsTriggered() && n.Meta.Enforcement != Off
	fails := func(c check) bool { return isCertain && n.scope.isStatic(c.condition.Variables()) }
	_, diags := g.judge(n, values, n.checks.before, judging{beforeFailed, nil, fails})
	_, afterDiags := g.judge(n, values, n.checks.after, judging{afterFailed, map[string]cty.Value{"self": self}, fails})
	_, untilDiags := g.Until(n, values, self)
	diags = slices.Concat(diags, afterDiags, untilDiags)
	for _, c := range slices.Concat(n.checks.before, n.checks.after) {
		ctx, scopeDiags := g.checkScope(n, values, map[string]cty.Value{"self": self})
		if !scopeDiags.HasErrors() { // else they are reported with the condition
			diags = append(diags, attributeTo(c.checkMessage(ctx), n.Addr)...)
		}
	}
	return diags
}

// checkMessage reports a message that is no text.
func (c check) checkMessage(ctx *hcl.EvalContext) hcl.Diagnostics {
	v, diags := lang.Evaluate(c.message, ctx)
	if diags.HasErrors() {
		return diags
	}
	v, _ = v.UnmarkDeep()
	isText := v.Type() == cty.String || v.Type() == cty.DynamicPseudoType && !v.IsKnown()
	if !isText || v.IsKnown() && (v.IsNull() || v.AsString() == "") {
		return hcl.Diagnostics{errorf(c.message.Range(), "Invalid error message", "A text is required, which says what is wrong and what to do about it.")}
	}
	return nil
}

// unfound are values in which what isn't set is not known either: a task fills
// in what it finds on the host.
type unfound struct{ frugal }

// Value implements [Values].
func (u unfound) Value(a addr.Addr) (cty.Value, bool) {
	v, ok := u.frugal.Value(a)
	if !ok || a.Kind != addr.Task || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return v, ok
	}
	attrs := v.AsValueMap()
	for name, attr := range attrs {
		if attr.IsKnown() && attr.IsNull() {
			attrs[name] = cty.UnknownVal(attr.Type())
		}
	}
	return cty.ObjectVal(attrs), true
}
