package guard

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Loops reports for expressions that are nested too deep: each level
// multiplies the work.
func Loops(node hclsyntax.Node) hcl.Diagnostics {
	w := &forWalker{}
	hclsyntax.Walk(node, w) //nolint:errcheck // the walker collects its diagnostics itself
	return w.diags
}

type forWalker struct {
	depth int
	diags hcl.Diagnostics
}

func (w *forWalker) Enter(node hclsyntax.Node) hcl.Diagnostics {
	loop, ok := node.(*hclsyntax.ForExpr)
	if !ok {
		return nil
	}
	if w.depth++; w.depth == maxForDepth+1 {
		w.diags = append(w.diags, limitError(loop.Range(), "Nesting too deep", "For expressions may be nested at most %d deep. Name parts of it with locals.", maxForDepth)...)
	}
	return nil
}

func (w *forWalker) Exit(node hclsyntax.Node) hcl.Diagnostics {
	if _, ok := node.(*hclsyntax.ForExpr); ok {
		w.depth--
	}
	return nil
}
