package eval

import (
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Locate gives the diagnostics of a provider the source ranges of the
// attributes that they are about, and hides what is sensitive in them.
func (g *Graph) Locate(n *Node, diags plugin.Diagnostics) hcl.Diagnostics {
	return attributeTo(g.locateAll(n.shape, diags), n.Addr)
}

// LocateStage is [Graph.Locate] for a stage of a pipeline.
func (g *Graph) LocateStage(n *Node, stage *Stage, diags plugin.Diagnostics) hcl.Diagnostics {
	return attributeTo(g.locateAll(stage.shape, diags), n.Addr)
}

func (g *Graph) locateAll(sh *shape, diags plugin.Diagnostics) hcl.Diagnostics {
	var out hcl.Diagnostics
	for _, d := range diags {
		severity := hcl.DiagError
		if d.Severity == plugin.SeverityWarning {
			severity = hcl.DiagWarning
		}
		rng := sh.locate(d.Path)
		out = append(out, &hcl.Diagnostic{Severity: severity, Summary: d.Summary, Detail: g.Hidden().String(d.Detail), Subject: &rng, Context: &sh.rng})
	}
	return out
}

// locate follows a path into the body, as far as it is written there.
func (sh *shape) locate(path cty.Path) hcl.Range {
	if len(path) == 0 {
		return sh.rng
	}
	step, ok := path[0].(cty.GetAttrStep)
	if !ok {
		return sh.rng
	}
	for i := range sh.schema.Attributes {
		if sh.schema.Attributes[i].Name == step.Name && sh.attrs[i] != nil {
			return within(sh.attrs[i].Expr, path[1:])
		}
	}
	for i := range sh.schema.Blocks {
		if sh.schema.Blocks[i].Name == step.Name && len(sh.blocks[i]) > 0 {
			return sh.locateNested(sh.blocks[i], path[1:])
		}
	}
	return sh.rng
}

func (sh *shape) locateNested(blocks []nestedShape, path cty.Path) hcl.Range {
	at, rest := 0, path
	if len(path) > 0 {
		if step, ok := path[0].(cty.IndexStep); ok {
			rest = path[1:]
			at = nestedIndex(blocks, step.Key)
		}
	}
	return blocks[at].shape.locate(rest)
}

// nestedIndex finds the block that a key stands for. What a dynamic block has
// made is at that block.
func nestedIndex(blocks []nestedShape, key cty.Value) int {
	if at := slices.IndexFunc(blocks, func(b nestedShape) bool { return b.dynamic != nil }); at >= 0 {
		blocks = blocks[:at+1]
	}
	if key.Type() == cty.Number {
		n, _ := key.AsBigFloat().Int64()
		return max(0, min(int(n), len(blocks)-1))
	}
	for i, b := range blocks {
		if key.Type() == cty.String && b.label == key.AsString() {
			return i
		}
	}
	return 0
}

// within finds the member of a written-out list or object.
func within(expr hcl.Expression, path cty.Path) hcl.Range {
	if len(path) == 0 {
		return expr.Range()
	}
	step, ok := path[0].(cty.IndexStep)
	if !ok {
		if attr, isAttr := path[0].(cty.GetAttrStep); isAttr {
			return withinObject(expr, attr.Name, path[1:])
		}
		return expr.Range()
	}
	if step.Key.Type() == cty.String {
		return withinObject(expr, step.Key.AsString(), path[1:])
	}
	items, diags := hcl.ExprList(expr)
	n, _ := step.Key.AsBigFloat().Int64()
	if diags.HasErrors() || n < 0 || int(n) >= len(items) {
		return expr.Range()
	}
	return within(items[n], path[1:])
}

func withinObject(expr hcl.Expression, name string, rest cty.Path) hcl.Range {
	pairs, diags := hcl.ExprMap(expr)
	if diags.HasErrors() {
		return expr.Range()
	}
	for _, pair := range pairs {
		key, keyDiags := pair.Key.Value(nil)
		if !keyDiags.HasErrors() && key.IsKnown() && !key.IsNull() && key.Type() == cty.String && key.AsString() == name {
			return within(pair.Value, rest)
		}
	}
	return expr.Range()
}

func containsQuoted(text, name string) bool { return strings.Contains(text, "\""+name+"\"") }
