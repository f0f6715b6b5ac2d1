package eval

import (
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

const sensitiveMark = lang.Sensitive

// scope is what expressions can name.
type scope struct {
	config *config.Config
	base   *hcl.EvalContext // functions, var, path and the locals below
	static map[string]cty.Value
	// dynamic are the locals that refer to blocks, with what they refer to;
	// they are evaluated anew with the values of each driver.
	dynamic map[string]refs
	blocks  *Graph
}

// refs are the blocks and dynamic locals that a node's expressions name.
type refs struct {
	addrs  []addr.Addr // of blocks, or of instances where a key is given
	locals []string
}

func (r refs) isStatic() bool { return len(r.addrs) == 0 && len(r.locals) == 0 }

// add merges other into r.
func (r *refs) add(other refs) {
	for _, a := range other.addrs {
		if !slices.Contains(r.addrs, a) {
			r.addrs = append(r.addrs, a)
		}
	}
	for _, l := range other.locals {
		if !slices.Contains(r.locals, l) {
			r.locals = append(r.locals, l)
		}
	}
}

// newScope evaluates variables and all locals that need no block.
func newScope(cfg *config.Config, given map[string]Given) (*scope, hcl.Diagnostics) {
	vars, diags := variableValues(cfg, given)
	s := &scope{
		config:  cfg,
		static:  make(map[string]cty.Value),
		dynamic: make(map[string]refs),
	}
	s.base = &hcl.EvalContext{
		Functions: lang.Functions(cfg.Dir),
		Variables: map[string]cty.Value{
			"var":  cty.ObjectVal(vars),
			"path": cty.ObjectVal(map[string]cty.Value{"config": cty.StringVal(cfg.Dir), "module": cty.StringVal(cfg.Dir)}),
		},
	}
	return s, append(diags, s.evaluateLocals()...)
}

// Given is a value for a variable from outside the configuration.
type Given struct {
	Text   string // in the language, or a plain string for a variable of type string
	Origin string // where it was given, for errors: "-var", an environment variable
	// Optional says that it is no mistake to give it to a configuration that
	// has no such variable.
	Optional bool
}

func variableValues(cfg *config.Config, given map[string]Given) (map[string]cty.Value, hcl.Diagnostics) {
	values := make(map[string]cty.Value, len(cfg.Variables))
	var diags hcl.Diagnostics
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if _, declared := cfg.Variables[name]; !declared && !given[name].Optional {
			diags = append(diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "Undeclared variable",
				Detail: given[name].Origin + " sets the variable " + name + ", which the configuration doesn't declare." + lang.Suggest(name, slices.Collect(maps.Keys(cfg.Variables)))})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(cfg.Variables)) {
		v, diag := variableValue(cfg.Variables[name], given)
		if diag != nil {
			diags = append(diags, diag)
		}
		values[name] = v
	}
	return values, diags
}

func variableValue(v *config.Variable, given map[string]Given) (cty.Value, *hcl.Diagnostic) {
	value := v.Default
	if g, ok := given[v.Name]; ok {
		parsed, err := parseGiven(g.Text, v.Type)
		if err != nil {
			return cty.UnknownVal(v.Type), errorf(v.Range, "Invalid value for variable", "%s gives the variable %s a value that doesn't fit its type: %s.", g.Origin, v.Name, err)
		}
		value = parsed
	}
	if value == cty.NilVal {
		return cty.UnknownVal(v.Type), errorf(v.Range, "No value for required variable", "The variable %s has no default. Give it a value with -var %s=... or DRIFTLESS_VAR_%s.", v.Name, v.Name, v.Name)
	}
	if v.Sensitive {
		value = value.Mark(lang.Sensitive)
	}
	return value, nil
}

// evaluateLocals settles the static locals in rounds: each round evaluates
// those whose references are settled, until no more can be.
func (s *scope) evaluateLocals() hcl.Diagnostics {
	var diags hcl.Diagnostics
	waiting := slices.Sorted(maps.Keys(s.config.Locals))
	for len(waiting) > 0 {
		var still []string
		for _, name := range waiting {
			ready, localDiags := s.settleLocal(name)
			diags = append(diags, localDiags...)
			if !ready {
				still = append(still, name)
			}
		}
		if len(still) == len(waiting) {
			return append(diags, s.localCycle(still)...)
		}
		waiting = still
		s.base.Variables["local"] = cty.ObjectVal(s.static)
	}
	if _, ok := s.base.Variables["local"]; !ok {
		s.base.Variables["local"] = cty.EmptyObjectVal
	}
	return diags
}

