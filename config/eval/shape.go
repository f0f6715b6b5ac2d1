package eval

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/eventexpr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// shape is a body laid beside its schema: which arguments and nested blocks
// were written, not yet evaluated. The instances of a block share one.
type shape struct {
	schema *schema.Block
	attrs  []*hcl.Attribute // as schema.Attributes; nil where not written
	blocks [][]nestedShape  // as schema.Blocks
	rng    hcl.Range        // the header, or the body, for what is missing
}

type nestedShape struct {
	label string
	shape *shape
}

// bodySchemas remembers the HCL form of each schema of a build.
type bodySchemas map[*schema.Block]*hcl.BodySchema

func (s bodySchemas) of(b *schema.Block) *hcl.BodySchema {
	if known, ok := s[b]; ok {
		return known
	}
	out := &hcl.BodySchema{}
	for _, a := range b.Attributes {
		if !a.Computed {
			out.Attributes = append(out.Attributes, hcl.AttributeSchema{Name: a.Name, Required: a.Required})
		}
	}
	for _, n := range b.Blocks {
		header := hcl.BlockHeaderSchema{Type: n.Name}
		if n.Nesting == schema.Map {
			header.LabelNames = []string{n.Label}
		}
		out.Blocks = append(out.Blocks, header)
	}
	s[b] = out
	return out
}

// split takes the arguments that the schema knows from a body, and returns
// the body that is left.
func (s bodySchemas) split(body hcl.Body, b *schema.Block, rng hcl.Range) (*shape, hcl.Body, hcl.Diagnostics) {
	content, rest, diags := body.PartialContent(s.of(b))
	sh, shapeDiags := s.shape(content, b, rng)
	return sh, rest, append(diags, shapeDiags...)
}

// whole lays a body beside a schema and reports what the schema doesn't know.
func (s bodySchemas) whole(body hcl.Body, b *schema.Block, rng hcl.Range) (*shape, hcl.Diagnostics) {
	content, diags := body.Content(s.of(b))
	for _, a := range b.Attributes {
		if a.Computed {
			diags = explainComputed(diags, a.Name)
		}
	}
	sh, shapeDiags := s.shape(content, b, rng)
	return sh, append(diags, shapeDiags...)
}

// explainComputed makes the error about an argument that can't be set say so.
func explainComputed(diags hcl.Diagnostics, name string) hcl.Diagnostics {
	for _, d := range diags {
		if d.Subject != nil && d.Summary == "Unsupported argument" && d.Extra == nil && containsQuoted(d.Detail, name) {
			d.Summary = "Read-only attribute"
			d.Detail = "\"" + name + "\" is what the block learns; it can be referred to but not set."
		}
	}
	return diags
}

func (s bodySchemas) shape(content *hcl.BodyContent, b *schema.Block, rng hcl.Range) (*shape, hcl.Diagnostics) {
	sh := &shape{
		schema: b,
		attrs:  make([]*hcl.Attribute, len(b.Attributes)),
		blocks: make([][]nestedShape, len(b.Blocks)),
		rng:    rng,
	}
	var diags hcl.Diagnostics
	for i, a := range b.Attributes {
		attr, written := content.Attributes[a.Name]
		if !written {
			continue
		}
		sh.attrs[i] = attr
		if !schema.IsExpr(a.Type) { // the others have evaluators of their own
			lang.Bound(attr.Expr)
		}
		if a.Deprecated != "" {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagWarning,
				Summary:  "Deprecated argument",
				Detail:   fmt.Sprintf("%q will be removed in a later version. %s", a.Name, a.Deprecated),
				Subject:  &attr.NameRange,
			})
		}
	}
	byType := content.Blocks.ByType()
	for i := range b.Blocks {
		diags = append(diags, s.nest(sh, i, byType[b.Blocks[i].Name])...)
	}
	return sh, diags
}

// nest lays the blocks of one name beside their schema.
func (s bodySchemas) nest(sh *shape, i int, blocks hcl.Blocks) hcl.Diagnostics {
	nested := &sh.schema.Blocks[i]
	var diags hcl.Diagnostics
	if nested.Required && len(blocks) == 0 {
		diags = append(diags, errorf(sh.rng, "Missing block", "A block %q is required here.", nested.Name))
	}
	first := map[string]hcl.Range{}
	for _, block := range blocks {
		label := ""
		if nested.Nesting == schema.Map {
			label = block.Labels[0]
		}
		if earlier, exists := first[label]; exists && nested.Nesting != schema.List {
			diags = append(diags, errorf(block.DefRange, "Duplicate block", "There is already a block %s at %s, and there may be only one of them.", blockName(nested.Name, label), place(earlier)))
			continue
		}
		first[label] = block.DefRange
		inner, innerDiags := s.whole(block.Body, &nested.Block, block.DefRange)
		diags = append(diags, innerDiags...)
		sh.blocks[i] = append(sh.blocks[i], nestedShape{label, inner})
	}
	return diags
}

func blockName(name, label string) string {
	if label == "" {
		return name
	}
	return fmt.Sprintf("%s %q", name, label)
}

// variables returns what the expressions of the shape refer to.
func (sh *shape) variables() []hcl.Traversal {
	var out []hcl.Traversal
	for i, attr := range sh.attrs {
		if attr == nil {
			continue
		}
		out = append(out, variablesOf(attr.Expr, &sh.schema.Attributes[i])...)
	}
	for _, blocks := range sh.blocks {
		for _, b := range blocks {
			out = append(out, b.shape.variables()...)
		}
	}
	return out
}

func variablesOf(expr hcl.Expression, a *schema.Attribute) []hcl.Traversal {
	switch a.Type {
	case schema.EventExpr, schema.EventExprs:
		return eventexpr.Variables(expr)
	case schema.SelfExpr:
		return without(expr.Variables(), "self")
	}
	return expr.Variables()
}

func without(traversals []hcl.Traversal, root string) []hcl.Traversal {
	var out []hcl.Traversal
	for _, t := range traversals {
		if t.RootName() != root {
			out = append(out, t)
		}
	}
	return out
}
