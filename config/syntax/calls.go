package syntax

import (
	"iter"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Calls goes through the calls of functions in an expression of any syntax, as
// far as it can be parsed.
func Calls(expr hcl.Expression) iter.Seq[*hclsyntax.FunctionCallExpr] {
	return func(yield func(*hclsyntax.FunctionCallExpr) bool) {
		switch e := expr.(type) {
		case *expression:
			e.calls(e.node, yield)
		case hclsyntax.Expression:
			visitCalls(e, yield)
		}
	}
}

// BodyCalls is [Calls] for all that is written in a body.
func BodyCalls(from hcl.Body) iter.Seq[*hclsyntax.FunctionCallExpr] {
	return func(yield func(*hclsyntax.FunctionCallExpr) bool) {
		switch b := from.(type) {
		case *body:
			b.calls(b.node, yield)
		case *hclsyntax.Body:
			visitCalls(b, yield)
		}
	}
}

// calls goes through the templates below a node, and reports whether to go on.
func (s *source) calls(n node, yield func(*hclsyntax.FunctionCallExpr) bool) bool {
	switch n := n.(type) {
	case *objectNode:
		for _, m := range n.members {
			if !s.calls(m.key, yield) || !s.calls(m.value, yield) {
				return false
			}
		}
	case *arrayNode:
		for _, item := range n.items {
			if !s.calls(item, yield) {
				return false
			}
		}
	case *stringNode:
		if !isTemplate(n.text) {
			return true
		}
		if template, diags := s.template(n); !diags.HasErrors() {
			return visitCalls(template, yield)
		}
	}
	return true
}

func visitCalls(node hclsyntax.Node, yield func(*hclsyntax.FunctionCallExpr) bool) bool {
	more := true
	hclsyntax.VisitAll(node, func(n hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
		if call, ok := n.(*hclsyntax.FunctionCallExpr); ok && more {
			more = yield(call)
		}
		return nil
	})
	return more
}
