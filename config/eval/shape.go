package eval

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

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
	types  []cty.Type       // as schema.Blocks
	rng    hcl.Range        // the header, or the body, for what is missing
}

// has reports whether a nested block was written, or may be made by one that
// makes blocks.
func (sh *shape) has(name string) bool {
	at := slices.IndexFunc(sh.schema.Blocks, func(n schema.Nested) bool { return n.Name == name })
	return at >= 0 && len(sh.blocks[at]) > 0
}

type nestedShape struct {
	label   string
	shape   *shape
	dynamic *dynamic // nil where the block itself was written
}

// bodySchemas remembers what is made of each schema of a build: its HCL form,
// and the types of its nested blocks.
type bodySchemas struct {
	forms map[bodyKey]*hcl.BodySchema
	types map[*schema.Block][]cty.Type
}

func newBodySchemas() bodySchemas {
	return bodySchemas{make(map[bodyKey]*hcl.BodySchema), make(map[*schema.Block][]cty.Type)}
}

// bodyKey is a schema, and whether the body is all there is.
type bodyKey struct {
	*schema.Block
	whole bool
}

// of returns the HCL form of a schema. Only a body that is taken as a whole
// can have dynamic blocks: which part of it they belong to is not told before.
func (s bodySchemas) of(b *schema.Block, whole bool) *hcl.BodySchema {
	key := bodyKey{b, whole}
	if known, ok := s.forms[key]; ok {
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
	if key.whole {
		out.Blocks = append(out.Blocks, hcl.BlockHeaderSchema{Type: dynamicType, LabelNames: []string{"name"}})
	}
	s.forms[key] = out
	return out
}

// nested returns the types of the nested blocks of a schema, of one block each.
func (s bodySchemas) nested(b *schema.Block) []cty.Type {
	if known, ok := s.types[b]; ok {
		return known
	}
	types := make([]cty.Type, len(b.Blocks))
	for i := range b.Blocks {
		types[i] = b.Blocks[i].ImpliedType()
	}
	s.types[b] = types
	return types
}

// split takes the arguments that the schema knows from a body, and returns
// the body that is left.
func (s bodySchemas) split(body hcl.Body, b *schema.Block, rng hcl.Range) (*shape, hcl.Body, hcl.Diagnostics) {
	content, rest, diags := body.PartialContent(s.of(b, false))
	sh, shapeDiags := s.shape(content, b, rng)
	return sh, rest, append(diags, shapeDiags...)
}

// whole lays a body beside a schema and reports what the schema doesn't know.
func (s bodySchemas) whole(body hcl.Body, b *schema.Block, rng hcl.Range) (*shape, hcl.Diagnostics) {
	content, diags := body.Content(s.of(b, true))
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
		types:  s.nested(b),
		rng:    rng,
	}
	var diags hcl.Diagnostics
	for i, a := range b.Attributes {
		attr, written := content.Attributes[a.Name]
		if !written {
			continue
		}
		sh.attrs[i] = attr
		lang.Bound(attr.Expr)
		if a.Deprecated != "" {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagWarning,
				Summary:  "Deprecated argument",
				Detail:   fmt.Sprintf("%q will be removed in a later version. %s", a.Name, a.Deprecated),
				Subject:  &attr.NameRange,
			})
		}
	}
	byName, nameDiags := nestedByName(content.Blocks, b)
	diags = append(diags, nameDiags...)
	for i := range b.Blocks {
		diags = append(diags, s.nest(sh, i, byName[b.Blocks[i].Name])...)
	}
	return sh, diags
}

// nestedByName sorts blocks by what they are, or make, one of.
func nestedByName(blocks hcl.Blocks, b *schema.Block) (map[string]hcl.Blocks, hcl.Diagnostics) {
	byName := make(map[string]hcl.Blocks, len(b.Blocks))
	var diags hcl.Diagnostics
	for _, block := range blocks {
		name := block.Type
		if name == dynamicType {
			name = block.Labels[0]
			if _, ok := b.Nested(name); !ok {
				diags = append(diags, unexpectedDynamic(block, nestedNames(b)))
			}
		}
		byName[name] = append(byName[name], block)
	}
	return byName, diags
}

func nestedNames(b *schema.Block) []string {
	names := make([]string, len(b.Blocks))
	for i := range b.Blocks {
		names[i] = b.Blocks[i].Name
	}
	return names
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
		if block.Type == dynamicType {
			inner, innerDiags := s.dynamic(block, nested)
			if diags = append(diags, innerDiags...); inner.dynamic != nil {
				sh.blocks[i] = append(sh.blocks[i], inner)
			}
			continue
		}
		label := ""
		if nested.Nesting == schema.Map {
			label = block.Labels[0]
		}
		if earlier, exists := first[label]; exists && nested.Nesting != schema.List {
			diags = append(diags, duplicateBlock(block.DefRange, nested.Name, label, earlier))
			continue
		}
		first[label] = block.DefRange
		inner, innerDiags := s.whole(block.Body, &nested.Block, block.DefRange)
		diags = append(diags, innerDiags...)
		sh.blocks[i] = append(sh.blocks[i], nestedShape{label: label, shape: inner})
	}
	return diags
}

func duplicateBlock(rng hcl.Range, name, label string, earlier hcl.Range) *hcl.Diagnostic {
	return errorf(rng, "Duplicate block", "There is already a block %s at %s, and there may be only one of them.", blockName(name, label), place(earlier))
}

func blockName(name, label string) string {
	if label == "" {
		return name
	}
	return fmt.Sprintf("%s %q", name, label)
}

// isEmpty reports whether nothing is written.
func (sh *shape) isEmpty() bool {
	written := func(a *hcl.Attribute) bool { return a != nil }
	return !slices.ContainsFunc(sh.attrs, written) &&
		!slices.ContainsFunc(sh.blocks, func(blocks []nestedShape) bool { return len(blocks) > 0 })
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
			if b.dynamic != nil {
				out = append(out, b.dynamic.variables(b.shape)...)
			} else {
				out = append(out, b.shape.variables()...)
			}
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
