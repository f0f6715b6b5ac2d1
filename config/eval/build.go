package eval

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/dag"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Inputs are what a configuration is given from outside.
type Inputs struct {
	Variables map[string]Given
	Facts     Facts        // nil: there are none, and fact is no name
	Secrets   lang.Secrets // nil: there are none
	// Hidden learns every sensitive value; nil: the graph has one of its own.
	Hidden *redact.Redactor
	// Providers describes the provider blocks that there can be, by name.
	Providers map[string]*schema.Block
	// Functions are those of providers, by the names they are called by.
	Functions map[string]function.Function
	// Installed are the names of providers that could be required, for
	// suggestions.
	Installed func() []string
}

// Build makes the graph of a configuration. When there are errors, here or in
// the configuration, the graph is nil and the diagnostics hold all that could
// be found.
func Build(cfg *config.Config, types Types, in Inputs) (*Graph, hcl.Diagnostics) {
	b, diags := build(cfg, types, in)
	diags = b.tidy(diags)
	if diags.HasErrors() || cfg.Incomplete {
		return nil, diags
	}
	return b.Graph, diags
}

// Check is [Build] and [Graph.Validate] in one: where there are errors, the
// blocks that have none are validated nevertheless, so that all problems come
// to light at once.
func Check(ctx context.Context, cfg *config.Config, types Types, in Inputs, v Validator) (*Graph, hcl.Diagnostics) {
	b, diags := build(cfg, types, in)
	diags = append(diags, b.Validate(ctx, v)...)
	diags = b.tidy(diags)
	if diags.HasErrors() || cfg.Incomplete {
		return nil, diags
	}
	return b.Graph, diags
}

type builder struct {
	*Graph
	bodies   bodySchemas
	defaults map[metaKey]Meta
	isFull   bool // there are as many instances as there can be
}

// build does as much as can be done.
func build(cfg *config.Config, types Types, in Inputs) (*builder, hcl.Diagnostics) {
	g := &Graph{
		Config:    cfg,
		types:     types,
		inputs:    in,
		hidden:    cmp.Or(in.Hidden, redact.New()),
		bases:     make(map[*config.Config]*hcl.EvalContext),
		blocks:    make(map[addr.Addr]*config.Block),
		nodes:     make(map[addr.Addr]*Node),
		instances: make(map[addr.Addr][]addr.Addr),
		damaged:   make(map[addr.Addr]damage),
		deps:      dag.New(addr.Compare),
	}
	g.static = sync.OnceValue(g.evaluateStatic)
	b := &builder{Graph: g, bodies: newBodySchemas(), defaults: make(map[metaKey]Meta)}
	diags := b.openScopes()
	templates, templateDiags := b.expandAll()
	diags = append(diags, templateDiags...)
	for _, t := range templates {
		diags = append(diags, b.note(t.address(), unresolved, b.connect(t))...)
	}
	diags = append(diags, b.checkModules()...)
	diags = append(diags, b.settleAll()...)
	diags = append(diags, b.checkRules()...)
	diags = append(diags, b.agent()...)
	diags = append(diags, b.providers(in)...)
	return b, append(diags, b.sort()...)
}

// openScopes makes the scopes of the configuration and of its modules.
func (b *builder) openScopes() hcl.Diagnostics {
	var diags hcl.Diagnostics
	if b.inputs.Facts != nil {
		b.facts, diags = factObject(b.Config, b.inputs.Facts)
	}
	root, rootDiags := b.rootScope(b.inputs)
	b.scopes = []*scope{root}
	diags = append(diags, rootDiags...)
	return append(diags, b.expandModules()...)
}

