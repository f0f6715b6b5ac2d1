package eval

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/dag"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Build makes the graph of a configuration. When there are errors the graph
// is nil and the diagnostics hold all that could be found.
func Build(cfg *config.Config, types Types, variables map[string]Given) (*Graph, hcl.Diagnostics) {
	g := &Graph{
		Config:    cfg,
		nodes:     make(map[addr.Addr]*Node),
		instances: make(map[addr.Addr][]addr.Addr),
		deps:      dag.New(addr.Compare),
	}
	s, diags := newScope(cfg, variables)
	g.scope = s
	s.blocks = g
	b := &builder{Graph: g, types: types, bodies: bodySchemas{}}
	blocks := slices.SortedFunc(maps.Keys(cfg.Blocks), addr.Compare)
	for _, a := range blocks {
		diags = append(diags, b.expand(cfg.Blocks[a])...)
	}
	for _, a := range blocks {
		diags = append(diags, b.connectAll(cfg.Blocks[a])...)
	}
	diags = append(diags, b.agent()...)
	diags = append(diags, b.providers()...)
	diags = append(diags, b.sort()...)
	if diags.HasErrors() {
		return nil, diags
	}
	return g, diags
}

type builder struct {
	*Graph
	types  Types
	bodies bodySchemas
}

// expand makes the nodes of a block: one, or one for each element of for_each.
func (b *builder) expand(block *config.Block) hcl.Diagnostics {
	b.instances[block.Addr] = nil
	template, diags := b.template(block)
	if template == nil {
		return diags
	}
	if block.ForEach == nil {
		return append(diags, b.add(template, block.Addr, nil)...)
	}
	elements, forEachDiags := b.forEach(block)
	diags = append(diags, forEachDiags...)
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		each := map[string]cty.Value{"key": cty.StringVal(key), "value": elements[key]}
		diags = append(diags, b.add(template, block.Addr.Instance(key), each)...)
	}
	return diags
}

// template lays a block's body beside its schemas. It returns nil where the
// type is unknown.
func (b *builder) template(block *config.Block) (*Node, hcl.Diagnostics) {
	n := &Node{Block: block}
	meta, rest, diags := b.bodies.split(block.Body, MetaSchema(block.Addr.Kind), block.Range)
	v, valueDiags := meta.value(b.scope.base)
	diags = append(diags, valueDiags...)
	if block.Addr.Kind == addr.Pipeline {
		return n, append(diags, b.pipeline(n, rest)...)
	}
	ref := plugin.TypeRef{Kind: plugin.Kind(block.Addr.Kind), Name: block.Addr.Type}
	t, ok := b.types.Type(ref)
	if !ok {
		return nil, append(diags, b.unknownType(ref, block.Range))
	}
	n.Type = t
	if !diags.HasErrors() {
		m, err := decodeMeta(block.Addr.Kind, v, t.DetectOnly)
		if err != nil {
			diags = append(diags, errorf(block.Range, "Meta-argument not known", "%s: it must be known when the configuration is loaded.", err))
		}
		n.Meta = m
		if t.DetectOnly && m.Enforcement == Enforce {
			diags = append(diags, errorf(block.Range, "Unsupported enforcement", "A task of type %q can only detect. Leave enforcement out, or set it to \"detect\" or \"off\".", t.Ref.Name))
		}
	}
	sh, bodyDiags := b.bodies.whole(rest, t.Schema, block.Range)
	n.shape = sh
	return n, append(diags, bodyDiags...)
}

func (b *builder) unknownType(ref plugin.TypeRef, rng hcl.Range) *hcl.Diagnostic {
	names := b.types.Names(ref.Kind)
	return errorf(rng, "Unknown type", "There is no %s of type %q.%s", ref.Kind, ref.Name, orList(lang.Suggest(ref.Name, names), names))
}

func orList(suggestion string, names []string) string {
	if suggestion != "" {
		return suggestion
	}
	return " Known are " + strings.Join(names, ", ") + "."
}

var pipelineSchema = &hcl.BodySchema{
	Attributes: []hcl.AttributeSchema{{Name: "from", Required: true}, {Name: "to", Required: true}},
	Blocks:     []hcl.BlockHeaderSchema{{Type: "stage", LabelNames: []string{"type"}}},
}

