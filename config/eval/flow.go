package eval

import (
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

var pipelineSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "from", Required: true}, {Name: "to", Required: true}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "stage", LabelNames: []string{"type"}}, {Type: dynamicType, LabelNames: []string{"name"}}},
}

// pipeline lays the body of a pipeline out: its ends and its stages.
func (b *builder) pipeline(t *template, body hcl.Body) hcl.Diagnostics {
	content, diags := body.Content(pipelineSchema)
	t.shape = &shape{schema: &schema.Block{}, rng: t.Block.Range}
	for _, block := range content.Blocks.OfType(dynamicType) {
		diags = append(diags, unexpectedDynamic(block, nil))
	}
	for _, block := range content.Blocks.OfType("stage") {
		ref := plugin.TypeRef{Kind: plugin.KindStage, Name: block.Labels[0]}
		typ, ok := b.types.Type(ref)
		if !ok {
			diags = append(diags, b.unknownType(ref, block.DefRange))
			continue
		}
		sh, stageDiags := b.bodies.whole(block.Body, typ.Schema, block.DefRange)
		diags = append(diags, stageDiags...)
		t.Stages = append(t.Stages, &Stage{Type: typ, Range: block.DefRange, shape: sh})
	}
	from, fromDiags := flowEnd(content, "from")
	to, toDiags := flowEnd(content, "to")
	t.from, t.to = from, to
	return append(append(diags, fromDiags...), toDiags...)
}

func flowEnd(content *hcl.BodyContent, name string) ([]config.Reference, hcl.Diagnostics) {
	attr, ok := content.Attributes[name]
	if !ok {
		return nil, nil // reported as a missing argument
	}
	list, diags := config.References(attr.Expr)
	if len(list) == 0 && !diags.HasErrors() {
		diags = append(diags, errorf(attr.Expr.Range(), "List of blocks required", "A pipeline needs at least one block in %q.", name))
	}
	seen := make(map[addr.Addr]bool)
	for _, r := range list {
		if seen[r.Addr] {
			diags = append(diags, errorf(r.Range, "Duplicate reference", "%s is in this list twice, so that each event would be delivered twice.", r.Addr))
		}
		seen[r.Addr] = true
	}
	return list, diags
}

func checkSink(r config.Reference) *hcl.Diagnostic {
	if r.Addr.Kind == addr.Sink {
		return nil
	}
	return errorf(r.Range, "Not a sink", "A pipeline can only end at sinks, and %s is a %s.", r.Addr, kindName(r.Addr))
}

// kindName says what an address is one of.
func kindName(a addr.Addr) string {
	if a.IsModule() {
		return "module"
	}
	return string(a.Kind)
}

func (b *builder) checkEmits(r config.Reference) *hcl.Diagnostic {
	switch r.Addr.Kind {
	case addr.Task, addr.Collector:
		return nil
	case addr.Source:
		t, ok := b.types.Type(plugin.TypeRef{Kind: plugin.KindSource, Name: r.Addr.Type})
		if !ok || t.Emits {
			return nil // an unknown type is reported at its block
		}
		return errorf(r.Range, "Not a source of events", "A source of type %q has values and emits no events.", r.Addr.Type)
	}
	return errorf(r.Range, "Not a source of events", "A pipeline can start at sources, tasks and collectors, and %s is a %s.", r.Addr, kindName(r.Addr))
}
