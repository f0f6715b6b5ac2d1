package syntax

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/scanner"
)

// maxNative is the length in bytes of a string that may be read as native
// syntax where no template is: as an address, or as the type of a variable.
const maxNative = 16 << 10

// Template returns the native expression that a string of a file stands for,
// for those who look into expressions. It returns false for what is no string
// with a template in it. With errors the expression is of no use.
func Template(expr hcl.Expression) (hclsyntax.Expression, bool, hcl.Diagnostics) {
	e, ok := expr.(*expression)
	if !ok {
		return nil, false, nil
	}
	n, ok := e.node.(*stringNode)
	if !ok || !isTemplate(n.text) {
		return nil, false, nil
	}
	template, diags := e.template(n)
	return template, true, diags
}

// template parses a string, with ranges of the file. The string was guarded
// when the file was read.
func (s *source) template(n *stringNode) (hclsyntax.Expression, hcl.Diagnostics) {
	if n.verbatim(s.text) {
		return hclsyntax.ParseTemplate([]byte(n.text), s.name, s.pos(n.content))
	}
	o := s.originOf(n)
	expr, diags := hclsyntax.ParseTemplate([]byte(n.text), s.name, hcl.Pos{Line: 1, Column: 1})
	o.relocateDiagnostics(diags)
	if !diags.HasErrors() {
		o.relocateIn(expr)
	}
	return expr, diags
}

// native returns the tree of a string that is to be read as an expression, and
// false where it isn't one or is more than the parser should see.
func (e *expression) native() (hclsyntax.Expression, bool) {
	n, ok := e.node.(*stringNode)
	if !ok || len(n.text) > maxNative {
		return nil, false
	}
	if e.guard([]byte(n.text), e.name, scanner.Config).HasErrors() {
		return nil, false
	}
	expr, diags := hclsyntax.ParseExpression([]byte(n.text), e.name, hcl.Pos{Line: 1, Column: 1})
	if diags.HasErrors() {
		return nil, false
	}
	e.originOf(n).relocateIn(expr)
	return expr, true
}

// AsTraversal implements [hcl.AbsTraversalForExpr] for a string such as
// "task.file.motd".
func (e *expression) AsTraversal() hcl.Traversal {
	expr, ok := e.native()
	if !ok {
		return nil
	}
	traversal, diags := hcl.AbsTraversalForExpr(expr)
	if diags.HasErrors() {
		return nil
	}
	return traversal
}

// ExprCall implements [hcl.ExprCall] for a string such as "list(string)".
func (e *expression) ExprCall() *hcl.StaticCall {
	expr, ok := e.native()
	if !ok {
		return nil
	}
	call, diags := hcl.ExprCall(expr)
	if diags.HasErrors() {
		return nil
	}
	return call
}
