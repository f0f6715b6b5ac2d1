package jinja

import (
	"errors"
	"fmt"
	"slices"
)

// methods are those that values have, by name.
type methods struct{ ofString, ofList, ofDict map[string]builtin }

func newMethods() methods { return methods{stringMethods(), listMethods(), dictMethods()} }

// method returns a method of a value, bound to it.
func (m methods) method(v any, name string) (any, bool) {
	switch v := v.(type) {
	case string:
		if m, ok := m.ofString[name]; ok {
			return bound(m, v), true
		}
	case *list:
		if i := slices.Index(v.names, name); i >= 0 {
			return v.items[i], true
		}
		if m, ok := m.ofList[name]; ok && (!v.tuple || name == "index" || name == "count") {
			return bound(m, any(v)), true
		}
	case *dict:
		if m, ok := m.ofDict[name]; ok {
			return bound(m, any(v)), true
		}
	case timestamp:
		return v.member(name)
	case duration:
		return v.member(name)
	}
	return nil, false
}

func bound[V any](m builtin, v V) callable {
	return function{"method", func(r *run, p passed) (any, error) { return m.call(r, v, p) }}
}

func dictMethods() map[string]builtin {
	return map[string]builtin{
		"get":        {constant: true, params: []param{need("key"), opt("default", nil)}, f: dictGet},
		"keys":       {f: func(_ *run, v any, _ args) (any, error) { return newList(v.(*dict).keys()...), nil }},
		"values":     {f: func(_ *run, v any, _ args) (any, error) { return newList(values(v.(*dict))...), nil }},
		"items":      {f: func(r *run, v any, _ args) (any, error) { return pairs(r, v.(*dict)) }},
		"copy":       {f: func(r *run, v any, _ args) (any, error) { return v.(*dict).clone(), r.takeList(v.(*dict).len()) }},
		"pop":        {params: []param{need("key"), opt("default", nil)}, f: dictPop},
		"setdefault": {constant: true, params: []param{need("key"), opt("default", nil)}, f: dictSetDefault},
		"update":     {rest: true, named: true, f: dictUpdate},
	}
}

func values(d *dict) []any {
	out := make([]any, len(d.entries))
	for i, e := range d.entries {
		out[i] = e.value
	}
	return out
}

func pairs(r *run, d *dict) (any, error) {
	if err := r.takeList(3 * d.len()); err != nil {
		return nil, err
	}
	l := newList()
	for _, e := range d.entries {
		l.items = append(l.items, newTuple(e.key, e.value))
	}
	return l, nil
}

func dictGet(_ *run, v any, a args) (any, error) {
	if err := defined(a.values[0]); err != nil {
		return nil, err
	}
	if value, ok := v.(*dict).get(a.values[0]); ok {
		return value, nil
	}
	return a.values[1], nil
}

func dictPop(_ *run, v any, a args) (any, error) {
	d := v.(*dict)
	value, ok := d.get(a.values[0])
	switch {
	case ok:
		d.remove(a.values[0])
		return value, nil
	case a.given[1]:
		return a.values[1], nil
	}
	return nil, errors.New("the dict has no such key")
}

func dictSetDefault(r *run, v any, a args) (any, error) {
	d := v.(*dict)
	if value, ok := d.get(a.values[0]); ok {
		return value, nil
	}
	if err := r.takeList(1); err != nil {
		return nil, err
	}
	return a.values[1], d.set(a.values[0], a.values[1])
}

func dictUpdate(r *run, v any, a args) (any, error) {
	for _, from := range append(a.rest, a.named) {
		if err := r.updateDict(v.(*dict), from); err != nil {
			return nil, err
		}
	}
	return nil, nil
}

