package syntax

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// commentKey is the key whose value a block ignores.
const commentKey = "//"

// body is an object that is read as the content of a block or of a file.
type body struct {
	*source
	node   node
	header span
	hidden []*hcl.BodySchema // of what an earlier PartialContent has taken
}

var _ hcl.Body = (*body)(nil)

// Content returns what the schema asks for, and errors about all else.
func (b *body) Content(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Diagnostics) {
	content, rest, diags := b.partial(schema)
	members, _ := b.members(b.node, "to define arguments and blocks")
	for _, m := range members {
		if !rest.hides(m.key.text) && m.key.text != commentKey {
			diags = append(diags, b.unsupported(m, schema, content))
		}
	}
	return content, diags
}

// PartialContent returns what the schema asks for, and a body of all else.
func (b *body) PartialContent(schema *hcl.BodySchema) (*hcl.BodyContent, hcl.Body, hcl.Diagnostics) {
	content, rest, diags := b.partial(schema)
	return content, rest, diags
}

func (b *body) partial(schema *hcl.BodySchema) (*hcl.BodyContent, *body, hcl.Diagnostics) {
	content := &hcl.BodyContent{Attributes: make(hcl.Attributes), MissingItemRange: b.MissingItemRange()}
	rest := &body{b.source, b.node, b.header, append(slices.Clip(b.hidden), schema)}
	members, diags := b.members(b.node, "to define arguments and blocks")
	for _, m := range members {
		name := m.key.text
		block := slices.IndexFunc(schema.Blocks, func(s hcl.BlockHeaderSchema) bool { return s.Type == name })
		switch {
		case b.hides(name):
		case hasAttribute(schema, name):
			diags = append(diags, b.addAttribute(content.Attributes, m)...)
		case block >= 0:
			found, blockDiags := b.blocks(m, schema.Blocks[block])
			content.Blocks = append(content.Blocks, found...)
			diags = append(diags, blockDiags...)
		}
	}
	if b.headed {
		slices.SortStableFunc(content.Blocks, func(x, y *hcl.Block) int { return x.DefRange.Start.Byte - y.DefRange.Start.Byte })
	}
	return content, rest, append(diags, b.missing(schema, content)...)
}

func hasAttribute(schema *hcl.BodySchema, name string) bool {
	return slices.ContainsFunc(schema.Attributes, func(a hcl.AttributeSchema) bool { return a.Name == name })
}

// hides reports whether a member is not part of the body any more. The schemas
// are short, and a set of their names for each body would take more memory
// than the rest of it.
func (b *body) hides(name string) bool {
	for _, schema := range b.hidden {
		if hasAttribute(schema, name) || slices.ContainsFunc(schema.Blocks, func(s hcl.BlockHeaderSchema) bool { return s.Type == name }) {
			return true
		}
	}
	return false
}

func (b *body) missing(schema *hcl.BodySchema, content *hcl.BodyContent) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for _, a := range schema.Attributes {
		if a.Required && content.Attributes[a.Name] == nil {
			diags = append(diags, problem(b.MissingItemRange(), "Missing required argument", "The argument %q is required, but no definition was found.", a.Name))
		}
	}
	return diags
}

// addAttribute adds an attribute, unless an object before it in a list of
// objects that make up one body has it, too.
func (b *body) addAttribute(attributes hcl.Attributes, m member) hcl.Diagnostics {
	name := m.key.text
	if first := attributes[name]; first != nil {
		return hcl.Diagnostics{problem(b.at(m.key.span), "Attribute redefined",
			"The argument %q was already set at %s. Each argument may be set only once.", name, first.NameRange)}
	}
	nameRange := b.at(m.key.span)
	value := &expression{b.source, m.value}
	attributes[name] = &hcl.Attribute{Name: name, Expr: value, NameRange: nameRange, Range: hcl.RangeBetween(nameRange, value.Range())}
	return nil
}

// JustAttributes returns all that the body holds as attributes.
func (b *body) JustAttributes() (hcl.Attributes, hcl.Diagnostics) {
	attributes := make(hcl.Attributes)
	object, ok := b.node.(*objectNode)
	if !ok {
		return attributes, hcl.Diagnostics{problem(b.at(b.node.where()), "Incorrect value type", "An object is required here, to set the arguments of this block.")}
	}
	var diags hcl.Diagnostics
	for _, m := range object.members {
		if !b.hides(m.key.text) && m.key.text != commentKey {
			diags = append(diags, b.addAttribute(attributes, m)...)
		}
	}
	return attributes, diags
}

// MissingItemRange is the header of the block, or the start of the file.
func (b *body) MissingItemRange() hcl.Range { return b.at(b.header) }

// members returns the members of an object, or of all objects of a list, in
// which order can be told where it matters.
func (s *source) members(n node, purpose string) ([]member, hcl.Diagnostics) {
	switch n := n.(type) {
	case *nullNode:
		return nil, nil
	case *objectNode:
		return n.members, nil
	case *arrayNode:
		var members []member
		var diags hcl.Diagnostics
		for _, item := range n.items {
			if object, ok := item.(*objectNode); ok {
				members = append(members, object.members...)
			} else {
				diags = append(diags, problem(s.at(item.where()), "Incorrect value type", "Each item of this list must be an object, %s.", purpose))
			}
		}
		return members, diags
	}
	return nil, hcl.Diagnostics{problem(s.at(n.where()), "Incorrect value type", "An object, or a list of objects, is required here, %s.", purpose)}
}

func problem(at hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: &at}
}
