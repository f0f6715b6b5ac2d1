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

// Claims returns the claims whose paths are known by the configuration alone,
// in the order of the graph.
func (g *Graph) Claims() []Claim {
	var claims []Claim
	for _, n := range g.Order() {
		if n.Addr.Kind != addr.Task || n.Meta.Enforcement == Off {
			continue
		}
		for i := range n.shape.schema.Attributes {
			if c, ok := g.claim(n, i); ok {
				claims = append(claims, c)
			}
		}
	}
	return claims
}

// claim reads the i-th attribute of a node as a claim, if it is one.
func (g *Graph) claim(n *Node, i int) (Claim, bool) {
	a, attr := &n.shape.schema.Attributes[i], n.shape.attrs[i]
	evaluated, sound := g.static().evaluated[n.Addr]
	if a.Claim == "" || attr == nil || !sound {
		return Claim{}, false
	}
	v := evaluated.Config.GetAttr(a.Name)
	if v.Type() != cty.String || !v.IsKnown() || v.IsNull() || !filepath.IsAbs(v.AsString()) {
		return Claim{}, false
	}
	return Claim{n, filepath.Clean(v.AsString()), a.Claim, attr.Expr.Range()}, true
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