func listMethods() map[string]builtin {
	return map[string]builtin{
		"append":  {constant: true, params: []param{need("object")}, f: listAppend},
		"extend":  {params: []param{need("iterable")}, f: listExtend},
		"insert":  {params: []param{need("index"), need("object")}, f: listInsert},
		"pop":     {params: []param{opt("index", int64(-1))}, f: listPop},
		"remove":  {params: []param{need("value")}, f: listRemove},
		"index":   {params: []param{need("value")}, f: listIndex},
		"count":   {params: []param{need("value")}, f: listCount},
		"sort":    {params: []param{opt("reverse", false)}, f: listSort},
		"reverse": {f: func(_ *run, v any, _ args) (any, error) { slices.Reverse(v.(*list).items); return nil, nil }},
		"clear":   {f: func(_ *run, v any, _ args) (any, error) { v.(*list).items = nil; return nil, nil }},
		"copy": {f: func(r *run, v any, _ args) (any, error) {
			return newList(slices.Clone(v.(*list).items)...), r.takeList(len(v.(*list).items))
		}},
	}
}

func listAppend(r *run, v any, a args) (any, error) {
	l := v.(*list)
	l.items = append(l.items, a.values[0])
	return nil, r.takeList(1)
}

func listExtend(r *run, v any, a args) (any, error) {
	more, err := r.asList(a.values[0])
	l := v.(*list)
	l.items = append(l.items, more...)
	return nil, err
}

func listInsert(r *run, v any, a args) (any, error) {
	l := v.(*list)
	i, err := a.int(0)
	if err != nil {
		return nil, err
	}
	if i < 0 {
		i += len(l.items)
	}
	l.items = slices.Insert(l.items, max(0, min(i, len(l.items))), a.values[1])
	return nil, r.takeList(1)
}

func listPop(_ *run, v any, a args) (any, error) {
	l := v.(*list)
	n, err := a.int(0)
	if err != nil {
		return nil, err
	}
	i, ok := index(int64(n), len(l.items))
	if !ok {
		return nil, fmt.Errorf("the list has %d elements, and none at %d", len(l.items), n)
	}
	value := l.items[i]
	l.items = slices.Delete(l.items, i, i+1)
	return value, nil
}

func (r *run) find(items []any, v any) (int, error) {
	for i, item := range items {
		if same, err := r.equal(item, v); same || err != nil {
			return i, err
		}
	}
	return -1, nil
}

func listIndex(r *run, v any, a args) (any, error) {
	i, err := r.find(v.(*list).items, a.values[0])
	if err == nil && i < 0 {
		err = errors.New("the list has no such element")
	}
	return int64(i), err
}

func listRemove(r *run, v any, a args) (any, error) {
	l := v.(*list)
	i, err := r.find(l.items, a.values[0])
	if err == nil && i < 0 {
		err = errors.New("the list has no such element")
	}
	if err == nil {
		l.items = slices.Delete(l.items, i, i+1)
	}
	return nil, err
}

func listCount(r *run, v any, a args) (any, error) {
	n := int64(0)
	for _, item := range v.(*list).items {
		same, err := r.equal(item, a.values[0])
		if err != nil {
			return nil, err
		}
		if same {
			n++
		}
	}
	return n, nil
}

func listSort(r *run, v any, a args) (any, error) {
	reverse, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	l := v.(*list)
	l.items, err = r.sorted(l.items, nil, reverse)
	return nil, err
}

// sorted returns the elements in order, those that are equal as they were. Key
// returns what is compared, nil for the elements themselves.
func (r *run) sorted(items []any, key func(any) (any, error), reverse bool) ([]any, error) {
	type keyed struct{ key, item any }
	all := make([]keyed, len(items))
	for i, item := range items {
		all[i] = keyed{item, item}
		if key == nil {
			continue
		}
		var err error
		if all[i].key, err = key(item); err != nil {
			return nil, err
		}
	}
	var failed error
	slices.SortStableFunc(all, func(a, b keyed) int {
		if failed != nil {
			return 0
		}
		order, err := r.order(a.key, b.key)
		failed = err
		if reverse {
			return -order
		}
		return order
	})
	out := make([]any, len(all))
	for i := range all {
		out[i] = all[i].item
	}
	return out, failed
}
