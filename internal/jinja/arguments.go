package jinja

import (
	"fmt"
	"slices"
)

// arguments are those of a call, as they are written.
type arguments struct {
	positional []expr
	names      []string
	named      []expr
	list, dict expr // *list and **dict
}

func (a arguments) eval(r *run, s *scope) (passed, error) {
	positional, err := r.evalAll(a.positional, s)
	if err != nil {
		return passed{}, err
	}
	p := passed{positional: positional, named: newDict()}
	if a.list != nil {
		v, err := r.value(a.list, s)
		if err != nil {
			return p, err
		}
		more, err := r.iterate(v)
		if err != nil {
			return p, r.located(err, a.list.position())
		}
		p.positional = slices.Concat(p.positional, more)
	}
	for i, e := range a.named {
		v, err := r.eval(e, s)
		if err != nil {
			return p, err
		}
		p.named.setString(a.names[i], v)
	}
	if a.dict == nil {
		return p, nil
	}
	v, err := r.value(a.dict, s)
	if err != nil {
		return p, err
	}
	d, ok := v.(*dict)
	if !ok {
		return p, r.located(fmt.Errorf("what follows ** is a dict, and not %s", typeName(v)), a.dict.position())
	}
	for _, name := range d.names() {
		v, _ := d.get(name)
		p.named.setString(name, v)
	}
	return p, r.takeList(d.len())
}
