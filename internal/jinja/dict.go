package jinja

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// dict keeps its entries in the order in which they were set.
type dict struct {
	entries []entry
	index   map[any]int // of the hash of a key, in entries
}

type entry struct{ key, value any }

func newDict() *dict { return &dict{index: map[any]int{}} }

// dictOf makes a dict with keys that are strings: key, value, key, value.
func dictOf(pairs ...any) *dict {
	d := newDict()
	for i := 0; i+1 < len(pairs); i += 2 {
		d.setString(pairs[i].(string), pairs[i+1])
	}
	return d
}

const maxTupleKey = 1 << 16 // bytes of what a tuple is hashed to

// hashedTuple is the hash of a tuple, which no string is equal to.
type hashedTuple string

// hashed returns what is equal for keys that are equal: 1, 1.0 and True are.
func hashed(key any) (any, error) {
	switch k := key.(type) {
	case bool:
		if k {
			return int64(1), nil
		}
		return int64(0), nil
	case float64:
		if k == math.Trunc(k) && math.Abs(k) < 1<<53 {
			return int64(k), nil
		}
		return k, nil
	case nil, int64, string, timestamp, duration:
		return k, nil
	case undefined:
		return nil, &missingError{k}
	case *list:
		if !k.tuple {
			break
		}
		var text strings.Builder
		for _, item := range k.items {
			h, err := hashed(item)
			if err != nil {
				return nil, err
			}
			fmt.Fprintf(&text, "%T %q,", h, fmt.Sprint(h))
			if text.Len() > maxTupleKey {
				return nil, limitf("a tuple that is a key is too large")
			}
		}
		return hashedTuple(text.String()), nil
	}
	return nil, fmt.Errorf("a value of type %s can't be a key or an element of a set", typeName(key))
}

func (d *dict) len() int { return len(d.entries) }

func (d *dict) get(key any) (any, bool) {
	h, err := hashed(key)
	if err != nil {
		return nil, false
	}
	i, ok := d.index[h]
	if !ok {
		return nil, false
	}
	return d.entries[i].value, true
}

func (d *dict) set(key, value any) error {
	h, err := hashed(key)
	if err != nil {
		return err
	}
	if i, ok := d.index[h]; ok {
		d.entries[i].value = value
		return nil
	}
	d.index[h] = len(d.entries)
	d.entries = append(d.entries, entry{key, value})
	return nil
}

func (d *dict) setString(key string, value any) {
	if i, ok := d.index[key]; ok {
		d.entries[i].value = value
		return
	}
	d.index[key] = len(d.entries)
	d.entries = append(d.entries, entry{key, value})
}

func (d *dict) remove(key any) {
	h, err := hashed(key)
	if err != nil {
		return
	}
	i, ok := d.index[h]
	if !ok {
		return
	}
	d.entries = slices.Delete(d.entries, i, i+1)
	delete(d.index, h)
	for other, at := range d.index {
		if at > i {
			d.index[other] = at - 1
		}
	}
}

func (d *dict) keys() []any {
	keys := make([]any, len(d.entries))
	for i, e := range d.entries {
		keys[i] = e.key
	}
	return keys
}

func (d *dict) clone() *dict {
	return &dict{entries: slices.Clone(d.entries), index: maps.Clone(d.index)}
}

// names returns the keys that are strings.
func (d *dict) names() []string {
	var names []string
	for _, e := range d.entries {
		if name, ok := e.key.(string); ok {
			names = append(names, name)
		}
	}
	return names
}
