package eval

import (
	"maps"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// scope is what the expressions of a module can name.
type scope struct {
	graph  *Graph
	module addr.Module
	config *config.Config
	caller *call            // nil for the configuration itself
	base   *hcl.EvalContext // functions, path and fact
	tags   []string         // that the modules around it give to all its blocks

	variables, locals, outputs map[string]*binding
	calls                      map[string]*call
	objects                    map[string]*tree // of settled variables and locals, by what they hold
}

// rootScope makes the scope of the configuration itself.
func (g *Graph) rootScope(in Inputs) (*scope, hcl.Diagnostics) {
	s := &scope{graph: g, config: g.Config, base: g.baseContext(g.Config)}
	g.learnGiven(in.Variables)
	values, diags := variableValues(g.Config, in.Variables)
	s.variables = make(map[string]*binding, len(values))
	for name, v := range g.Config.Variables {
		b := s.given("var."+name, placeOf(in.Variables[name], v), values[name])
		b.rules = rulesOf(s, v)
		s.variables[name] = b
	}
	s.bind()
	return s, diags
}

// bind makes the bindings of locals and outputs, and the module calls.
func (s *scope) bind() {
	s.objects = make(map[string]*tree)
	s.locals = make(map[string]*binding, len(s.config.Locals))
	for name, local := range s.config.Locals {
		s.locals[name] = &binding{name: s.prefix() + "local." + name, rng: local.Expr.Range(), expr: local.Expr, scope: s}
	}
	s.outputs = make(map[string]*binding, len(s.config.Outputs))
	for name, o := range s.config.Outputs {
		b := &binding{name: s.prefix() + "output." + name, rng: o.Expr.Range(), expr: o.Expr, scope: s}
		if o.Sensitive {
			b.finish = func(v cty.Value) (cty.Value, hcl.Diagnostics) { return v.Mark(lang.Sensitive), nil }
		}
		s.outputs[name] = b
	}
	s.calls = make(map[string]*call, len(s.config.Modules))
	for name, m := range s.config.Modules {
		s.calls[name] = &call{module: m, scope: s}
	}
}

// prefix is what stands before the names of the scope where they are seen from
// outside.
func (s *scope) prefix() string {
	if s.module.IsRoot() {
		return ""
	}
	return s.module.String() + "."
}

// baseContext holds what all expressions of a module know. The modules of one
// directory share it.
func (g *Graph) baseContext(cfg *config.Config) *hcl.EvalContext {
	if known, ok := g.bases[cfg]; ok {
		return known
	}
	ctx := &hcl.EvalContext{
		Functions: lang.Functions(cfg.Dir, g.inputs.Secrets),
		Variables: map[string]cty.Value{"path": pathObject(g.Config, cfg)},
	}
	ctx.Functions["sensitive"] = g.learning(ctx.Functions["sensitive"])
	maps.Copy(ctx.Functions, g.inputs.Functions)
	if g.inputs.Facts != nil {
		ctx.Variables["fact"] = g.facts
	}
	g.bases[cfg] = ctx
	return ctx
}

// context makes the scope of one evaluation, with no more in it than is
// referred to.
func (s *scope) context(each map[string]cty.Value, r refs, values Values) (*hcl.EvalContext, hcl.Diagnostics) {
	e := &evaluation{values: values}
	return e.context(s, each, r), e.diags
}

// takesPart judges a when that needs no block. A mistake in it leaves in what
// it is about, as others may refer to it.
func (s *scope) takesPart(when hcl.Expression, each map[string]cty.Value) (bool, hcl.Diagnostics) {
	if when == nil {
		return true, nil
	}
	lang.Bound(when)
	r, diags := s.settled(when.Variables(), each != nil)
	if diags = append(diags, r.absences()...); diags.HasErrors() {
		return true, diags
	}
	if !r.isStatic() || isImpure(when) {
		diags = append(diags, errorf(when.Range(), "Invalid when", "Only the when of a task may depend on other blocks, or on the time of a run."))
	}
	if diags.HasErrors() {
		return true, diags
	}
	ctx, _ := s.context(each, r, nil)
	v, diags := condition(when, ctx)
	return diags.HasErrors() || !v.IsKnown() || v.True(), diags
}

// addBlocks puts the objects source, task, ... into the variables.
func (s *scope) addBlocks(variables map[string]cty.Value, addrs []addr.Addr, values Values) {
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
		types[block.Type][block.Name] = s.graph.blockValue(block, values)
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
	if g.blocks[block].ForEach == nil {
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
