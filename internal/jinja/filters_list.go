package jinja

import (
	"errors"
	"slices"
)

// listFilters are those that pick, order and join elements.
func listFilters() map[string]builtin {
	attribute := opt("attribute", nil)
	caseSensitive := opt("case_sensitive", false)
	return map[string]builtin{
		"first":   simple(first),
		"last":    simple(last),
		"length":  simple(func(_ *run, v any) (any, error) { n, err := length(v); return int64(n), err }),
		"list":    ofList(func(_ *run, items []any, _ args) (any, error) { return newList(items...), nil }),
		"reverse": {f: reverse},
		"join":    {params: []param{opt("d", ""), attribute}, f: join},
		"sort":    ofList(sortFilter, opt("reverse", false), caseSensitive, attribute),
		"unique":  ofList(unique, caseSensitive, attribute),
		"min":     ofList(extreme(-1), caseSensitive, attribute),
		"max":     ofList(extreme(1), caseSensitive, attribute),
		"sum":     ofList(sum, attribute, opt("start", int64(0))),
		"groupby": ofList(groupBy, need("attribute"), opt("default", nil), caseSensitive),
	}
}

func first(r *run, v any) (any, error) {
	items, err := r.asList(v)
	if err != nil || len(items) > 0 {
		return firstOf(items), err
	}
	return undefined{reason: "the list has no first element"}, nil
}

func firstOf(items []any) any {
	if len(items) == 0 {
		return nil
	}
	return items[0]
}

func last(r *run, v any) (any, error) {
	items, err := r.asList(v)
	if err != nil || len(items) > 0 {
		slices.Reverse(items)
		return firstOf(items), err
	}
	return undefined{reason: "the list has no last element"}, nil
}

func reverse(r *run, v any, _ args) (any, error) {
	if s, ok := v.(string); ok {
		runes := []rune(s)
		slices.Reverse(runes)
		return string(runes), r.takeString(len(s))
	}
	items, err := r.asList(v)
	slices.Reverse(items)
	return newList(items...), err
}

func join(r *run, v any, a args) (any, error) {
	sep, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	return r.joinTexts(v, sep, func(item any) (any, error) { return r.path(item, a.values[1]) })
}

// sortKey returns what elements are compared by. An attribute may name
// several, with commas between them.
func (r *run) sortKey(a args, caseSensitive, attribute int) (func(any) (any, error), error) {
	exact, err := a.bool(caseSensitive)
	if err != nil {
		return nil, err
	}
	return func(item any) (any, error) {
		v, err := r.path(item, a.values[attribute])
		if err == nil {
			err = defined(v)
		}
		return folded(v, exact), err
	}, nil
}

func sortFilter(r *run, items []any, a args) (any, error) {
	reversed, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	key, err := r.sortKey(a, 1, 2)
	if err != nil {
		return nil, err
	}
	if names, ok := a.values[2].(string); ok {
		key = r.severalKeys(names, key, a)
	}
	items, err = r.sorted(items, key, reversed)
	return newList(items...), err
}

func unique(r *run, items []any, a args) (any, error) {
	key, err := r.sortKey(a, 0, 1)
	if err != nil {
		return nil, err
	}
	s := newSet(r)
	out := newList()
	for _, item := range items {
		k, err := key(item)
		if err != nil {
			return nil, err
		}
		isNew, err := s.add(k)
		if err != nil {
			return nil, err
		}
		if isNew {
			out.items = append(out.items, item)
		}
	}
	return out, nil
}

// extreme makes min, for which the order is -1, and max.
func extreme(order int) func(*run, []any, args) (any, error) {
	return func(r *run, items []any, a args) (any, error) {
		if len(items) == 0 {
			return undefined{reason: "an empty list has neither a least nor a greatest element"}, nil
		}
		key, err := r.sortKey(a, 0, 1)
		if err != nil {
			return nil, err
		}
		best := items[0]
		bestKey, err := key(best)
		if err != nil {
			return nil, err
		}
		for _, item := range items[1:] {
			k, err := key(item)
			if err != nil {
				return nil, err
			}
			o, err := r.order(k, bestKey)
			if err != nil {
				return nil, err
			}
			if o == order {
				best, bestKey = item, k
			}
		}
		return best, nil
	}
}

func sum(r *run, items []any, a args) (any, error) {
	total := a.values[1]
	if _, ok := total.(string); ok {
		return nil, errors.New("strings have no sum; use join")
	}
	for _, item := range items {
		v, err := r.path(item, a.values[0])
		if err != nil {
			return nil, err
		}
		if total, err = r.binary("+", total, v); err != nil {
			return nil, err
		}
	}
	return total, nil
}

// groupBy makes a tuple of each key and the elements that have it.
func groupBy(r *run, items []any, a args) (any, error) {
	exact, err := a.bool(2)
	if err != nil {
		return nil, err
	}
	get := func(item any) (any, error) {
		v, err := r.path(item, a.values[0])
		if _, missing := v.(undefined); missing && a.values[1] != nil {
			return a.values[1], err
		}
		return v, errors.Join(err, defined(v))
	}
	key := func(item any) (any, error) { v, err := get(item); return folded(v, exact), err }
	if items, err = r.sorted(items, key, false); err != nil {
		return nil, err
	}
	out := newList()
	var current *list
	var currentKey any
	for _, item := range items {
		k, err := key(item)
		if err != nil {
			return nil, err
		}
		same := false
		if current != nil {
			if same, err = r.equal(k, currentKey); err != nil {
				return nil, err
			}
		}
		if !same {
			shown, err := get(item)
			if err != nil {
				return nil, err
			}
			current, currentKey = newList(), k
			out.items = append(out.items, &list{items: []any{shown, current}, tuple: true, names: []string{"grouper", "list"}})
		}
		current.items = append(current.items, item)
	}
	return out, nil
}