// settleLocal evaluates a local, or notes it as dynamic. It reports false
// while the local refers to one that isn't settled.
func (s *scope) settleLocal(name string) (bool, hcl.Diagnostics) {
	local := s.config.Locals[name]
	var found refs
	for _, t := range local.Expr.Variables() {
		if a, _, ok := addr.FromTraversal(t); ok {
			found.addrs = append(found.addrs, a)
			continue
		}
		other, ok := localName(t)
		if _, declared := s.config.Locals[other]; !ok || !declared {
			continue
		}
		if inner, isDynamic := s.dynamic[other]; isDynamic {
			found.add(inner)
			found.locals = append(found.locals, other)
		} else if _, settled := s.static[other]; !settled {
			return false, nil
		}
	}
	if !found.isStatic() {
		s.dynamic[name] = found
		return true, nil
	}
	v, diags := local.Expr.Value(s.base)
	if diags.HasErrors() {
		v = cty.DynamicVal
	}
	s.static[name] = v
	s.base.Variables["local"] = cty.ObjectVal(s.static)
	return true, diags
}

func (s *scope) localCycle(names []string) hcl.Diagnostics {
	local := s.config.Locals[names[0]]
	return hcl.Diagnostics{errorf(local.Expr.Range(), "Cycle", "These locals refer to each other, so that none can be evaluated: local.%s.", strings.Join(names, ", local."))}
}

func localName(t hcl.Traversal) (string, bool) {
	if t.RootName() != "local" || len(t) < 2 {
		return "", false
	}
	step, ok := t[1].(hcl.TraverseAttr)
	return step.Name, ok
}

// resolve sorts out what traversals refer to, and reports blocks and
// attributes that there aren't.
func (s *scope) resolve(g *Graph, traversals []hcl.Traversal, each map[string]cty.Value) (refs, hcl.Diagnostics) {
	var found refs
	var diags hcl.Diagnostics
	for _, t := range traversals {
		if a, rest, ok := addr.FromTraversal(t); ok {
			if diag := g.checkReference(a, rest, t.SourceRange()); diag != nil {
				diags = append(diags, diag)
				continue
			}
			found.add(refs{addrs: []addr.Addr{a}})
			continue
		}
		if name, ok := localName(t); ok {
			if inner, isDynamic := s.dynamic[name]; isDynamic {
				found.add(inner)
				found.add(refs{locals: []string{name}})
			}
		}
		if t.RootName() == "each" && each == nil {
			diags = append(diags, errorf(t.SourceRange(), "Reference to each without for_each", "each.key and each.value are known only in a block that has for_each."))
		}
	}
	return found, diags
}

// context makes the scope of one evaluation, with no more blocks in it than
// are referred to.
func (s *scope) context(each map[string]cty.Value, r refs, values Values) (*hcl.EvalContext, hcl.Diagnostics) {
	if each == nil && r.isStatic() {
		return s.base, nil
	}
	ctx := s.base.NewChild()
	ctx.Variables = make(map[string]cty.Value)
	if each != nil {
		ctx.Variables["each"] = cty.ObjectVal(each)
	}
	s.blocks.addBlocks(ctx.Variables, r.addrs, values)
	if len(r.locals) == 0 {
		return ctx, nil
	}
	return ctx, s.addLocals(ctx, r, values)
}

// addLocals evaluates the dynamic locals, which r lists in an order in which
// each comes after those it refers to.
func (s *scope) addLocals(ctx *hcl.EvalContext, r refs, values Values) hcl.Diagnostics {
	locals := maps.Clone(s.static)
	var diags hcl.Diagnostics
	for _, name := range r.locals {
		ctx.Variables["local"] = cty.ObjectVal(locals)
		v, localDiags := s.config.Locals[name].Expr.Value(ctx)
		if localDiags.HasErrors() {
			v = cty.DynamicVal
		}
		diags = append(diags, localDiags...)
		locals[name] = v
	}
	ctx.Variables["local"] = cty.ObjectVal(locals)
	return diags
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
	if g.Config.Blocks[block].ForEach == nil {
		return g.instanceValue(block, values)
	}
	objects := make(map[string]cty.Value)
	for _, a := range g.instances[block] {
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
	v, diags := expr.Value(ctx)
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
