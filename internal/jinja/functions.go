package jinja

import (
	"errors"
	"fmt"
)

// functions returns what a template can call by name.
func functions() map[string]any {
	all := map[string]func(*run, passed) (any, error){
		"range": rangeFunction, "dict": dictFunction, "namespace": namespaceFunction,
		"cycler": cyclerFunction, "joiner": joinerFunction, "undef": undefFunction,
	}
	names := map[string]any{}
	for name, f := range all {
		names[name] = function{name, f}
	}
	return names
}

func rangeFunction(r *run, p passed) (any, error) {
	if p.named.len() > 0 || len(p.positional) == 0 || len(p.positional) > 3 {
		return nil, errors.New("it takes an end, or a start, an end and a step")
	}
	bounds := [3]int{0, 0, 1}
	for i, v := range p.positional {
		if err := defined(v); err != nil {
			return nil, err
		}
		n, err := asInt(v)
		if err != nil {
			return nil, err
		}
		bounds[i] = n
	}
	start, end, step := bounds[0], bounds[1], bounds[2]
	if len(p.positional) == 1 {
		start, end = 0, bounds[0]
	}
	if step == 0 {
		return nil, errors.New("the step can't be 0")
	}
	n := max(0, (end-start+step-sign(step))/step)
	if err := r.takeList(n); err != nil {
		return nil, err
	}
	l := &list{items: make([]any, n)}
	for i := range l.items {
		l.items[i] = int64(start + i*step)
	}
	return l, nil
}

func sign(n int) int {
	if n < 0 {
		return -1
	}
	return 1
}

func dictFunction(r *run, p passed) (any, error) {
	d := newDict()
	if len(p.positional) > 1 {
		return nil, errors.New("it takes one dict or list of pairs, and named arguments")
	}
	for _, v := range p.positional {
		if err := r.updateDict(d, v); err != nil {
			return nil, err
		}
	}
	for _, e := range p.named.entries {
		d.setString(e.key.(string), e.value)
	}
	return d, r.takeList(d.len())
}

// updateDict adds the entries of a dict, or of a list of pairs.
func (r *run) updateDict(d *dict, v any) error {
	if from, ok := v.(*dict); ok {
		if err := r.takeList(from.len()); err != nil {
			return err
		}
		for _, e := range from.entries {
			if err := d.set(e.key, e.value); err != nil {
				return err
			}
		}
		return nil
	}
	pairs, err := r.asList(v)
	if err != nil {
		return err
	}
	for _, pair := range pairs {
		two, err := r.asList(pair)
		if err != nil {
			return err
		}
		if len(two) != 2 {
			return fmt.Errorf("a pair has 2 elements, and not %d", len(two))
		}
		if err := d.set(two[0], two[1]); err != nil {
			return err
		}
	}
	return nil
}

// namespace is an object whose members a template can set from within loops.
type namespace struct{ members *dict }

func (*namespace) typeName() string { return "Namespace" }

func (n *namespace) member(name string) (any, bool) { return n.members.get(name) }

func namespaceFunction(r *run, p passed) (any, error) {
	v, err := dictFunction(r, p)
	if err != nil {
		return nil, err
	}
	return &namespace{v.(*dict)}, nil
}

// cycler goes through values again and again.
type cycler struct {
	items []any
	at    int
}

func (*cycler) typeName() string { return "Cycler" }

func (c *cycler) member(name string) (any, bool) {
	switch name {
	case "current":
		return c.items[c.at], true
	case "next":
		return function{name, func(*run, passed) (any, error) {
			v := c.items[c.at]
			c.at = (c.at + 1) % len(c.items)
			return v, nil
		}}, true
	case "reset":
		return function{name, func(*run, passed) (any, error) {
			c.at = 0
			return nil, nil
		}}, true
	}
	return nil, false
}

func cyclerFunction(_ *run, p passed) (any, error) {
	if len(p.positional) == 0 {
		return nil, errors.New("it needs values to cycle through")
	}
	return &cycler{items: p.positional}, nil
}

// joinerFunction returns a function that returns nothing at first, and then
// the separator.
func joinerFunction(r *run, p passed) (any, error) {
	a, err := bind([]param{opt("sep", ", ")}, false, false, p)
	if err != nil {
		return nil, err
	}
	sep, err := a.string(r, 0)
	used := false
	return function{"joiner", func(*run, passed) (any, error) {
		if !used {
			used = true
			return "", nil
		}
		return sep, nil
	}}, err
}

func undefFunction(r *run, p passed) (any, error) {
	a, err := bind([]param{opt("hint", "the template says that it is undefined")}, false, false, p)
	if err != nil {
		return nil, err
	}
	hint, err := a.string(r, 0)
	return undefined{reason: hint}, err
}