func (b *builder) pipeline(n *Node, body hcl.Body) hcl.Diagnostics {
	content, diags := body.Content(pipelineSchema)
	n.shape = &shape{schema: &schema.Block{}, rng: n.Block.Range}
	for _, block := range content.Blocks {
		ref := plugin.TypeRef{Kind: plugin.KindStage, Name: block.Labels[0]}
		t, ok := b.types.Type(ref)
		if !ok {
			diags = append(diags, b.unknownType(ref, block.DefRange))
			continue
		}
		sh, stageDiags := b.bodies.whole(block.Body, t.Schema, block.DefRange)
		diags = append(diags, stageDiags...)
		n.Stages = append(n.Stages, &Stage{Type: t, Range: block.DefRange, shape: sh})
	}
	for name, attr := range content.Attributes {
		refs, refDiags := config.References(attr.Expr)
		diags = append(diags, refDiags...)
		for _, r := range refs {
			if diag := b.checkFlow(name, r); diag != nil {
				diags = append(diags, diag)
				continue
			}
			if name == "from" {
				n.From = append(n.From, r.Addr)
			} else {
				n.To = append(n.To, r.Addr)
			}
		}
	}
	return diags
}

// checkFlow judges one block in from or to.
func (b *builder) checkFlow(side string, r config.Reference) *hcl.Diagnostic {
	if diag := b.checkDeclared(r.Addr, r.Range); diag != nil {
		return diag
	}
	if side == "to" {
		if r.Addr.Kind != addr.Sink {
			return errorf(r.Range, "Not a sink", "A pipeline can only end at sinks.")
		}
		return nil
	}
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
	return errorf(r.Range, "Not a source of events", "A pipeline can start at sources, tasks and collectors.")
}

// forEach evaluates the elements of a block's for_each.
func (b *builder) forEach(block *config.Block) (map[string]cty.Value, hcl.Diagnostics) {
	rng := block.ForEach.Range()
	refs, diags := b.scope.resolve(b.Graph, block.ForEach.Variables(), nil)
	if diags.HasErrors() {
		return nil, diags
	}
	if !refs.isStatic() {
		return nil, hcl.Diagnostics{errorf(rng, "Invalid for_each", "It refers to a block. What for_each names must be known when the configuration is loaded: variables, locals and functions.")}
	}
	v, diags := block.ForEach.Value(b.scope.base)
	if diags.HasErrors() {
		return nil, diags
	}
	if lang.IsSensitive(v) {
		return nil, hcl.Diagnostics{errorf(rng, "Invalid for_each", "The value is sensitive, and the keys would show it in addresses.")}
	}
	t := v.Type()
	switch {
	case v.IsNull() || !v.IsWhollyKnown():
		return nil, hcl.Diagnostics{errorf(rng, "Invalid for_each", "The value must be known and not null.")}
	case t.IsMapType() || t.IsObjectType():
		return v.AsValueMap(), nil
	case t.IsSetType() && t.ElementType() == cty.String:
		elements := make(map[string]cty.Value, v.LengthInt())
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			if e.IsNull() {
				return nil, hcl.Diagnostics{errorf(rng, "Invalid for_each", "The set holds a null.")}
			}
			elements[e.AsString()] = e
		}
		return elements, nil
	case t.IsSetType() && v.LengthInt() == 0:
		return nil, nil
	}
	return nil, hcl.Diagnostics{errorf(rng, "Invalid for_each", "A map or a set of strings is required, not %s. A list becomes a set with toset().", t.FriendlyName())}
}

// add puts one instance into the graph, unless its when is false.
func (b *builder) add(template *Node, a addr.Addr, each map[string]cty.Value) hcl.Diagnostics {
	n := *template
	n.Addr, n.each = a, each
	b.instances[a.Block()] = append(b.instances[a.Block()], a)
	if when := n.Block.When; when != nil && isStaticWhen(b.scope, when) {
		ctx, _ := b.scope.context(each, refs{}, nil)
		v, diags := condition(when, ctx)
		if diags.HasErrors() || (v.IsKnown() && v.False()) {
			return diags
		}
	}
	b.nodes[a] = &n
	b.deps.Add(a)
	return nil
}

func isStaticWhen(s *scope, when hcl.Expression) bool {
	for _, t := range when.Variables() {
		if _, _, ok := addr.FromTraversal(t); ok {
			return false
		}
		if name, ok := localName(t); ok {
			if _, dynamic := s.dynamic[name]; dynamic {
				return false
			}
		}
	}
	return true
}

// connectAll resolves the references of a block and makes its edges.
func (b *builder) connectAll(block *config.Block) hcl.Diagnostics {
	var diags hcl.Diagnostics
	first := true
	for _, a := range b.instances[block.Addr] {
		n, ok := b.nodes[a]
		if !ok {
			continue
		}
		nodeDiags := b.connect(n)
		if first { // the instances share their expressions, and so their mistakes
			diags, first = nodeDiags, false
		}
	}
	return diags
}

