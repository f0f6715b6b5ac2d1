package syntax

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/lang"
)

// unsupported is the error about a key that the schema doesn't know. Whether
// an argument or a block was meant can be told by its value only.
func (b *body) unsupported(m member, schema *hcl.BodySchema, content *hcl.BodyContent) *hcl.Diagnostic {
	var attributes, blocks []string
	for _, a := range schema.Attributes {
		if content.Attributes[a.Name] == nil {
			attributes = append(attributes, a.Name)
		}
	}
	for _, s := range schema.Blocks {
		blocks = append(blocks, s.Type)
	}
	name, at := m.key.text, b.at(m.key.span)
	asAttribute, asBlock := lang.Suggest(name, attributes), lang.Suggest(name, blocks)
	onlyBlocks, onlyAttributes := len(schema.Attributes) == 0, len(schema.Blocks) == 0
	meansBlock := holdsBlocks(m.value) && asAttribute == ""
	if onlyBlocks != onlyAttributes {
		meansBlock = onlyBlocks
	}
	if meansBlock {
		return problem(at, "Unsupported block type", "Blocks of type %q are not expected here.%s", name, asBlock)
	}
	if asAttribute == "" {
		asAttribute = asBlock
	}
	return problem(at, "Unsupported argument", "An argument named %q is not expected here.%s", name, asAttribute)
}

// holdsBlocks reports whether a value could be that of a block.
func holdsBlocks(n node) bool {
	switch n := n.(type) {
	case *objectNode:
		return true
	case *arrayNode:
		for _, item := range n.items {
			if _, ok := item.(*objectNode); !ok {
				return false
			}
		}
		return len(n.items) > 0
	}
	return false
}
