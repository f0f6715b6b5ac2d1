package addr

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Module is the path of an instance of a module. The zero Module is the
// configuration itself.
type Module struct {
	text string // as it is written, so that modules can be compared
}

// Step is one module call within a path.
type Step struct {
	Name string
	Key  Key
}

func (s Step) String() string { return "module." + s.Name + s.Key.index() }

// IsRoot reports whether m is the configuration itself.
func (m Module) IsRoot() bool { return m.text == "" }

// String returns the path as it is written, as in module.web["a"].module.db.
// It is empty for the configuration itself.
func (m Module) String() string { return m.text }

// Child returns the path of a module that is called in m.
func (m Module) Child(s Step) Module { return m.Join(Module{s.String()}) }

// Join returns the path of other, which is given as seen from m.
func (m Module) Join(other Module) Module {
	switch {
	case m.IsRoot():
		return other
	case other.IsRoot():
		return m
	}
	return Module{m.text + "." + other.text}
}

// Steps returns the calls that lead to the module.
func (m Module) Steps() []Step {
	if m.IsRoot() {
		return nil
	}
	traversal, diags := hclsyntax.ParseTraversalAbs([]byte(m.text), "module", hcl.InitialPos)
	if diags.HasErrors() {
		return nil // no path has such a text
	}
	steps, _ := takeSteps(traversal)
	return steps
}

// Written returns the path without the keys of instances.
func (m Module) Written() Module {
	var written Module
	for _, s := range m.Steps() {
		written = written.Child(Step{Name: s.Name})
	}
	return written
}

// takeSteps takes the module calls from the start of a traversal, and returns
// the attributes and indices that follow.
func takeSteps(t hcl.Traversal) ([]Step, hcl.Traversal) {
	var steps []Step
	for len(t) > 1 && stepName(t[0]) == "module" {
		name, rest, ok := takeName(t[1:])
		if !ok {
			break
		}
		step := Step{Name: name}
		if key, isIndex := firstIndex(rest); isIndex {
			step.Key, rest = InstanceKey(key), rest[1:]
		}
		steps, t = append(steps, step), rest
	}
	return steps, t
}

func stepName(t hcl.Traverser) string {
	switch step := t.(type) {
	case hcl.TraverseRoot:
		return step.Name
	case hcl.TraverseAttr:
		return step.Name
	}
	return ""
}

// Covers reports whether other is a or lies in it: a block covers its
// instances, and a module all that is in it. What a says without the key of an
// instance covers all instances.
func (a Addr) Covers(other Addr) bool {
	steps, others := a.Module.Steps(), other.Module.Steps()
	if len(steps) > len(others) || len(steps) < len(others) && !a.IsModule() {
		return false
	}
	for i, s := range steps {
		if s.Name != others[i].Name || s.Key.set && s.Key != others[i].Key {
			return false
		}
	}
	if a.IsModule() {
		return true
	}
	return a.Kind == other.Kind && a.Type == other.Type && a.Name == other.Name && (!a.Key.set || a.Key == other.Key)
}