// expandAll makes the nodes of all blocks. There is no template of a block
// whose type is unknown.
func (b *builder) expandAll() ([]*template, hcl.Diagnostics) {
	var templates []*template
	var diags hcl.Diagnostics
	for _, s := range b.scopes {
		for _, a := range slices.SortedFunc(maps.Keys(s.config.Blocks), addr.Compare) {
			b.blocks[a.In(s.module)] = s.config.Blocks[a]
			t, blockDiags := b.expand(s, s.config.Blocks[a])
			diags = append(diags, b.note(a.In(s.module), misshapen, blockDiags)...)
			if t != nil {
				templates = append(templates, t)
			}
		}
	}
	return templates, diags
}

// damage is how much of a block is of no use because of its errors.
type damage int

const (
	misshapen  damage = iota + 1 // its arguments can be evaluated, and no provider should see them
	unresolved                   // it names what there isn't
)

func (b *builder) note(a addr.Addr, d damage, diags hcl.Diagnostics) hcl.Diagnostics {
	if diags.HasErrors() {
		b.damaged[a] = max(b.damaged[a], d)
	}
	return diags
}

// tidy leaves out what is said twice, what is said to be missing while parts of
// the configuration could not be read, and where else a budget was used up.
func (b *builder) tidy(diags hcl.Diagnostics) hcl.Diagnostics {
	type place struct {
		summary, detail string
		subject         hcl.Range
	}
	seen := make(map[place]bool, len(diags))
	isExhausted := false
	var out hcl.Diagnostics
	for _, d := range diags {
		p := place{summary: d.Summary, detail: d.Detail}
		if d.Subject != nil {
			p.subject = *d.Subject
		}
		_, isMissing := d.Extra.(missing)
		if seen[p] || isMissing && b.Config.Incomplete || isExhausted && lang.IsExhausted(d) {
			continue
		}
		seen[p] = true
		isExhausted = isExhausted || lang.IsExhausted(d)
		out = append(out, d)
	}
	return config.Foremost(out)
}

// template is what the instances of a block have in common.
type template struct {
	Node
	meta     *shape
	from, to []config.Reference
}

// address is that of the block, without the key of an instance.
func (t *template) address() addr.Addr { return t.Block.Addr.In(t.scope.module) }

// maxInstances is how many instances a configuration may have. Each takes some
// kilobytes.
const maxInstances = 50_000

// expand makes the nodes of a block: one, or one for each element of for_each.
// The template is nil where the type of the block is unknown.
func (b *builder) expand(s *scope, block *config.Block) (*template, hcl.Diagnostics) {
	t, diags := b.template(s, block)
	if t == nil {
		return nil, diags
	}
	if block.When != nil {
		lang.Bound(block.When)
	}
	address := t.address()
	if block.ForEach == nil {
		b.instances[address] = nil
		return t, append(diags, b.add(t, address, nil)...)
	}
	if b.isFull {
		return t, diags // as was said, and more of it would take its time
	}
	elements, forEachDiags := s.forEach(block.ForEach)
	if diags = append(diags, forEachDiags...); diags.HasErrors() {
		return t, diags // how many instances there are is not known then
	}
	if b.isFull = len(b.nodes)+len(elements) > maxInstances; b.isFull {
		return t, append(diags, errorf(block.ForEach.Range(), "Too many instances", "With the %d instances of this block there would be more than %d in all. Let one task work on a list, or split the configuration.", len(elements), maxInstances))
	}
	b.instances[address] = make([]addr.Addr, 0, len(elements))
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		each := map[string]cty.Value{"key": cty.StringVal(key), "value": elements[key]}
		if instanceDiags := b.add(t, address.Instance(key), each); instanceDiags.HasErrors() {
			return t, append(diags, instanceDiags...) // the others would only say it again
		}
	}
	return t, diags
}

