package jinja

import (
	"errors"
	"fmt"
	"slices"
)

// sequenceFilters are those that cut lists up and put them together.
func sequenceFilters() map[string]builtin {
	return map[string]builtin{
		"batch":       ofList(batch, need("linecount"), opt("fill_with", nil)),
		"slice":       ofList(sliceFilter, need("slices"), opt("fill_with", nil)),
		"flatten":     ofList(flatten, opt("levels", nil), opt("skip_nulls", true)),
		"zip":         {rest: true, f: zipFilter},
		"zip_longest": {rest: true, named: true, f: zipLongest},
		"subelements": {params: []param{need("subelements"), opt("skip_missing", false)}, f: subelements},
	}
}

func batch(r *run, items []any, a args) (any, error) {
	n, err := a.int(0)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, errors.New("the number of elements is at least 1")
	}
	out := newList()
	for len(items) > 0 {
		line := newList(items[:min(n, len(items))]...)
		items = items[len(line.items):]
		if missing := n - len(line.items); missing > 0 && a.values[1] != nil {
			if err := r.takeList(missing); err != nil {
				return nil, err
			}
			for range missing {
				line.items = append(slices.Clip(line.items), a.values[1])
			}
		}
		out.items = append(out.items, line)
	}
	return out, r.takeList(len(out.items))
}

func sliceFilter(r *run, items []any, a args) (any, error) {
	n, err := a.int(0)
	if err != nil {
		return nil, err
	}
	if n <= 0 {
		return nil, errors.New("the number of slices is at least 1")
	}
	if err := r.takeList(2 * n); err != nil {
		return nil, err
	}
	each, longer := len(items)/n, len(items)%n
	out := newList()
	for i := range n {
		size := each
		if i < longer {
			size++
		}
		part := newList()
		part.items = append(part.items, items[:size]...)
		items = items[size:]
		if a.values[1] != nil && i >= longer {
			part.items = append(part.items, a.values[1])
		}
		out.items = append(out.items, part)
	}
	return out, nil
}

func flatten(r *run, items []any, a args) (any, error) {
	levels := maxDepth
	if a.values[0] != nil {
		var err error
		if levels, err = a.int(0); err != nil {
			return nil, err
		}
	}
	skip, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	out := newList()
	err = r.flattenInto(out, items, levels, skip, 0)
	return out, err
}

func (r *run) flattenInto(out *list, items []any, levels int, skip bool, depth int) error {
	if depth > maxDepth {
		return limitf("a list is nested more than %d deep", maxDepth)
	}
	for _, item := range items {
		if err := r.takeList(1); err != nil {
			return err
		}
		if err := r.step(1); err != nil {
			return err
		}
		if skip && (item == nil || item == "None" || item == "null") {
			continue
		}
		if l, ok := item.(*list); ok && levels >= 1 {
			if err := r.flattenInto(out, l.items, levels-1, skip, depth+1); err != nil {
				return err
			}
			continue
		}
		out.items = append(out.items, item)
	}
	return nil
}

// columns returns the lists that zip puts together.
func columns(r *run, v any, rest []any) (lists [][]any, shortest, longest int, err error) {
	for i, one := range append([]any{v}, rest...) {
		items, err := r.asList(one)
		if err != nil {
			return nil, 0, 0, err
		}
		lists = append(lists, items)
		longest = max(longest, len(items))
		if i == 0 || len(items) < shortest {
			shortest = len(items)
		}
	}
	return lists, shortest, longest, nil
}

func zipFilter(r *run, v any, a args) (any, error) {
	lists, n, _, err := columns(r, v, a.rest)
	if err != nil {
		return nil, err
	}
	return r.rows(lists, n, nil)
}

func zipLongest(r *run, v any, a args) (any, error) {
	lists, _, n, err := columns(r, v, a.rest)
	if err != nil {
		return nil, err
	}
	fill, _ := a.named.get("fillvalue")
	return r.rows(lists, n, fill)
}

func (r *run) rows(lists [][]any, n int, fill any) (any, error) {
	if err := r.takeList(n * (len(lists) + 1)); err != nil {
		return nil, err
	}
	out := newList()
	for i := range n {
		row := newTuple()
		for _, l := range lists {
			item := fill
			if i < len(l) {
				item = l[i]
			}
			row.items = append(row.items, item)
		}
		out.items = append(out.items, row)
	}
	return out, nil
}

// subelements pairs each element with each part of a list within it.
func subelements(r *run, v any, a args) (any, error) {
	elements, ok := v.(*list)
	if d, isDict := v.(*dict); isDict {
		elements, ok = newList(values(d)...), true
	}
	if !ok {
		return nil, fmt.Errorf("a list of dicts or a dict is needed, and not a value of type %s", typeName(v))
	}
	skip, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	path := []any{a.values[0]}
	switch p := a.values[0].(type) {
	case *list:
		path = p.items
	case string:
		l, err := split(false)(r, p, args{values: []any{".", int64(-1)}, given: []bool{true, true}})
		if err != nil {
			return nil, err
		}
		path = l.(*list).items
	}
	out := newList()
	for _, element := range elements.items {
		inner, err := subelement(r, element, path, skip)
		if err != nil {
			return nil, err
		}
		if err := r.takeList(3 * len(inner)); err != nil {
			return nil, err
		}
		for _, part := range inner {
			out.items = append(out.items, newTuple(element, part))
		}
	}
	return out, nil
}

func subelement(r *run, v any, path []any, skip bool) ([]any, error) {
	for _, key := range path {
		d, ok := v.(*dict)
		if !ok {
			return nil, fmt.Errorf("a dict is needed, and not a value of type %s", typeName(v))
		}
		inner, there := d.get(key)
		if !there && skip {
			return nil, nil
		}
		if !there {
			shown, err := r.text(key)
			return nil, errors.Join(fmt.Errorf("an element has no key %q; skip_missing=True skips it", shown), err)
		}
		v = inner
	}
	l, ok := v.(*list)
	if !ok {
		return nil, fmt.Errorf("the key leads to a value of type %s, and not to a list", typeName(v))
	}
	return l.items, nil
}
