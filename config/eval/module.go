package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
)

// maxModules bounds the instances of modules. Modules that call others twice
// each come to more than any machine can hold within a few levels.
const maxModules = 10_000

// call is the use of a module in a scope.
type call struct {
	module *config.Module
	scope  *scope // of the block
	stage  stage
	diags  hcl.Diagnostics

	unclear bool // how many instances there are, because of an error
	// instances are the scopes of the instances, by key, in order. There are
	// none where that is unclear, or where when is false.
	keys      []addr.Key
	instances map[addr.Key]*scope
}

// expand makes the scopes of the instances.
func (c *call) expand() {
	switch c.stage {
	case begun:
		c.diags = append(c.diags, errorf(c.module.Range, "Cycle", "How many instances module.%s has depends on the module itself.", c.module.Name))
		c.stage, c.unclear = done, true
		return
	case done:
		return
	}
	c.stage = begun
	keys, eaches, diags := c.elements()
	c.unclear = c.unclear || diags.HasErrors()
	c.diags = append(c.diags, diags...)
	c.diags = append(c.diags, c.checkArguments()...)
	c.stage = done
	c.instances = make(map[addr.Key]*scope, len(keys))
	for i, key := range keys {
		g := c.scope.graph
		if len(g.scopes) > maxModules {
			c.diags = append(c.diags, errorf(c.module.Range, "Too many modules", "There are more than %d instances of modules, counting those within others.", maxModules))
			return
		}
		s := c.scope.child(c, key, eaches[i])
		tags, tagDiags := c.tags(eaches[i])
		s.tags = slices.Concat(c.scope.tags, tags)
		c.diags = append(c.diags, tagDiags...)
		c.keys, c.instances[key] = append(c.keys, key), s
		g.scopes = append(g.scopes, s)
	}
}

// elements evaluates for_each and when.
func (c *call) elements() (keys []addr.Key, eaches []map[string]cty.Value, diags hcl.Diagnostics) {
	if c.module.ForEach == nil {
		part, diags := c.scope.takesPart(c.module.When, nil)
		if !part {
			return nil, nil, diags
		}
		return []addr.Key{{}}, []map[string]cty.Value{nil}, diags
	}
	elements, diags := c.scope.forEach(c.module.ForEach)
	for _, key := range slices.Sorted(maps.Keys(elements)) {
		each := map[string]cty.Value{"key": cty.StringVal(key), "value": elements[key]}
		part, whenDiags := c.scope.takesPart(c.module.When, each)
		diags = append(diags, whenDiags...)
		if part {
			keys, eaches = append(keys, addr.InstanceKey(key)), append(eaches, each)
		}
	}
	return keys, eaches, diags
}

