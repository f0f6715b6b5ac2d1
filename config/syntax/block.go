package syntax

import (
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"
)

// unpacker takes the labels off a member until its blocks are left.
type unpacker struct {
	*source
	schema hcl.BlockHeaderSchema
	typ    *stringNode
	labels []*stringNode
	blocks hcl.Blocks
	diags  hcl.Diagnostics
}

// blocks returns the blocks that a member stands for.
func (s *source) blocks(m member, schema hcl.BlockHeaderSchema) (hcl.Blocks, hcl.Diagnostics) {
	u := &unpacker{source: s, schema: schema, typ: m.key}
	u.unpack(m.value)
	return u.blocks, u.diags
}

func (u *unpacker) unpack(n node) {
	if len(u.labels) == len(u.schema.LabelNames) {
		u.bodies(n)
		return
	}
	label := u.schema.LabelNames[len(u.labels)]
	members, diags := u.members(n, fmt.Sprintf("whose keys are the %s of %q blocks", label, u.schema.Type))
	u.diags = append(u.diags, diags...)
	if len(members) == 0 && len(diags) == 0 {
		u.diags = append(u.diags, problem(u.at(n.where()), "Missing block label",
			"At least one key is required here, which is the %s of a %q block.", label, u.schema.Type))
	}
	for _, m := range members {
		u.labels = append(u.labels, m.key)
		u.unpack(m.value)
		u.labels = u.labels[:len(u.labels)-1]
	}
}

// bodies makes a block of an object, or one of each object of a list.
func (u *unpacker) bodies(n node) {
	switch n := n.(type) {
	case *nullNode:
	case *objectNode:
		u.block(n, u.header(n))
	case *arrayNode:
		for _, item := range n.items {
			object, ok := item.(*objectNode)
			if !ok {
				u.diags = append(u.diags, problem(u.at(item.where()), "Incorrect value type", "Each item of this list must be an object, the content of a %q block.", u.schema.Type))
				continue
			}
			u.block(object, u.itemHeader(object))
		}
	default:
		u.diags = append(u.diags, problem(u.at(n.where()), "Incorrect value type",
			"An object, or a list of objects, is required here: the content of %q blocks.", u.schema.Type))
	}
}

func (u *unpacker) block(n *objectNode, header span) {
	block := &hcl.Block{
		Type:      u.schema.Type,
		Labels:    make([]string, len(u.labels)),
		Body:      &body{source: u.source, node: n, header: header},
		DefRange:  u.at(header),
		TypeRange: u.at(u.typ.span),
	}
	for i, label := range u.labels {
		block.Labels[i] = label.text
		block.LabelRanges = append(block.LabelRanges, u.at(label.span))
	}
	u.blocks = append(u.blocks, block)
}

// header is where a block of its own is named: from the type to the last label
// where they are on one line, and otherwise the last label.
func (u *unpacker) header(n *objectNode) span {
	keys := append([]*stringNode{u.typ}, u.labels...)
	last := keys[len(keys)-1].span
	if u.headed && n.start < last.start {
		return span{n.start, last.end}
	}
	line := u.pos(last.start).Line
	first := slices.IndexFunc(keys, func(k *stringNode) bool { return k.start <= last.start && u.pos(k.start).Line == line })
	return span{keys[first].start, last.end}
}

// itemHeader is where a block in a list begins.
func (u *unpacker) itemHeader(n *objectNode) span {
	return span{n.start, min(n.end, u.lineEnd(n.start))}
}
