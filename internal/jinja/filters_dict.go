package jinja

import (
	"errors"
	"fmt"
	"slices"
)

func dictFilters() map[string]builtin {
	names := []param{opt("key_name", "key"), opt("value_name", "value")}
	return map[string]builtin{
		"items":           {lenient: true, f: itemsFilter},
		"dictsort":        {params: []param{opt("case_sensitive", false), opt("by", "key"), opt("reverse", false)}, f: dictSort},
		"dict2items":      {params: names, f: dictToItems},
		"items2dict":      ofList(itemsToDict, names...),
		"combine":         {rest: true, named: true, f: combine},
		"rekey_on_member": {params: []param{need("key"), opt("duplicates", "error")}, f: rekey},
	}
}

func asDict(v any) (*dict, error) {
	if err := defined(v); err != nil {
		return nil, err
	}
	d, ok := v.(*dict)
	if !ok {
		return nil, fmt.Errorf("a dict is needed, and not a value of type %s", typeName(v))
	}
	return d, nil
}

func itemsFilter(r *run, v any, _ args) (any, error) {
	if _, missing := v.(undefined); missing {
		return newList(), nil
	}
	d, err := asDict(v)
	if err != nil {
		return nil, err
	}
	return pairs(r, d)
}

func dictSort(r *run, v any, a args) (any, error) {
	d, err := asDict(v)
	if err != nil {
		return nil, err
	}
	exact, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	by := slices.Index([]any{"key", "value"}, a.values[1])
	if by < 0 {
		return nil, errors.New(`by is "key" or "value"`)
	}
	reversed, err := a.bool(2)
	if err != nil {
		return nil, err
	}
	all, err := pairs(r, d)
	if err != nil {
		return nil, err
	}
	items, err := r.sorted(all.(*list).items, func(v any) (any, error) { return folded(v.(*list).items[by], exact), nil }, reversed)
	return newList(items...), err
}

func dictToItems(r *run, v any, a args) (any, error) {
	d, err := asDict(v)
	if err != nil {
		return nil, err
	}
	if err := r.takeList(5 * d.len()); err != nil {
		return nil, err
	}
	out := newList()
	for _, e := range d.entries {
		item := newDict()
		if err := errors.Join(item.set(a.values[0], e.key), item.set(a.values[1], e.value)); err != nil {
			return nil, err
		}
		out.items = append(out.items, item)
	}
	return out, nil
}

func itemsToDict(r *run, items []any, a args) (any, error) {
	out := newDict()
	for _, item := range items {
		d, err := asDict(item)
		if err != nil {
			return nil, err
		}
		key, hasKey := d.get(a.values[0])
		value, hasValue := d.get(a.values[1])
		if !hasKey || !hasValue {
			return nil, fmt.Errorf("an element lacks the key %v or %v", a.values[0], a.values[1])
		}
		if err := out.set(key, value); err != nil {
			return nil, err
		}
	}
	return out, r.takeList(out.len())
}

// merger is how combine merges.
type merger struct {
	run       *run
	recursive bool
	lists     string
}

// The ways in which combine merges two lists, the newer after the older.
const (
	mergeReplace   = "replace"
	mergeKeep      = "keep"
	mergeAppend    = "append"
	mergePrepend   = "prepend"
	mergeAppendRP  = "append_rp"
	mergePrependRP = "prepend_rp"
)

func combine(r *run, v any, a args) (any, error) {
	options := []param{opt("recursive", false), opt("list_merge", mergeReplace)}
	o, err := bind(options, false, false, passed{named: a.named})
	if err != nil {
		return nil, err
	}
	m := merger{run: r}
	if m.recursive, err = o.bool(0); err != nil {
		return nil, err
	}
	if m.lists, err = o.string(r, 1); err != nil {
		return nil, err
	}
	ways := []string{mergeReplace, mergeKeep, mergeAppend, mergePrepend, mergeAppendRP, mergePrependRP}
	if !slices.Contains(ways, m.lists) {
		return nil, fmt.Errorf("there is no list_merge %q%s", m.lists, suggestOne(m.lists, ways))
	}
	var all []any
	for _, term := range append([]any{v}, a.rest...) {
		if l, ok := term.(*list); ok {
			all = append(all, l.items...)
		} else {
			all = append(all, term)
		}
	}
	result := newDict()
	for _, one := range all {
		d, err := asDict(one)
		if err != nil {
			return nil, err
		}
		if result, err = m.dicts(result, d, 0); err != nil {
			return nil, err
		}
	}
	return result, nil
}

func (m merger) dicts(older, newer *dict, depth int) (*dict, error) {
	if depth > maxDepth {
		return nil, limitf("a dict is nested more than %d deep", maxDepth)
	}
	if err := m.run.takeList(older.len() + newer.len()); err != nil {
		return nil, err
	}
	out := older.clone()
	for _, e := range newer.entries {
		value := e.value
		if old, ok := out.get(e.key); ok {
			var err error
			if value, err = m.merge(old, e.value, depth); err != nil {
				return nil, err
			}
		}
		if err := out.set(e.key, value); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (m merger) merge(old, value any, depth int) (any, error) {
	oldDict, ok1 := old.(*dict)
	newDict, ok2 := value.(*dict)
	if m.recursive && ok1 && ok2 {
		return m.dicts(oldDict, newDict, depth+1)
	}
	a, ok1 := old.(*list)
	b, ok2 := value.(*list)
	if !ok1 || !ok2 {
		return value, nil
	}
	if err := m.run.takeList(len(a.items) + len(b.items)); err != nil {
		return nil, err
	}
	switch m.lists {
	case mergeKeep:
		return a, nil
	case mergeAppend:
		return newList(slices.Concat(a.items, b.items)...), nil
	case mergePrepend:
		return newList(slices.Concat(b.items, a.items)...), nil
	case mergeAppendRP:
		rest, err := m.run.withIn(a.items, b.items, false)
		return newList(slices.Concat(rest, b.items)...), err
	case mergePrependRP:
		rest, err := m.run.withIn(a.items, b.items, false)
		return newList(slices.Concat(b.items, rest)...), err
	}
	return b, nil
}

// rekey makes a dict of the dicts by a member of theirs.
func rekey(r *run, v any, a args) (any, error) {
	items, err := r.asList(v)
	if d, ok := v.(*dict); ok {
		items = values(d)
	}
	if err != nil {
		return nil, err
	}
	way := a.values[1]
	if way != "error" && way != "overwrite" {
		return nil, errors.New(`duplicates is "error" or "overwrite"`)
	}
	out := newDict()
	for _, item := range items {
		d, err := asDict(item)
		if err != nil {
			return nil, err
		}
		key, ok := d.get(a.values[0])
		if !ok {
			return nil, errors.New("an element lacks the key")
		}
		if _, twice := out.get(key); twice && way == "error" {
			return nil, errors.New(`two elements have the same key; duplicates="overwrite" takes the later one`)
		}
		if err := out.set(key, d); err != nil {
			return nil, err
		}
	}
	return out, r.takeList(out.len())
}
