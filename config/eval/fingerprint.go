package eval

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/msgpack"

	"github.com/driftless-hq/driftless/config/syntax"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Fingerprint stands for all that an instance is made of: what its block
// says, whatever the layout and the comments, and the values that it names.
// It changes when any of these does. The key keeps secrets in it from being
// guessed.
func (g *Graph) Fingerprint(n *Node, values Values, key []byte) (string, hcl.Diagnostics) {
	h := hmac.New(sha256.New, key)
	fmt.Fprintf(h, "%s %s\n", n.Addr, n.Type.Ref)
	g.hashTokens(h, n)
	ctx, diags := n.scope.context(n.each, n.refs, values)
	if isWrong(diags) {
		return "", diags
	}
	evaluated, diags := g.Eval(n, values)
	stages, stageDiags := g.EvalStages(n, values)
	if diags = append(diags, stageDiags...); diags.HasErrors() {
		return "", diags
	}
	for _, e := range append(stages, evaluated) {
		hashValue(h, e.Config)
	}
	for _, t := range n.traversals() {
		v, _ := t.TraverseAbs(ctx)
		v, _ = v.UnmarkDeep()
		hashValue(h, v)
	}
	for _, call := range n.expressionCalls() {
		if v, diags := call.Value(ctx); !diags.HasErrors() {
			v, _ = v.UnmarkDeep()
			hashValue(h, v)
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// hashTokens covers the text of the block as the parser sees it.
func (g *Graph) hashTokens(h hash.Hash, n *Node) {
	file := g.Config.Files[n.Block.Range.Filename]
	body, native := n.Block.Body.(*hclsyntax.Body)
	if file == nil || !native {
		_, _ = syntax.Digest(h, n.Block.Body) // writing to a hash never fails
		return
	}
	rng := body.SrcRange
	tokens, _ := hclsyntax.LexConfig(rng.SliceBytes(file.Bytes), rng.Filename, rng.Start)
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenComment && t.Type != hclsyntax.TokenNewline {
			fmt.Fprintf(h, "%d:%s", len(t.Bytes), t.Bytes)
		}
	}
}

// traversals returns what all expressions of the node name.
func (n *Node) traversals() []hcl.Traversal {
	out := n.shape.variables()
	for _, s := range n.Stages {
		out = append(out, s.shape.variables()...)
	}
	return append(out, n.checks.traversals()...)
}

// expressionCalls returns the function calls in expressions that are no
// values: what file() returns there is part of what the node is made of, too.
// A call over the event itself has no value, and its tokens say it all.
func (n *Node) expressionCalls() []*hclsyntax.FunctionCallExpr {
	var calls []*hclsyntax.FunctionCallExpr
	shapes := []*shape{n.shape}
	for _, s := range n.Stages {
		shapes = append(shapes, s.shape)
	}
	for len(shapes) > 0 {
		sh := shapes[0]
		shapes = shapes[1:]
		for i, attr := range sh.attrs {
			if attr != nil && schema.IsExpr(sh.schema.Attributes[i].Type) {
				calls = append(calls, callsIn(attr.Expr)...)
			}
		}
		for _, blocks := range sh.blocks {
			for _, b := range blocks {
				shapes = append(shapes, b.shape)
			}
		}
	}
	return calls
}

func callsIn(expr hcl.Expression) []*hclsyntax.FunctionCallExpr {
	var calls []*hclsyntax.FunctionCallExpr
	if native, ok := expr.(hclsyntax.Expression); ok {
		hclsyntax.VisitAll(native, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
			if call, ok := node.(*hclsyntax.FunctionCallExpr); ok {
				calls = append(calls, call)
			}
			return nil
		})
	}
	return calls
}

// hashValue covers a value. An expression in it stands for itself: its tokens
// and what they name are covered apart.
func hashValue(h hash.Hash, v cty.Value) {
	v, err := cty.Transform(v, func(_ cty.Path, part cty.Value) (cty.Value, error) {
		if part.Type().IsCapsuleType() {
			return cty.StringVal("expression"), nil
		}
		return part, nil
	})
	var packed []byte
	if err == nil {
		packed, err = msgpack.Marshal(v, v.Type())
	}
	if err != nil {
		packed = []byte(err.Error())
	}
	fmt.Fprintf(h, "%d:", len(packed))
	h.Write(packed)
}

// Known reports whether all that an instance is configured with is known.
// What it computes itself doesn't count.
func (g *Graph) Known(n *Node, e Evaluated) bool {
	return n.shape.known(e.Config)
}

// Known is [Graph.Known] for a stage.
func (s *Stage) Known(e Evaluated) bool { return s.shape.known(e.Config) }

func (sh *shape) known(cfg cty.Value) bool {
	for _, a := range sh.schema.Attributes {
		if !a.Computed && !a.Type.IsCapsuleType() && !cfg.GetAttr(a.Name).IsWhollyKnown() {
			return false
		}
	}
	for _, b := range sh.schema.Blocks {
		if !cfg.GetAttr(b.Name).IsWhollyKnown() {
			return false
		}
	}
	return true
}
