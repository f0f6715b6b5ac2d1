package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// dynamic makes nested blocks of the elements of a collection. The shape is
// that of its content.
type dynamic struct {
	forEach  hcl.Expression
	iterator string         // the name that the content knows the element by
	label    hcl.Expression // of blocks that have one, else nil
	rng      hcl.Range
}

// dynamicType is the keyword of such a block.
const dynamicType = "dynamic"

var dynamicSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "for_each", Required: true}, {Name: "iterator"}, {Name: "labels"}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "content"}},
}

// unexpectedDynamic reports a dynamic block that makes blocks which can't be
// made so where it stands.
func unexpectedDynamic(block *hcl.Block, known []string) *hcl.Diagnostic {
	name := block.Labels[0]
	if slices.Contains([]string{beforeBlock, afterBlock, "retry", "batch", "stage"}, name) {
		return errorf(block.LabelRanges[0], "Unsupported block type", "A block %q can't be made by a dynamic block. Write it out; its arguments can be expressions.", name)
	}
	return errorf(block.LabelRanges[0], "Unsupported block type", "Blocks of type %q are not expected here.%s", name, lang.Suggest(name, known))
}

// dynamic lays the body of a dynamic block beside the schema of the blocks
// that it makes.
func (s bodySchemas) dynamic(block *hcl.Block, nested *schema.Nested) (nestedShape, hcl.Diagnostics) {
	content, diags := block.Body.Content(dynamicSchema)
	d := &dynamic{iterator: nested.Name, rng: block.DefRange}
	if attr, ok := content.Attributes["for_each"]; ok {
		d.forEach = attr.Expr
		lang.Bound(d.forEach)
	}
	if attr, ok := content.Attributes["iterator"]; ok {
		if d.iterator = hcl.ExprAsKeyword(attr.Expr); d.iterator == "" {
			diags = append(diags, errorf(attr.Expr.Range(), "Invalid iterator", "Write the name of the element without quotes, as in iterator = rule."))
		}
	}
	label, labelDiags := d.labels(content, nested)
	d.label, diags = label, append(diags, labelDiags...)
	if len(content.Blocks) != 1 {
		diags = append(diags, errorf(block.DefRange, "Invalid dynamic block", "A dynamic block has one block %q, which holds what the blocks %q hold.", "content", nested.Name))
	}
	if diags.HasErrors() {
		return nestedShape{}, diags
	}
	sh, shapeDiags := s.whole(content.Blocks[0].Body, &nested.Block, block.DefRange)
	return nestedShape{shape: sh, dynamic: d}, append(diags, shapeDiags...)
}

// labels reads the label of the blocks, where they have one.
func (d *dynamic) labels(content *hcl.BodyContent, nested *schema.Nested) (hcl.Expression, hcl.Diagnostics) {
	attr, written := content.Attributes["labels"]
	switch hasLabel := nested.Nesting == schema.Map; {
	case !written && !hasLabel:
		return nil, nil
	case !written:
		return nil, hcl.Diagnostics{errorf(d.rng, "Missing label", "Each block %q has a label. Give it as labels = [%s.key].", nested.Name, d.iterator)}
	case !hasLabel:
		return nil, hcl.Diagnostics{errorf(attr.NameRange, "Unexpected label", "A block %q has no label.", nested.Name)}
	}
	list, diags := hcl.ExprList(attr.Expr)
	if diags.HasErrors() || len(list) != 1 {
		return nil, hcl.Diagnostics{errorf(attr.Expr.Range(), "Invalid label", "Write a list of one label, as in [%s.key].", d.iterator)}
	}
	lang.Bound(list[0])
	return list[0], nil
}

// variables returns what the block refers to. The element is none of it.
func (d *dynamic) variables(content *shape) []hcl.Traversal {
	inner := content.variables()
	if d.label != nil {
		inner = append(inner, d.label.Variables()...)
	}
	return append(d.forEach.Variables(), without(inner, d.iterator)...)
}

// nestedBlock is one block of a body, evaluated.
type nestedBlock struct {
	label string
	value cty.Value
	rng   hcl.Range
}

// expand evaluates the block once for each element. It reports false where
// the elements or their labels are not known yet.
func (n nestedShape) expand(ctx *hcl.EvalContext) (blocks []nestedBlock, known bool, diags hcl.Diagnostics) {
	if n.dynamic == nil {
		v, diags := n.shape.value(ctx)
		return []nestedBlock{{n.label, v, n.shape.rng}}, true, diags
	}
	d := n.dynamic
	elements, known, diags := d.elements(ctx)
	for _, element := range elements {
		inner := ctx.NewChild()
		inner.Variables = map[string]cty.Value{d.iterator: element}
		v, blockDiags := n.shape.value(inner)
		label, labelKnown, labelDiags := d.labelOf(inner)
		diags = append(append(diags, blockDiags...), labelDiags...)
		if known = known && labelKnown; diags.HasErrors() {
			return nil, false, diags // the others would only say it again
		}
		blocks = append(blocks, nestedBlock{label, v, d.rng})
	}
	return blocks, known, diags
}

// elements evaluates for_each to the objects that the content knows.
func (d *dynamic) elements(ctx *hcl.EvalContext) (elements []cty.Value, known bool, diags hcl.Diagnostics) {
	v, diags := lang.Evaluate(d.forEach, ctx)
	switch {
	case diags.HasErrors():
		return nil, false, diags
	case v.IsMarked():
		return nil, false, append(diags, forEachError(d.forEach, "The value is sensitive, and how many blocks there are would show some of it. Mark the elements instead, or their parts."))
	case !v.IsKnown():
		return nil, false, diags
	case v.IsNull():
		return nil, false, append(diags, forEachError(d.forEach, "The value is null. Give it an empty list for no blocks."))
	case !v.CanIterateElements():
		return nil, false, append(diags, forEachError(d.forEach, "A collection is required, not a "+v.Type().FriendlyName()+"."))
	}
	for it := v.ElementIterator(); it.Next(); {
		key, value := it.Element()
		if v.Type().IsSetType() {
			key = value
		}
		elements = append(elements, cty.ObjectVal(map[string]cty.Value{"key": key, "value": value}))
	}
	return elements, true, diags
}

func (d *dynamic) labelOf(ctx *hcl.EvalContext) (label string, known bool, diags hcl.Diagnostics) {
	if d.label == nil {
		return "", true, nil
	}
	v, diags := lang.Evaluate(d.label, ctx)
	if diags.HasErrors() {
		return "", false, diags
	}
	v, marks := v.Unmark()
	v, err := convert.Convert(v, cty.String)
	switch {
	case err != nil || v.IsNull() || len(marks) > 0:
		return "", false, append(diags, errorf(d.label.Range(), "Invalid label", "A string is required that is not sensitive."))
	case !v.IsKnown():
		return "", false, diags
	}
	return v.AsString(), true, diags
}
