package jinja

import (
	"cmp"
	"fmt"
	"strings"
)

// number returns a value as a number of Go, if it is one. A bool is one for
// Python.
func number(v any) (i int64, f float64, isInt, ok bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return 1, 1, true, true
		}
		return 0, 0, true, true
	case int64:
		return v, float64(v), true, true
	case float64:
		return 0, v, false, true
	}
	return 0, 0, false, false
}

// equal is == of Python.
func (r *run) equal(a, b any) (bool, error) { return r.equalAt(a, b, 0) }

func (r *run) equalAt(a, b any, depth int) (bool, error) {
	if depth > maxDepth {
		return false, limitf("a value is nested more than %d deep", maxDepth)
	}
	if err := r.step(1); err != nil {
		return false, err
	}
	if err := defined(a, b); err != nil {
		return false, err
	}
	if ai, af, aInt, ok := number(a); ok {
		bi, bf, bInt, ok := number(b)
		if aInt && bInt {
			return ok && ai == bi, nil
		}
		return ok && af == bf, nil
	}
	switch a := a.(type) {
	case *list:
		b, ok := b.(*list)
		if !ok || a.tuple != b.tuple || len(a.items) != len(b.items) {
			return false, nil
		}
		for i := range a.items {
			if same, err := r.equalAt(a.items[i], b.items[i], depth+1); !same {
				return false, err
			}
		}
		return true, nil
	case *dict:
		b, ok := b.(*dict)
		if !ok || a.len() != b.len() {
			return false, nil
		}
		for _, e := range a.entries {
			other, ok := b.get(e.key)
			if !ok {
				return false, nil
			}
			if same, err := r.equalAt(e.value, other, depth+1); !same {
				return false, err
			}
		}
		return true, nil
	case nil, string, timestamp, duration:
		return a == b, nil
	}
	return identical(a, b), nil
}

// identical is "is" of Python, as far as a template can tell.
func identical(a, b any) bool {
	switch a := a.(type) {
	case function:
		return false
	case *list:
		b, ok := b.(*list)
		return ok && a == b
	}
	if _, ok := b.(function); ok {
		return false
	}
	return a == b
}

// order is <, = or > of Python, as -1, 0 or 1.
func (r *run) order(a, b any) (int, error) { return r.orderAt(a, b, 0) }

func (r *run) orderAt(a, b any, depth int) (int, error) {
	if depth > maxDepth {
		return 0, limitf("a value is nested more than %d deep", maxDepth)
	}
	if err := r.step(1); err != nil {
		return 0, err
	}
	if err := defined(a, b); err != nil {
		return 0, err
	}
	if ai, af, aInt, ok := number(a); ok {
		if bi, bf, bInt, ok := number(b); ok {
			if aInt && bInt {
				return cmp.Compare(ai, bi), nil
			}
			return cmp.Compare(af, bf), nil
		}
	}
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return strings.Compare(a, b), nil
		}
	case timestamp:
		if b, ok := b.(timestamp); ok {
			return a.Compare(b.Time), nil
		}
	case duration:
		if b, ok := b.(duration); ok {
			return cmp.Compare(a.Duration, b.Duration), nil
		}
	case *list:
		if b, ok := b.(*list); ok && a.tuple == b.tuple {
			return r.orderLists(a, b, depth)
		}
	}
	return 0, fmt.Errorf("a value of type %s can't be compared with one of type %s", typeName(a), typeName(b))
}

func (r *run) orderLists(a, b *list, depth int) (int, error) {
	for i := range min(len(a.items), len(b.items)) {
		same, err := r.equalAt(a.items[i], b.items[i], depth+1)
		if err != nil {
			return 0, err
		}
		if !same {
			return r.orderAt(a.items[i], b.items[i], depth+1)
		}
	}
	return cmp.Compare(len(a.items), len(b.items)), nil
}

// contains is "in" of Python.
func (r *run) contains(container, v any) (bool, error) {
	if err := defined(container, v); err != nil {
		return false, err
	}
	switch c := container.(type) {
	case string:
		s, ok := v.(string)
		if !ok {
			return false, fmt.Errorf("only a string can be in a string, and not a value of type %s", typeName(v))
		}
		return strings.Contains(c, s), r.step(len(c) / 64)
	case *dict:
		if _, err := hashed(v); err != nil {
			return false, err
		}
		_, ok := c.get(v)
		return ok, nil
	case *list:
		for _, item := range c.items {
			if same, err := r.equal(item, v); same || err != nil {
				return same, err
			}
		}
		return false, nil
	}
	return false, fmt.Errorf("nothing can be in a value of type %s", typeName(container))
}

// defined returns an error for the first value that is undefined.
func defined(values ...any) error {
	for _, v := range values {
		if u, ok := v.(undefined); ok && !u.lenient {
			return &missingError{u}
		}
	}
	return nil
}
