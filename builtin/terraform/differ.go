package terraform

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// class says where a difference comes from.
type class string

const (
	drift   class = "drift"   // the real world moved away from the state
	pending class = "pending" // the code moved away from the state
	both    class = "both"
	effect  class = "" // follows from another one: known after apply
)

// attribute is one leaf of a resource that differs.
type attribute struct {
	path          string // "tags.Name", "rules[0].port"
	class         class
	before, after string // safe to show
}

// sides are the three values that a leaf of a resource can have: in the state,
// in the real world and as the code wants it.
type sides struct {
	state, real, want any
	unknown           any    // which parts of want only an apply can tell
	marks             [3]any // which parts of each are sensitive
}

// differ finds the leaves on which the sides differ.
type differ struct {
	taint taint
	notation
	found []attribute
	noise bool // something is only written in another way
}

func (d *differ) walk(path string, s sides) {
	if sensitive := s.marks[0] == true || s.marks[1] == true || s.marks[2] == true; sensitive || s.unknown == true {
		d.leaf(path, s, sensitive)
		return
	}
	if names, ok := s.names(); ok {
		for _, name := range names {
			d.walk(joinName(path, name), s.member(name))
		}
		return
	}
	if n, ok := s.length(); ok && !d.isUnordered(path) {
		for i := range n {
			d.walk(fmt.Sprintf("%s[%d]", path, i), s.element(i))
		}
		return
	}
	d.leaf(path, s, s.anySensitive())
}

func (d *differ) leaf(path string, s sides, sensitive bool) {
	a := attribute{path: d.taint.String(path)}
	from, to := s.real, s.want
	unknown := s.unknown == true
	stays, follows := d.same(path, s.state, s.real), d.same(path, s.real, s.want)
	switch {
	case stays && unknown:
		a.class = effect
	case stays && follows, !stays && !unknown && follows:
		// The second is accepted: the code agrees with the real world.
		d.noise = d.noise || stays && !(reflect.DeepEqual(s.state, s.real) && reflect.DeepEqual(s.real, s.want))
		return
	case stays:
		a.class = pending
	case unknown || d.same(path, s.want, s.state):
		a.class, from, to, unknown = drift, s.state, s.real, false
	default:
		a.class = both
	}
	a.before, a.after = d.taint.show(from), d.taint.show(to)
	if unknown {
		a.after = "(known after apply)"
	}
	if sensitive {
		a.before, a.after = redact.Placeholder, redact.Placeholder
	}
	d.found = append(d.found, a)
}

// names returns the sorted names of the members where all sides are objects.
// What only an apply can tell is missing from the wanted one.
func (s sides) names() ([]string, bool) {
	all := map[string]bool{}
	for _, value := range []any{s.state, s.real, s.want} {
		object, ok := value.(map[string]any)
		if !ok {
			return nil, false
		}
		for name := range object {
			all[name] = true
		}
	}
	return slices.Sorted(maps.Keys(all)), true
}

// length returns the number of elements where all sides are lists of as many.
func (s sides) length() (int, bool) {
	state, ok1 := s.state.([]any)
	real, ok2 := s.real.([]any)
	want, ok3 := s.want.([]any)
	return len(state), ok1 && ok2 && ok3 && len(state) == len(real) && len(real) == len(want)
}

func (s sides) member(name string) sides {
	return s.each(func(v any) any {
		object, _ := v.(map[string]any)
		return object[name]
	})
}

func (s sides) element(i int) sides {
	return s.each(func(v any) any {
		if list, ok := v.([]any); ok && i < len(list) {
			return list[i]
		}
		return nil
	})
}

func (s sides) each(f func(any) any) sides {
	return sides{
		state: f(s.state), real: f(s.real), want: f(s.want), unknown: f(s.unknown),
		marks: [3]any{f(s.marks[0]), f(s.marks[1]), f(s.marks[2])},
	}
}

// anySensitive reports whether a part of a leaf that is not a scalar is marked.
func (s sides) anySensitive() bool {
	return slices.ContainsFunc(s.marks[:], holdsTrue)
}

func holdsTrue(v any) bool {
	switch v := v.(type) {
	case bool:
		return v
	case map[string]any:
		return slices.ContainsFunc(slices.Collect(maps.Values(v)), holdsTrue)
	case []any:
		return slices.ContainsFunc(v, holdsTrue)
	}
	return false
}

// joinName adds a name to a path the way an expression would write it.
func joinName(path, name string) string {
	switch {
	case !hclsyntax.ValidIdentifier(name):
		quoted, err := json.Marshal(name)
		if err != nil {
			return path // can't be: every string can be encoded
		}
		return path + "[" + string(quoted) + "]"
	case path == "":
		return name
	}
	return path + "." + name
}