// template lays a block's body beside its schemas.
func (b *builder) template(s *scope, block *config.Block) (*template, hcl.Diagnostics) {
	t := &template{Node: Node{Block: block, scope: s}}
	meta, rest, diags := b.bodies.split(block.Body, MetaSchema(block.Addr.Kind), block.Range)
	t.meta, t.checks = meta, takeChecks(meta)
	if block.Addr.Kind == addr.Pipeline {
		return t, append(diags, b.pipeline(t, rest)...)
	}
	ref := plugin.TypeRef{Kind: plugin.Kind(block.Addr.Kind), Name: block.Addr.Type}
	typ, ok := b.types.Type(ref)
	if !ok {
		return nil, append(diags, b.unknownType(ref, block.Range))
	}
	t.Type = typ
	sh, bodyDiags := b.bodies.whole(rest, typ.Schema, block.Range)
	t.shape = sh
	return t, append(diags, bodyDiags...)
}

func (g *Graph) unknownType(ref plugin.TypeRef, rng hcl.Range) *hcl.Diagnostic {
	names := g.types.Names(ref.Kind)
	hint := lang.Suggest(ref.Name, names)
	if hint == "" && len(names) > 0 {
		hint = " Known are " + strings.Join(names, ", ") + "."
	}
	return errorf(rng, "Unknown type", "There is no %s of type %q.%s%s", ref.Kind, ref.Name, g.requireHint(ref.Name), hint)
}

// requireHint says how to require the provider that a type may be of: one that
// is installed, and whose name the type begins with.
func (g *Graph) requireHint(typeName string) string {
	if g.inputs.Installed == nil {
		return ""
	}
	for _, name := range g.inputs.Installed() {
		if _, required := g.Config.Required[name]; !required && (typeName == name || strings.HasPrefix(typeName, name+"_")) {
			return fmt.Sprintf(" A provider %s is installed and not required. To use it, write: driftless { required_providers { %s = { source = %q } } }.", name, name, name)
		}
	}
	return ""
}

// add puts one instance into the graph, unless its when is false.
func (b *builder) add(t *template, a addr.Addr, each map[string]cty.Value) hcl.Diagnostics {
	n := t.Node
	n.Addr, n.each = a, each
	b.instances[a.Block()] = append(b.instances[a.Block()], a)
	meta, diags := b.evaluateMeta(t, each)
	n.Meta = meta
	if n.Block.When != nil && !t.isConditional() {
		part, whenDiags := n.scope.takesPart(n.Block.When, each)
		if diags = append(diags, whenDiags...); !part {
			return diags
		}
	}
	b.nodes[a] = &n
	b.deps.Add(a)
	return diags
}

// sort orders the nodes, or reports the cycle that prevents it.
func (b *builder) sort() hcl.Diagnostics {
	order, err := b.deps.Order()
	if cycle, ok := errors.AsType[*dag.CycleError[addr.Addr]](err); ok {
		b.order = b.deps.Keys() // any will do to find more mistakes: what comes too late is unknown
		first := b.nodes[cycle.Path[0]]
		return hcl.Diagnostics{errorf(first.Block.Range, "Cycle", "These blocks depend on each other in a circle, so that none can come first: %s.", b.cycleText(cycle.Path))}
	}
	b.order = order
	return nil
}

func (b *builder) cycleText(path []addr.Addr) string {
	return circle(len(path), func(i int) (string, hcl.Range) { return path[i].String(), b.nodes[path[i]].Block.Range })
}

// maxSteps is how much of a long circle is told.
const maxSteps = 20

// circle tells the way round, back to where it began.
func circle(steps int, step func(i int) (name string, rng hcl.Range)) string {
	var text strings.Builder
	for i := range min(steps, maxSteps) {
		name, rng := step(i)
		fmt.Fprintf(&text, "%s (%s) -> ", name, place(rng))
	}
	if steps > maxSteps {
		fmt.Fprintf(&text, "%d more -> ", steps-maxSteps)
	}
	first, _ := step(0)
	return text.String() + first
}

// place names where a range begins, for a text.
func place(r hcl.Range) string {
	return fmt.Sprintf("%s:%d,%d", r.Filename, r.Start.Line, r.Start.Column)
}
