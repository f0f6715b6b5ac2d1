package eval

import (
	"maps"
	"path/filepath"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Claim is a path that a task decides or edits.
type Claim struct {
	Node  *Node
	Path  string // clean and absolute
	Claim schema.Claim
	Range hcl.Range
}

// Claims returns the claims whose paths are known with these values, in the
// order of the graph.
func (g *Graph) Claims(values Values) []Claim {
	var claims []Claim
	for _, n := range g.Order() {
		if n.Addr.Kind != addr.Task || n.Meta.Enforcement == Off {
			continue
		}
		for i := range n.shape.schema.Attributes {
			if c, ok := g.claim(n, i, values); ok {
				claims = append(claims, c)
			}
		}
	}
	return claims
}

func (g *Graph) claim(n *Node, i int, values Values) (Claim, bool) {
	a, attr := &n.shape.schema.Attributes[i], n.shape.attrs[i]
	if a.Claim == "" || attr == nil {
		return Claim{}, false
	}
	ctx, diags := g.scope.context(n.each, n.refs, values)
	if diags.HasErrors() {
		return Claim{}, false
	}
	v, diags := attributeValue(attr, a, ctx)
	v, _ = v.Unmark()
	if diags.HasErrors() || v.Type() != cty.String || !v.IsKnown() || v.IsNull() || !filepath.IsAbs(v.AsString()) {
		return Claim{}, false
	}
	return Claim{n, filepath.Clean(v.AsString()), a.Claim, attr.Expr.Range()}, true
}

// checkClaims reports paths that two tasks own.
func (g *Graph) checkClaims(values Values) hcl.Diagnostics {
	return CheckOwners(g.Claims(values))
}

// CheckOwners reports paths that more than one of the claims owns.
func CheckOwners(claims []Claim) hcl.Diagnostics {
	owners := make(map[string]Claim)
	conflicts := make(map[string]*hcl.Diagnostic)
	for _, c := range claims {
		if c.Claim != schema.Owns {
			continue
		}
		first, taken := owners[c.Path]
		if !taken {
			owners[c.Path] = c
			continue
		}
		if conflicts[c.Path] == nil {
			conflicts[c.Path] = errorf(c.Range, "Two tasks own one path", "%s already owns %s, at %s, and %s would undo what it does. Leave the path to one of them, or edit it with tasks made for that, such as lineinfile.",
				first.Node.Addr, c.Path, first.Range, c.Node.Addr)
		}
	}
	var diags hcl.Diagnostics
	for _, path := range slices.Sorted(maps.Keys(conflicts)) {
		diags = append(diags, conflicts[path])
	}
	return diags
}
