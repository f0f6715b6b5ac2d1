package eval

import (
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// scope is what expressions can name.
type scope struct {
	config  *config.Config
	facts   Facts                // nil where there are none
	base    *hcl.EvalContext     // functions, var, path, fact and the settled locals
	settled map[string]cty.Value // locals that need no block
	// dynamic are the locals that refer to blocks; they are evaluated anew with
	// the values of each driver. The number is their place in an order in which
	// each comes after those it refers to.
	dynamic map[string]int
	blocks  *Graph
}

// refs are what a node's expressions name, directly or through locals.
type refs struct {
	addrs   []addr.Addr // of blocks, or of instances where a key is given
	locals  []string    // dynamic ones, each after those it refers to
	settled []string    // locals that have their value already
}

func (r refs) isStatic() bool { return len(r.addrs) == 0 && len(r.locals) == 0 }

// gather follows traversals, and those of the dynamic locals they name, to
// all that they refer to.
func (s *scope) gather(waiting []hcl.Traversal) refs {
	var found refs
	addrs, locals := make(map[addr.Addr]bool), make(map[string]bool)
	for len(waiting) > 0 {
		t := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if a, _, ok := addr.FromTraversal(t); ok {
			if !addrs[a] {
				addrs[a] = true
				found.addrs = append(found.addrs, a)
			}
			continue
		}
		name, ok := localName(t)
		if !ok || locals[name] {
			continue
		}
		locals[name] = true
		if _, dynamic := s.dynamic[name]; !dynamic {
			found.settled = append(found.settled, name)
			continue
		}
		found.locals = append(found.locals, name)
		waiting = append(slices.Clip(waiting), s.config.Locals[name].Expr.Variables()...)
	}
	slices.SortFunc(found.locals, func(a, b string) int { return s.dynamic[a] - s.dynamic[b] })
	return found
}

// newScope evaluates variables and all locals that need no block.
func newScope(cfg *config.Config, in Inputs) (*scope, hcl.Diagnostics) {
	s := &scope{
		config:  cfg,
		facts:   in.Facts,
		settled: make(map[string]cty.Value),
		dynamic: make(map[string]int),
	}
	vars, diags := s.variableValues(in.Variables)
	s.base = &hcl.EvalContext{
		Functions: lang.Functions(cfg.Dir, in.Secrets),
		Variables: map[string]cty.Value{
			"var":  cty.ObjectVal(vars),
			"path": pathObject(cfg),
		},
	}
	if s.facts != nil {
		facts, factDiags := s.factObject(cfg)
		s.base.Variables["fact"] = facts
		diags = append(diags, factDiags...)
	}
	diags = append(diags, s.evaluateLocals()...)
	return s, append(diags, s.checkRules()...)
}

// context makes the scope of one evaluation, with no more blocks in it than
// are referred to.
func (s *scope) context(each map[string]cty.Value, r refs, values Values) (*hcl.EvalContext, hcl.Diagnostics) {
	ctx := lang.WithAccount(s.base)
	if each == nil && r.isStatic() {
		return ctx, nil
	}
	ctx.Variables = make(map[string]cty.Value)
	if each != nil {
		ctx.Variables["each"] = cty.ObjectVal(each)
	}
	s.blocks.addBlocks(ctx.Variables, r.addrs, values)
	if len(r.locals) == 0 {
		return ctx, nil
	}
	return ctx, s.addLocals(ctx, r)
}

// addBlocks puts the objects source, task, ... into the variables.
func (g *Graph) addBlocks(variables map[string]cty.Value, addrs []addr.Addr, values Values) {
	kinds := make(map[addr.Kind]map[string]map[string]cty.Value)
	for _, a := range addrs {
		block := a.Block()
		types := kinds[block.Kind]
		if types == nil {
			types = make(map[string]map[string]cty.Value)
			kinds[block.Kind] = types
		}
		if types[block.Type] == nil {
			types[block.Type] = make(map[string]cty.Value)
		}
		types[block.Type][block.Name] = g.blockValue(block, values)
	}
	for kind, types := range kinds {
		if !kind.HasType() {
			variables[string(kind)] = cty.ObjectVal(types[""])
			continue
		}
		objects := make(map[string]cty.Value, len(types))
		for name, blocks := range types {
			objects[name] = cty.ObjectVal(blocks)
		}
		variables[string(kind)] = cty.ObjectVal(objects)
	}
}

// blockValue is the object of a block, or one object per instance.
func (g *Graph) blockValue(block addr.Addr, values Values) cty.Value {
	instances, known := g.instances[block]
	if !known || g.damaged[block] == unresolved {
		return cty.DynamicVal
	}
	if g.Config.Blocks[block].ForEach == nil {
		return g.instanceValue(block, values)
	}
	objects := make(map[string]cty.Value, len(instances))
	for _, a := range instances {
		objects[a.Key.Text()] = g.instanceValue(a, values)
	}
	return cty.ObjectVal(objects)
}

func (g *Graph) instanceValue(a addr.Addr, values Values) cty.Value {
	if _, ok := g.nodes[a]; !ok {
		return cty.NullVal(cty.DynamicPseudoType) // left out by when
	}
	if v, ok := values.Value(a); ok {
		return v
	}
	return cty.DynamicVal
}

// condition evaluates a bool.
func condition(expr hcl.Expression, ctx *hcl.EvalContext) (cty.Value, hcl.Diagnostics) {
	v, diags := lang.Evaluate(expr, ctx)
	if diags.HasErrors() {
		return cty.UnknownVal(cty.Bool), diags
	}
	v, _ = v.UnmarkDeep()
	v, err := convert.Convert(v, cty.Bool)
	if err != nil || v.IsNull() {
		return cty.UnknownVal(cty.Bool), hcl.Diagnostics{errorf(expr.Range(), "Invalid condition", "A bool is required, true or false.")}
	}
	return v, nil
}
