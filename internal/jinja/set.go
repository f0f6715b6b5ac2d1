package jinja

import "strings"

// set is what elements there are. Those that can't be hashed, such as dicts,
// are compared one by one.
type set struct {
	run    *run
	hashed map[any]bool
	others []any
}

func newSet(r *run) *set { return &set{run: r, hashed: map[any]bool{}} }

func (s *set) has(v any) (bool, error) {
	if h, err := hashed(v); err == nil {
		return s.hashed[h], s.run.step(1)
	}
	if err := defined(v); err != nil {
		return false, err
	}
	i, err := s.run.find(s.others, v)
	return i >= 0, err
}

// add reports whether v was not there.
func (s *set) add(v any) (bool, error) {
	there, err := s.has(v)
	if there || err != nil {
		return false, err
	}
	if h, err := hashed(v); err == nil {
		s.hashed[h] = true
	} else {
		s.others = append(s.others, v)
	}
	return true, nil
}

func (r *run) setOf(items []any) (*set, error) {
	s := newSet(r)
	for _, item := range items {
		if _, err := s.add(item); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// setFilters keep the order of the elements.
func setFilters() map[string]builtin {
	other := need("b")
	return map[string]builtin{
		"union":                ofTwo(func(r *run, a, b []any) ([]any, error) { return append(a, b...), nil }, other),
		"intersect":            ofTwo(func(r *run, a, b []any) ([]any, error) { return r.withIn(a, b, true) }, other),
		"difference":           ofTwo(func(r *run, a, b []any) ([]any, error) { return r.withIn(a, b, false) }, other),
		"symmetric_difference": ofTwo(symmetricDifference, other),
	}
}

// ofTwo makes a filter of two lists. The result has each element once.
func ofTwo(f func(r *run, a, b []any) ([]any, error), other param) builtin {
	return ofList(func(r *run, items []any, a args) (any, error) {
		b, err := r.asList(a.values[0])
		if err != nil {
			return nil, err
		}
		if items, err = f(r, items, b); err != nil {
			return nil, err
		}
		return r.once(items)
	}, other)
}

func (r *run) once(items []any) (any, error) {
	s := newSet(r)
	out := newList()
	for _, item := range items {
		isNew, err := s.add(item)
		if err != nil {
			return nil, err
		}
		if isNew {
			out.items = append(out.items, item)
		}
	}
	return out, r.takeList(len(out.items))
}

// withIn returns the elements of a that are in b, or that are not.
func (r *run) withIn(a, b []any, want bool) ([]any, error) {
	s, err := r.setOf(b)
	if err != nil {
		return nil, err
	}
	var out []any
	for _, item := range a {
		there, err := s.has(item)
		if err != nil {
			return nil, err
		}
		if there == want {
			out = append(out, item)
		}
	}
	return out, nil
}

func symmetricDifference(r *run, a, b []any) ([]any, error) {
	left, err := r.withIn(a, b, false)
	if err != nil {
		return nil, err
	}
	right, err := r.withIn(b, a, false)
	return append(left, right...), err
}

// severalKeys returns what sort compares where its attribute is several names
// with commas between them.
func (r *run) severalKeys(names string, single func(any) (any, error), a args) func(any) (any, error) {
	if !strings.Contains(names, ",") {
		return single
	}
	return func(item any) (any, error) {
		exact, err := a.bool(1)
		if err != nil {
			return nil, err
		}
		keys := newTuple()
		for name := range strings.SplitSeq(names, ",") {
			v, err := r.path(item, name)
			if err != nil {
				return nil, err
			}
			if err := defined(v); err != nil {
				return nil, err
			}
			keys.items = append(keys.items, folded(v, exact))
		}
		return keys, nil
	}
}
