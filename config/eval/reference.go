package eval

import (
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// missing is attached to diagnostics that say that something isn't declared.
type missing struct{}

func undeclared(rng hcl.Range, summary, detail string, args ...any) *hcl.Diagnostic {
	d := errorf(rng, summary, detail, args...)
	d.Extra = missing{}
	return d
}

// targets returns the instances that an address, which is given as seen from
// s, stands for, or reports that there is no such block, instance or module.
func (s *scope) targets(a addr.Addr, rng hcl.Range) ([]addr.Addr, *hcl.Diagnostic) {
	scopes, diag := s.descend(a.Module, rng)
	if diag != nil {
		return nil, diag
	}
	if a.IsModule() {
		return s.graph.within(scopes), nil
	}
	var found []addr.Addr
	a.Module = addr.Module{}
	for _, in := range scopes {
		if diag := in.checkDeclared(a, rng); diag != nil {
			return nil, diag
		}
		found = append(found, s.graph.instancesOf(a.In(in.module))...)
	}
	return found, nil
}

// CheckAddress says what is wrong with an address that comes from outside of
// the configuration, and nothing where it is that of a block, of an instance
// or of a module.
func (g *Graph) CheckAddress(a addr.Addr) (problem string) {
	if _, diag := g.root().targets(a, hcl.Range{}); diag != nil {
		return diag.Detail
	}
	return ""
}

// instancesOf returns the instances that an address stands for and that take
// part.
func (g *Graph) instancesOf(a addr.Addr) []addr.Addr {
	instances := []addr.Addr{a}
	if !a.Key.IsSet() {
		instances = g.instances[a]
	}
	var found []addr.Addr
	for _, i := range instances {
		if _, ok := g.nodes[i]; ok {
			found = append(found, i)
		}
	}
	return found
}

// within returns all instances in modules and in the modules of those.
func (g *Graph) within(scopes []*scope) []addr.Addr {
	var found []addr.Addr
	for _, s := range scopes {
		for a := range s.config.Blocks {
			found = append(found, g.instancesOf(a.In(s.module))...)
		}
		for _, c := range s.calls {
			found = append(found, g.within(slices.Collect(maps.Values(c.instances)))...)
		}
	}
	slices.SortFunc(found, addr.Compare)
	return found
}

// checkDeclared reports an address in s that no block, or no instance, has.
func (s *scope) checkDeclared(a addr.Addr, rng hcl.Range) *hcl.Diagnostic {
	block, ok := s.config.Blocks[a.Block()]
	switch {
	case !ok:
		return undeclared(rng, "Reference to undeclared block", "There is no %s.%s", a.Block(), s.suggestBlock(a))
	case !a.Key.IsSet():
		return nil
	case block.ForEach == nil:
		return errorf(rng, "Invalid index", "%s has no for_each, so it has no instances to choose from.", a.Block())
	}
	instances, known := s.graph.instances[a.Block().In(s.module)]
	if known && !contains(instances, a.In(s.module)) {
		keys := make([]string, len(instances))
		for i, instance := range instances {
			keys[i] = instance.Key.Text()
		}
		return errorf(rng, "Invalid index", "%s has no instance with the key %q.%s", a.Block(), a.Key.Text(), keyHint(a.Key.Text(), keys))
	}
	return nil
}

// maxKeysShown bounds how many keys are listed where none is like the one that
// was written.
const maxKeysShown = 8

// keyHint helps whoever wrote a key that no instance has.
func keyHint(key string, known []string) string {
	hint := lang.Suggest(key, known)
	if hint == "" && len(known) > 0 && len(known) <= maxKeysShown {
		hint = " Known are " + quoteAll(known) + "."
	}
	return hint
}

// contains looks for an instance among those of a block, which are in order.
func contains(instances []addr.Addr, a addr.Addr) bool {
	_, found := slices.BinarySearchFunc(instances, a, addr.Compare)
	return found
}

func (s *scope) suggestBlock(a addr.Addr) string {
	var names []string
	for other := range s.config.Blocks {
		if other.Kind == a.Kind {
			names = append(names, other.String())
		}
	}
	return lang.Suggest(a.Block().String(), names)
}

// checkReference reports a reference to a block, an instance or an attribute
// that there isn't.
func (s *scope) checkReference(a addr.Addr, rest hcl.Traversal, rng hcl.Range) *hcl.Diagnostic {
	if diag := s.checkDeclared(a, rng); diag != nil || len(rest) == 0 {
		return diag
	}
	t, ok := s.graph.types.Type(plugin.TypeRef{Kind: plugin.Kind(a.Kind), Name: a.Type})
	if !ok {
		return nil // reported at the block, or a pipeline, which has no attributes
	}
	hasInstances := s.config.Blocks[a.Block()].ForEach != nil && !a.Key.IsSet()
	switch step := rest[0].(type) {
	case hcl.TraverseIndex:
		if hasInstances {
			return errorf(step.SrcRange, "Invalid index", "The instances of %s are told apart by strings, as in %s[\"key\"].", a, a)
		}
		return errorf(step.SrcRange, "Invalid index", "%s has no for_each, so it has no instances to choose from.", a)
	case hcl.TraverseAttr:
		known := hasAttribute(t.Schema, step.Name)
		isKey := contains(s.graph.instances[a.In(s.module)], a.Instance(step.Name).In(s.module))
		switch {
		case hasInstances && known && !isKey:
			return errorf(rng, "Missing key of an instance", "%s has for_each. Choose one of its instances, as in %s[\"key\"].%s, or go through all of them with a for expression.", a, a, step.Name)
		case !hasInstances && !known:
			return errorf(step.SrcRange, "Unsupported attribute", "%s has no attribute %q.%s", a, step.Name, lang.Suggest(step.Name, attributeNames(t.Schema)))
		}
	}
	return nil
}

func hasAttribute(b *schema.Block, name string) bool {
	if _, ok := b.Attribute(name); ok {
		return true
	}
	_, ok := b.Nested(name)
	return ok
}

func attributeNames(b *schema.Block) []string {
	return slices.Collect(maps.Keys(b.ImpliedType().AttributeTypes()))
}

// checkName reports a name that means nothing. Complete addresses of blocks
// are left to [scope.checkReference].
func (s *scope) checkName(t hcl.Traversal, hasEach bool) *hcl.Diagnostic {
	rng := t.SourceRange()
	if t.RootName() == "fact" && s.graph.inputs.Facts != nil {
		return checkFact(t, s.graph.inputs.Facts)
	}
	switch root := t.RootName(); root {
	case "var":
		return checkMember(t, "variable", s.config.Variables)
	case "local":
		return checkMember(t, "local", s.config.Locals)
	case "module":
		return checkMember(t, "module", s.calls)
	case "path":
		return checkMember(t, "path", s.base.Variables["path"].AsValueMap())
	case "each":
		if !hasEach {
			return errorf(rng, "Reference to each without for_each", "each.key and each.value are known only in a block that has for_each.")
		}
		return checkMember(t, "each", map[string]bool{"key": true, "value": true})
	case "event":
		return errorf(rng, "Reference to event outside of a stage", "event.* is known only in those expressions of a stage that are evaluated for each event.")
	case "self":
		return errorf(rng, "Invalid reference to self", "self.* is known only in those expressions of a task that are about what it has learnt.")
	default:
		if addr.Kind(root).Valid() {
			return errorf(rng, "Incomplete reference", "Write the whole address of a block, as in %s.", addressExample(addr.Kind(root)))
		}
		names := []string{"var", "local", "module", "path", "each", "fact"}
		for _, kind := range addr.Kinds() {
			names = append(names, string(kind))
		}
		return errorf(rng, "Unknown name", "There is nothing named %q. Text is written in quotes; a reference begins with var, local, module, each, path, fact or a kind of block.%s", root, lang.Suggest(root, names))
	}
}

func addressExample(kind addr.Kind) string {
	a := addr.Addr{Kind: kind, Name: "NAME"}
	if kind.HasType() {
		a.Type = "TYPE"
	}
	return a.String()
}

// checkMember judges the second part of a name such as var.region.
func checkMember[V any](t hcl.Traversal, what string, known map[string]V) *hcl.Diagnostic {
	root, rng := t.RootName(), t.SourceRange()
	if len(t) > 1 {
		if step, ok := t[1].(hcl.TraverseAttr); ok {
			if _, ok := known[step.Name]; ok {
				return nil
			}
			return undeclared(rng, "Reference to undeclared "+what, "There is no %s.%s.%s", root, step.Name, lang.Suggest(step.Name, slices.Collect(maps.Keys(known))))
		}
	}
	return errorf(rng, "Incomplete reference", "Write which one is meant, as in %s.NAME.", root)
}
