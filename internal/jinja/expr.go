package jinja

import (
	"fmt"
	"maps"
	"slices"
)

// expr is an expression. Its eval may return an undefined value.
type expr interface {
	eval(r *run, s *scope) (any, error)
	position() place
}

type (
	literalExpr struct {
		at    place
		value any
	}
	nameExpr struct {
		at   place
		name string
	}
	listExpr struct {
		at    place
		items []expr
		tuple bool
	}
	dictExpr struct {
		at           place
		keys, values []expr
	}
	unaryExpr struct {
		at       place
		operator string
		operand  expr
	}
	binaryExpr struct {
		at          place
		operator    string
		left, right expr
	}
	comparison struct {
		at       place
		operator string
		right    expr
	}
	compareExpr struct {
		first expr
		rest  []comparison
	}
	conditionalExpr struct {
		at                         place
		condition, then, otherwise expr
	}
)

func (e *literalExpr) position() place     { return e.at }
func (e *nameExpr) position() place        { return e.at }
func (e *listExpr) position() place        { return e.at }
func (e *dictExpr) position() place        { return e.at }
func (e *unaryExpr) position() place       { return e.at }
func (e *binaryExpr) position() place      { return e.at }
func (e *compareExpr) position() place     { return e.first.position() }
func (e *conditionalExpr) position() place { return e.at }

// eval evaluates e. Its errors have a place.
func (r *run) eval(e expr, s *scope) (any, error) {
	err := r.step(1)
	if err == nil {
		var v any
		if v, err = e.eval(r, s); err == nil {
			return v, nil
		}
	}
	return nil, r.located(err, e.position())
}

// value evaluates e to what is defined.
func (r *run) value(e expr, s *scope) (any, error) {
	v, err := r.eval(e, s)
	if err == nil {
		err = defined(v)
	}
	if err != nil {
		return nil, r.located(err, e.position())
	}
	return v, nil
}

func (r *run) truth(e expr, s *scope) (bool, error) {
	v, err := r.value(e, s)
	if err != nil {
		return false, err
	}
	return truth(v)
}

func (e *literalExpr) eval(*run, *scope) (any, error) { return e.value, nil }

func (e *nameExpr) eval(_ *run, s *scope) (any, error) {
	if v, ok := s.lookup(e.name); ok {
		return v, nil
	}
	return undefined{
		reason: fmt.Sprintf("there is no variable %q", e.name),
		at:     e.at,
		near:   &nearest{e.name, func() []string { return slices.Sorted(maps.Keys(s.all())) }},
	}, nil
}

func (r *run) evalAll(exprs []expr, s *scope) ([]any, error) {
	if err := r.takeList(len(exprs)); err != nil {
		return nil, err
	}
	values := make([]any, len(exprs))
	for i, e := range exprs {
		var err error
		if values[i], err = r.eval(e, s); err != nil {
			return nil, err
		}
	}
	return values, nil
}

func (e *listExpr) eval(r *run, s *scope) (any, error) {
	items, err := r.evalAll(e.items, s)
	return &list{items: items, tuple: e.tuple}, err
}

func (e *dictExpr) eval(r *run, s *scope) (any, error) {
	if err := r.takeList(2 * len(e.keys)); err != nil {
		return nil, err
	}
	d := newDict()
	for i := range e.keys {
		key, err := r.value(e.keys[i], s)
		if err != nil {
			return nil, err
		}
		value, err := r.eval(e.values[i], s)
		if err != nil {
			return nil, err
		}
		if err := d.set(key, value); err != nil {
			return nil, r.located(err, e.keys[i].position())
		}
	}
	return d, nil
}

func (e *unaryExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.value(e.operand, s)
	if err != nil {
		return nil, err
	}
	switch e.operator {
	case "not":
		ok, err := truth(v)
		return !ok, err
	case "-":
		return negate(v)
	}
	if _, _, _, ok := number(v); !ok {
		return nil, fmt.Errorf("+ takes no %s", typeName(v))
	}
	return v, nil
}

func (e *binaryExpr) eval(r *run, s *scope) (any, error) {
	left, err := r.value(e.left, s)
	if err != nil {
		return nil, err
	}
	if e.operator == "and" || e.operator == "or" {
		ok, err := truth(left)
		if err != nil || ok == (e.operator == "or") {
			return left, err
		}
		return r.eval(e.right, s)
	}
	right, err := r.value(e.right, s)
	if err != nil {
		return nil, err
	}
	return r.binary(e.operator, left, right)
}

// eval compares in a chain: 1 < x < 3.
func (e *compareExpr) eval(r *run, s *scope) (any, error) {
	left, err := r.value(e.first, s)
	if err != nil {
		return nil, err
	}
	for _, c := range e.rest {
		right, err := r.value(c.right, s)
		if err != nil {
			return nil, err
		}
		ok, err := r.compare(c.operator, left, right)
		if err != nil || !ok {
			return false, r.locatedOrNil(err, c.at)
		}
		left = right
	}
	return true, nil
}

func (r *run) locatedOrNil(err error, p place) error {
	if err == nil {
		return nil
	}
	return r.located(err, p)
}

func (r *run) compare(operator string, a, b any) (bool, error) {
	switch operator {
	case "==", "!=":
		same, err := r.equal(a, b)
		return same == (operator == "=="), err
	case "in", "not in":
		found, err := r.contains(b, a)
		return found == (operator == "in"), err
	}
	order, err := r.order(a, b)
	if err != nil {
		return false, err
	}
	switch operator {
	case "<":
		return order < 0, nil
	case "<=":
		return order <= 0, nil
	case ">":
		return order > 0, nil
	}
	return order >= 0, nil
}

func (e *conditionalExpr) eval(r *run, s *scope) (any, error) {
	ok, err := r.truth(e.condition, s)
	switch {
	case err != nil:
		return nil, err
	case ok:
		return r.eval(e.then, s)
	case e.otherwise != nil:
		return r.eval(e.otherwise, s)
	}
	return undefined{reason: "the condition is false and there is no else", at: e.at, lenient: true}, nil
}
