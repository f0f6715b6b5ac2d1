package jinja

import (
	"errors"
	"fmt"
)

// selectFilters are those that take the name of another filter or a test.
func selectFilters() map[string]builtin {
	filter := func(want, byAttribute bool) builtin {
		return builtin{rest: true, named: true, f: func(r *run, v any, a args) (any, error) { return r.selected(v, a, want, byAttribute) }}
	}
	return map[string]builtin{
		"map":        {rest: true, named: true, f: mapFilter},
		"select":     filter(true, false),
		"reject":     filter(false, false),
		"selectattr": filter(true, true),
		"rejectattr": filter(false, true),
	}
}

func mapFilter(r *run, v any, a args) (any, error) {
	items, err := r.asList(v)
	if err != nil {
		return nil, err
	}
	apply, err := r.mapped(a)
	if err != nil {
		return nil, err
	}
	for i, item := range items {
		if items[i], err = apply(item); err != nil {
			return nil, err
		}
	}
	return newList(items...), nil
}

// mapped returns what map does with each element.
func (r *run) mapped(a args) (func(any) (any, error), error) {
	if attribute, ok := a.named.get("attribute"); ok && len(a.rest) == 0 {
		otherwise, hasDefault := a.named.get("default")
		return func(item any) (any, error) {
			v, err := r.path(item, attribute)
			if _, missing := v.(undefined); missing && hasDefault && otherwise != nil {
				return otherwise, err
			}
			return v, err
		}, nil
	}
	if len(a.rest) == 0 {
		return nil, errors.New("it needs the name of a filter, or an attribute")
	}
	name, err := r.text(a.rest[0])
	if err != nil {
		return nil, err
	}
	f, known := r.filters[unqualified(name)]
	if !known {
		return nil, fmt.Errorf("there is no filter %q%s", name, didYouMean(name, r.filters))
	}
	return func(item any) (any, error) {
		v, err := f.call(r, item, passed{a.rest[1:], a.named})
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		return v, nil
	}, nil
}

func (r *run) selected(v any, a args, want, byAttribute bool) (any, error) {
	items, err := r.asList(v)
	if err != nil {
		return nil, err
	}
	var attribute any
	rest := a.rest
	if byAttribute {
		if len(rest) == 0 {
			return nil, errors.New("it needs the name of an attribute")
		}
		attribute, rest = rest[0], rest[1:]
	}
	holds, err := r.tested(rest, a.named)
	if err != nil {
		return nil, err
	}
	out := newList()
	for _, item := range items {
		part, err := r.path(item, attribute)
		if err != nil {
			return nil, err
		}
		ok, err := holds(part)
		if err != nil {
			return nil, err
		}
		if ok == want {
			out.items = append(out.items, item)
		}
	}
	return out, nil
}

// tested returns the test that select makes of each element: whether it is
// true, where no test is named.
func (r *run) tested(rest []any, named *dict) (func(any) (bool, error), error) {
	if len(rest) == 0 {
		return truth, nil
	}
	name, err := r.text(rest[0])
	if err != nil {
		return nil, err
	}
	t, known := r.tests[unqualified(name)]
	if !known {
		return nil, fmt.Errorf("there is no test %q%s", name, didYouMean(name, r.tests))
	}
	return func(v any) (bool, error) {
		result, err := t.call(r, v, passed{rest[1:], named})
		if err != nil {
			return false, fmt.Errorf("%s: %w", name, err)
		}
		return truth(result)
	}, nil
}
