package jinja

import (
	"errors"
	"fmt"
)

type forStmt struct {
	at        place
	target    target
	list      expr
	filter    expr
	recursive bool
	body      []stmt
	otherwise []stmt
}

// loop is the variable of that name.
type loop struct {
	stmt    *forStmt
	scope   *scope
	items   []any
	index   int // from 0
	depth   int // from 0
	changed *list
}

func (st *forStmt) exec(r *run, s *scope, out *output) error {
	v, err := r.value(st.list, s)
	if err != nil {
		return err
	}
	return st.over(r, s, out, v, 0)
}

// over runs the loop over a value.
func (st *forStmt) over(r *run, s *scope, out *output, v any, depth int) error {
	items, err := r.iterate(v)
	if err != nil {
		return r.located(err, st.list.position())
	}
	if items, err = st.filtered(r, s, items); err != nil {
		return err
	}
	if len(items) == 0 {
		return r.execAll(st.otherwise, s, out)
	}
	l := &loop{stmt: st, scope: s, items: items, depth: depth}
	for i, item := range items {
		if err := r.step(loopSteps); err != nil {
			return r.located(err, st.at)
		}
		l.index = i
		inner := s.child()
		inner.names["loop"] = l
		if err := r.assign(st.target, item, inner); err != nil {
			return r.located(err, st.at)
		}
		switch err := r.execAll(st.body, inner, out); {
		case errors.Is(err, errBreak):
			return nil
		case errors.Is(err, errContinue):
		case err != nil:
			return err
		}
	}
	return nil
}

// filtered returns the items for which the condition of the loop is true.
func (st *forStmt) filtered(r *run, s *scope, items []any) ([]any, error) {
	if st.filter == nil {
		return items, nil
	}
	var out []any
	for _, item := range items {
		if err := r.step(loopSteps); err != nil {
			return nil, r.located(err, st.at)
		}
		inner := s.child()
		if err := r.assign(st.target, item, inner); err != nil {
			return nil, r.located(err, st.at)
		}
		ok, err := r.truth(st.filter, inner)
		if err != nil {
			return nil, r.located(err, st.filter.position())
		}
		if ok {
			out = append(out, item)
		}
	}
	return out, nil
}

func (l *loop) typeName() string { return "LoopContext" }

func (l *loop) member(name string) (any, bool) {
	n := len(l.items)
	switch name {
	case "index":
		return int64(l.index + 1), true
	case "index0":
		return int64(l.index), true
	case "revindex":
		return int64(n - l.index), true
	case "revindex0":
		return int64(n - l.index - 1), true
	case "first":
		return l.index == 0, true
	case "last":
		return l.index == n-1, true
	case "length":
		return int64(n), true
	case "depth":
		return int64(l.depth + 1), true
	case "depth0":
		return int64(l.depth), true
	case "previtem":
		return l.neighbour(l.index-1, "there is no previous item at the first"), true
	case "nextitem":
		return l.neighbour(l.index+1, "there is no next item at the last"), true
	case "cycle":
		return function{"cycle", l.cycle}, true
	case "changed":
		return function{"changed", l.hasChanged}, true
	}
	return nil, false
}

func (l *loop) neighbour(i int, reason string) any {
	if i < 0 || i >= len(l.items) {
		return undefined{reason: reason, at: l.stmt.at}
	}
	return l.items[i]
}

func (l *loop) cycle(_ *run, a passed) (any, error) {
	if len(a.positional) == 0 {
		return nil, errors.New("it needs values to cycle through")
	}
	return a.positional[l.index%len(a.positional)], nil
}

func (l *loop) hasChanged(r *run, a passed) (any, error) {
	now := newList(a.positional...)
	if l.changed != nil {
		if same, err := r.equal(l.changed, now); same || err != nil {
			return false, err
		}
	}
	l.changed = now
	return true, nil
}

// call runs a recursive loop over what is below.
func (l *loop) call(r *run, a passed) (any, error) {
	if !l.stmt.recursive {
		return nil, fmt.Errorf(`loop() needs a loop that ends in "recursive"`)
	}
	if len(a.positional) != 1 {
		return nil, fmt.Errorf("loop() takes one list")
	}
	if err := defined(a.positional[0]); err != nil {
		return nil, err
	}
	out := &output{run: r}
	err := r.within(func() error { return l.stmt.over(r, l.scope, out, a.positional[0], l.depth+1) })
	return out.String(), err
}
