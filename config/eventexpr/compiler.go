package eventexpr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

// node is one compiled expression. The bytes of its result are valid until it
// is called again.
type node func(b *event.Batch, i int) event.Value

func constant(v event.Value) node {
	return func(*event.Batch, int) event.Value { return v }
}

type compiler struct {
	ctx   *hcl.EvalContext
	diags hcl.Diagnostics
}

func (c *compiler) compile(expr hcl.Expression) node {
	if !mentionsEvent(expr) {
		return constant(c.constant(expr))
	}
	switch e := lang.Unbound(expr).(type) {
	case *hclsyntax.ParenthesesExpr:
		return c.compile(e.Expression)
	case *hclsyntax.TemplateWrapExpr:
		return c.compile(e.Wrapped)
	case *hclsyntax.ScopeTraversalExpr:
		return c.field(e, e.Traversal[1:])
	case *hclsyntax.RelativeTraversalExpr:
		return c.steps(e, c.compile(e.Source), e.Traversal)
	case *hclsyntax.IndexExpr:
		return c.index(e)
	case *hclsyntax.UnaryOpExpr:
		return c.unary(e)
	case *hclsyntax.BinaryOpExpr:
		return c.binary(e)
	case *hclsyntax.ConditionalExpr:
		return conditional(c.compile(e.Condition), c.compile(e.TrueResult), c.compile(e.FalseResult))
	case *hclsyntax.TemplateExpr:
		return c.template(e)
	case *hclsyntax.FunctionCallExpr:
		return c.call(e)
	}
	return c.fallback(expr)
}

// constant evaluates an expression that doesn't refer to the event. An error
// was either reported when the whole was checked, or HCL does without this
// part; then it is null.
func (c *compiler) constant(expr hcl.Expression) event.Value {
	v, diags := lang.Evaluate(expr, c.ctx)
	if diags.HasErrors() {
		return event.Value{}
	}
	return fromCty(v)
}

func (c *compiler) fail(subject hcl.Range, summary, detail string) node {
	c.diags = append(c.diags, &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  summary,
		Detail:   detail,
		Subject:  subject.Ptr(),
	})
	return constant(event.Value{})
}
