package eval

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/addr"
)

// refs are what expressions name.
type refs struct {
	blocks []addr.Addr      // that they name themselves: blocks, or instances where a key is given
	roots  map[string]*tree // var, local and module, with what they name below
	all    []addr.Addr      // blocks that are named directly or through bindings
}

// tree is an object that holds no more than is named, or at its leaves a
// binding.
type tree struct {
	binding  *binding
	children map[string]*tree
	value    cty.Value // of a leaf that is no binding
	fixed    cty.Value // the object as a whole, where it is the same for every driver
}

func (t *tree) child(name string) *tree {
	if t.children == nil {
		t.children = make(map[string]*tree)
	}
	if t.children[name] == nil {
		t.children[name] = &tree{}
	}
	return t.children[name]
}

// object returns the value of a tree.
func (t *tree) object(value func(*binding) cty.Value) cty.Value {
	switch {
	case t.fixed != cty.NilVal:
		return t.fixed
	case t.value != cty.NilVal:
		return t.value
	case t.binding != nil:
		return value(t.binding)
	}
	children := make(map[string]cty.Value, len(t.children))
	for name, child := range t.children {
		children[name] = child.object(value)
	}
	return cty.ObjectVal(children)
}

func (t *tree) walk(visit func(*binding)) {
	if t.binding != nil {
		visit(t.binding)
	}
	for _, child := range t.children {
		child.walk(visit)
	}
}

// bindings returns the bindings that the expressions name themselves.
func (r refs) bindings() []*binding {
	var out []*binding
	for _, root := range r.roots {
		root.walk(func(b *binding) { out = append(out, b) })
	}
	slices.SortFunc(out, func(a, b *binding) int { return cmp.Compare(a.name, b.name) })
	return out
}

// isStatic reports whether no block is named, directly or not.
func (r refs) isStatic() bool {
	return len(r.blocks) == 0 && !slices.ContainsFunc(r.bindings(), (*binding).isDynamic)
}

// absences returns what is said of the secrets that could not be had to settle
// what is named, directly or not. It is an error where that must be known when
// the configuration is loaded.
func (r refs) absences() hcl.Diagnostics {
	var diags hcl.Diagnostics
	seen := make(map[*binding]bool)
	for stack := r.bindings(); len(stack) > 0; {
		b := stack[len(stack)-1]
		stack = stack[:len(stack)-1]
		if !seen[b] && b.isDynamic() {
			seen[b] = true
			diags = append(diags, b.absent...)
			stack = append(stack, b.refs.bindings()...)
		}
	}
	return diags
}

// finish completes refs of a scope all of whose bindings are settled.
func (s *scope) finish(r *refs) {
	r.all = slices.Clone(r.blocks)
	for name, root := range r.roots {
		dynamic := false
		root.walk(func(b *binding) {
			dynamic = dynamic || b.isDynamic()
			r.all = append(r.all, b.refs.all...)
		})
		if !dynamic {
			r.roots[name] = s.fixed(name, root)
		}
	}
	slices.SortFunc(r.all, addr.Compare)
	r.all = slices.Compact(r.all)
}

// fixed returns an object that is the same for every driver in place of a
// tree. Most blocks of a scope name the same few variables and locals, and
// share the object.
func (s *scope) fixed(name string, root *tree) *tree {
	key := name + " " + strings.Join(slices.Sorted(maps.Keys(root.children)), " ")
	known, ok := s.objects[key]
	if ok && name != "module" { // of which the children don't tell all
		return known
	}
	t := &tree{fixed: root.object(func(b *binding) cty.Value { return b.value })}
	s.objects[key] = t
	return t
}

// lookup finds what traversals name, and reports names that mean nothing.
// Blocks are not looked for yet.
func (s *scope) lookup(traversals []hcl.Traversal, hasEach bool) (refs, hcl.Diagnostics) {
	var r refs
	var diags hcl.Diagnostics
	for _, t := range traversals {
		if a, _, ok := addr.FromTraversal(t); ok {
			r.blocks = append(r.blocks, a.In(s.module))
			continue
		}
		if diag := s.checkName(t, hasEach); diag != nil {
			diags = append(diags, diag)
			continue
		}
		diags = append(diags, s.lookupName(&r, t)...)
	}
	slices.SortFunc(r.blocks, addr.Compare)
	r.blocks = slices.Compact(r.blocks)
	return r, diags
}

// lookupName puts a variable, a local or what is named of a module into refs.
func (s *scope) lookupName(r *refs, t hcl.Traversal) hcl.Diagnostics {
	root := t.RootName()
	if root != "var" && root != "local" && root != "module" {
		return nil
	}
	if r.roots == nil {
		r.roots = make(map[string]*tree)
	}
	if r.roots[root] == nil {
		r.roots[root] = &tree{}
	}
	name := t[1].(hcl.TraverseAttr).Name // checkName has made sure
	at := r.roots[root].child(name)
	switch root {
	case "var":
		at.binding = s.variables[name]
	case "local":
		at.binding = s.locals[name]
	case "module":
		return s.calls[name].lookup(at, t[2:], t.SourceRange())
	}
	return nil
}

// settled is lookup for what has to be known now: it settles the bindings.
func (s *scope) settled(traversals []hcl.Traversal, hasEach bool) (refs, hcl.Diagnostics) {
	r, diags := s.lookup(traversals, hasEach)
	for _, b := range r.bindings() {
		settle(b)
	}
	s.finish(&r)
	return r, diags
}

// isStatic reports whether traversals name no block, directly or not.
func (s *scope) isStatic(traversals []hcl.Traversal) bool {
	r, _ := s.settled(traversals, true)
	return r.isStatic()
}

// resolve is settled for what blocks may be named in: it reports those that
// there aren't.
func (s *scope) resolve(traversals []hcl.Traversal, hasEach bool) (refs, hcl.Diagnostics) {
	r, diags := s.settled(traversals, hasEach)
	for _, t := range traversals {
		if a, rest, ok := addr.FromTraversal(t); ok {
			if diag := s.checkReference(a, rest, t.SourceRange()); diag != nil {
				diags = append(diags, diag)
			}
		}
	}
	if diags.HasErrors() {
		return refs{}, diags
	}
	return r, diags
}