// checkArguments compares the arguments with the variables of the module.
func (c *call) checkArguments() hcl.Diagnostics {
	var diags hcl.Diagnostics
	declared := c.module.Config.Variables
	for _, name := range slices.Sorted(maps.Keys(c.module.Args)) {
		if _, ok := declared[name]; !ok {
			d := undeclared(c.module.Args[name].NameRange, "Unsupported argument", "The module has no variable %q.%s", name, lang.Suggest(name, slices.Collect(maps.Keys(declared))))
			diags = append(diags, d)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		if _, ok := c.module.Args[name]; !ok && declared[name].Default == cty.NilVal {
			diags = append(diags, errorf(c.module.Range, "Missing required argument", "The argument %q is required: it is a variable of the module that has no default.", name))
		}
	}
	return diags
}

// child makes the scope of an instance.
func (s *scope) child(c *call, key addr.Key, each map[string]cty.Value) *scope {
	child := &scope{
		graph:  s.graph,
		module: s.module.Child(addr.Step{Name: c.module.Name, Key: key}),
		config: c.module.Config,
		caller: c,
	}
	child.base = s.graph.baseContext(child.config)
	child.variables = make(map[string]*binding, len(child.config.Variables))
	for name, v := range child.config.Variables {
		child.variables[name] = c.argument(child, v, each)
	}
	child.bind()
	return child
}

// argument is the variable of a module, as its block sets it.
func (c *call) argument(child *scope, v *config.Variable, each map[string]cty.Value) *binding {
	name := child.prefix() + "var." + v.Name
	attr, ok := c.module.Args[v.Name]
	if !ok {
		value := v.Default
		if value == cty.NilVal {
			value = cty.UnknownVal(v.Type)
		}
		if v.Sensitive {
			value = value.Mark(lang.Sensitive)
		}
		b := child.given(name, v.Range, value)
		b.rules = rulesOf(child, v)
		return b
	}
	return &binding{
		name: name, rng: attr.Expr.Range(), expr: attr.Expr, scope: c.scope, each: each, rules: rulesOf(child, v),
		finish: func(value cty.Value) (cty.Value, hcl.Diagnostics) { return convertArgument(value, v, attr) },
	}
}

func convertArgument(value cty.Value, v *config.Variable, attr *hcl.Attribute) (cty.Value, hcl.Diagnostics) {
	converted, err := v.Convert(value)
	if err != nil {
		return cty.UnknownVal(v.Type), hcl.Diagnostics{errorf(attr.Expr.Range(), "Invalid value for variable", "The value doesn't fit the variable %s of the module: %s.", v.Name, describe(err))}
	}
	if v.Sensitive {
		converted = converted.Mark(lang.Sensitive)
	}
	return converted, nil
}

// lookup puts what a reference names of a module into a tree. The rest is what
// follows the name of the module.
func (c *call) lookup(at *tree, rest hcl.Traversal, rng hcl.Range) hcl.Diagnostics {
	c.expand()
	switch {
	case c.unclear:
		at.value = cty.DynamicVal
		return nil
	case c.module.ForEach == nil && len(c.keys) == 0:
		at.value = cty.NullVal(cty.DynamicPseudoType) // left out by when
		return nil
	case c.module.ForEach == nil:
		return c.instances[addr.Key{}].lookupOutput(at, rest, rng)
	}
	key, step := keyOf(rest)
	if !step {
		for _, k := range c.keys {
			c.instances[k].lookupOutputs(at.child(k.Text()))
		}
		return nil
	}
	instance, ok := c.instances[key]
	if !ok {
		return hcl.Diagnostics{c.noInstance(key, rng)}
	}
	return instance.lookupOutput(at.child(key.Text()), rest[1:], rng)
}

// keyOf returns the key of an instance that a reference goes on with.
func keyOf(rest hcl.Traversal) (addr.Key, bool) {
	if len(rest) == 0 {
		return addr.Key{}, false
	}
	switch step := rest[0].(type) {
	case hcl.TraverseAttr:
		return addr.InstanceKey(step.Name), true
	case hcl.TraverseIndex:
		if key, err := convert.Convert(step.Key, cty.String); err == nil && key.IsKnown() && !key.IsNull() {
			return addr.InstanceKey(key.AsString()), true
		}
	}
	return addr.Key{}, false
}

func (c *call) noInstance(key addr.Key, rng hcl.Range) *hcl.Diagnostic {
	keys := make([]string, len(c.keys))
	for i, k := range c.keys {
		keys[i] = k.Text()
	}
	if _, isOutput := c.module.Config.Outputs[key.Text()]; isOutput {
		return errorf(rng, "Missing key of an instance", "module.%s has for_each. Choose one of its instances, as in module.%s[\"key\"].%s, or go through all of them with a for expression.", c.module.Name, c.module.Name, key.Text())
	}
	return errorf(rng, "Invalid index", "module.%s has no instance with the key %q.%s", c.module.Name, key.Text(), keyHint(key.Text(), keys))
}

// lookupOutput puts one output of an instance into a tree, or all where the
// reference names none.
func (s *scope) lookupOutput(at *tree, rest hcl.Traversal, rng hcl.Range) hcl.Diagnostics {
	if len(rest) == 0 {
		s.lookupOutputs(at)
		return nil
	}
	step, ok := rest[0].(hcl.TraverseAttr)
	if !ok {
		return hcl.Diagnostics{errorf(rng, "Invalid index", "%s has no for_each, so it has no instances to choose from.", s.module)}
	}
	output, ok := s.outputs[step.Name]
	if !ok {
		return hcl.Diagnostics{undeclared(step.SrcRange, "Unsupported attribute", "%s has no output %q.%s", s.module, step.Name, lang.Suggest(step.Name, slices.Collect(maps.Keys(s.outputs))))}
	}
	at.child(step.Name).binding = output
	return nil
}

func (s *scope) lookupOutputs(at *tree) {
	if at.children == nil {
		at.children = make(map[string]*tree)
	}
	for name, output := range s.outputs {
		at.child(name).binding = output
	}
}

// expandModules makes the scopes of all modules, however deep.
func (g *Graph) expandModules() hcl.Diagnostics {
	var diags hcl.Diagnostics
	for i := 0; i < len(g.scopes); i++ { // expanding appends to them
		s := g.scopes[i]
		for _, name := range slices.Sorted(maps.Keys(s.calls)) {
			s.calls[name].expand()
			diags = append(diags, s.calls[name].diags...)
		}
	}
	return diags
}

// descend returns the scopes that a path leads to as seen from s, those of all
// instances where a key is left out.
func (s *scope) descend(path addr.Module, rng hcl.Range) ([]*scope, *hcl.Diagnostic) {
	scopes := []*scope{s}
	for _, step := range path.Steps() {
		var next []*scope
		for _, from := range scopes {
			c, ok := from.calls[step.Name]
			if !ok {
				return nil, undeclared(rng, "Reference to undeclared module", "There is no module.%s.%s", step.Name, lang.Suggest(step.Name, slices.Collect(maps.Keys(from.calls))))
			}
			if instance, ok := c.instances[step.Key]; ok {
				next = append(next, instance)
				continue
			}
			if step.Key.IsSet() && !c.unclear {
				return nil, c.noInstance(step.Key, rng)
			}
			for _, key := range c.keys {
				next = append(next, c.instances[key])
			}
		}
		scopes = next
	}
	return scopes, nil
}