func (b *builder) connect(n *Node) hcl.Diagnostics {
	traversals := n.shape.variables()
	for _, s := range n.Stages {
		traversals = append(traversals, s.shape.variables()...)
	}
	if n.Block.When != nil {
		traversals = append(traversals, n.Block.When.Variables()...)
	}
	found, diags := b.scope.resolve(b.Graph, traversals, n.each)
	n.refs = found
	if n.Block.When != nil && !isStaticWhen(b.scope, n.Block.When) {
		n.Conditional = true
		if n.Addr.Kind != addr.Task {
			diags = append(diags, errorf(n.Block.When.Range(), "Invalid when", "Only the when of a task may depend on other blocks."))
		}
	}
	for _, a := range found.addrs {
		b.edges(n.Addr, a)
	}
	for _, r := range n.Block.DependsOn {
		if diag := b.checkDeclared(r.Addr, r.Range); diag != nil {
			diags = append(diags, diag)
			continue
		}
		b.edges(n.Addr, r.Addr)
	}
	for _, a := range slices.Concat(n.From, n.To) {
		b.edges(n.Addr, a)
	}
	return diags
}

// edges makes a node depend on the instances that an address stands for.
func (b *builder) edges(from, to addr.Addr) {
	if to.Key.IsSet() {
		if _, ok := b.nodes[to]; ok {
			b.deps.DependsOn(from, to)
		}
		return
	}
	for _, a := range b.instances[to] {
		if _, ok := b.nodes[a]; ok {
			b.deps.DependsOn(from, a)
		}
	}
}

// checkDeclared reports an address that no block, or no instance, has.
func (g *Graph) checkDeclared(a addr.Addr, rng hcl.Range) *hcl.Diagnostic {
	block, ok := g.Config.Blocks[a.Block()]
	if !ok {
		return errorf(rng, "Reference to undeclared block", "There is no %s.%s", a.Block(), g.suggestBlock(a.Block()))
	}
	if !a.Key.IsSet() {
		return nil
	}
	if block.ForEach == nil {
		return errorf(rng, "Invalid index", "%s has no for_each, so it has no instances to choose from.", a.Block())
	}
	if !slices.Contains(g.instances[a.Block()], a) {
		return errorf(rng, "Invalid index", "%s has no instance with the key %q.", a.Block(), a.Key.Text())
	}
	return nil
}

func (g *Graph) suggestBlock(a addr.Addr) string {
	var names []string
	for other := range g.Config.Blocks {
		if other.Kind == a.Kind {
			names = append(names, other.String())
		}
	}
	slices.Sort(names)
	return lang.Suggest(a.String(), names)
}

// checkReference reports a reference to a block, an instance or an attribute
// that there isn't.
func (g *Graph) checkReference(a addr.Addr, rest hcl.Traversal, rng hcl.Range) *hcl.Diagnostic {
	if diag := g.checkDeclared(a, rng); diag != nil {
		return diag
	}
	step, ok := firstAttr(rest)
	if !ok || (g.Config.Blocks[a.Block()].ForEach != nil && !a.Key.IsSet()) {
		return nil
	}
	instances := g.instances[a.Block()]
	if len(instances) == 0 || g.nodes[instances[0]] == nil || a.Kind == addr.Pipeline {
		return nil
	}
	known := g.nodes[instances[0]].Type.Schema.ImpliedType()
	if known.HasAttribute(step.Name) {
		return nil
	}
	names := slices.Sorted(maps.Keys(known.AttributeTypes()))
	return errorf(step.SrcRange, "Unsupported attribute", "%s has no attribute %q.%s", a, step.Name, lang.Suggest(step.Name, names))
}

func firstAttr(t hcl.Traversal) (hcl.TraverseAttr, bool) {
	if len(t) == 0 {
		return hcl.TraverseAttr{}, false
	}
	step, ok := t[0].(hcl.TraverseAttr)
	return step, ok
}

// sort orders the nodes, or reports the cycle that prevents it.
func (b *builder) sort() hcl.Diagnostics {
	order, err := b.deps.Order()
	var cycle *dag.CycleError[addr.Addr]
	if errors.As(err, &cycle) {
		first := b.nodes[cycle.Path[0]]
		return hcl.Diagnostics{errorf(first.Block.Range, "Cycle", "These blocks depend on each other in a circle, so that none can come first: %s.", cycleText(b.Graph, cycle.Path))}
	}
	b.order = order
	return nil
}

func cycleText(g *Graph, path []addr.Addr) string {
	var text strings.Builder
	for _, a := range path {
		fmt.Fprintf(&text, "%s (%s) -> ", a, g.nodes[a].Block.Range)
	}
	return text.String() + path[0].String()
}
