package jinja

import "fmt"

type (
	memberExpr struct {
		at   place
		of   expr
		name string
	}
	itemExpr struct {
		at      place
		of, key expr
	}
	sliceExpr struct {
		at     place
		of     expr
		bounds [3]expr // start, end, step
	}
	callExpr struct {
		at        place
		of        expr
		arguments arguments
	}
	filterExpr struct {
		at        place
		name      string
		filter    builtin
		of        expr
		arguments arguments
	}
	testExpr struct {
		at        place
		name      string
		test      builtin
		of        expr
		arguments arguments
		negated   bool
	}
)

func (e *memberExpr) position() place { return e.at }
func (e *itemExpr) position() place   { return e.at }
func (e *sliceExpr) position() place  { return e.of.position() }
func (e *callExpr) position() place   { return e.of.position() }
func (e *filterExpr) position() place { return e.at }
func (e *testExpr) position() place   { return e.at }

func (e *memberExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.eval(e.of, s)
	if err != nil {
		return nil, err
	}
	return r.member(v, e.name, e.at), nil
}

// member is v.name: a member, or else an item. What is undefined has members
// that are undefined for the same reason, as Ansible has it.
func (r *run) member(v any, name string, at place) any {
	missing := undefined{reason: fmt.Sprintf("the value of type %s has no member %q", typeName(v), name), at: at}
	switch v := v.(type) {
	case undefined:
		return v
	case *dict:
		if m, ok := r.methods.method(v, name); ok {
			return m
		}
		if item, ok := v.get(name); ok {
			return item
		}
		missing.near = &nearest{name, v.names}
	case object:
		if m, ok := v.member(name); ok {
			return m
		}
	default:
		if m, ok := r.methods.method(v, name); ok {
			return m
		}
	}
	return missing
}

func (e *itemExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.eval(e.of, s)
	if err != nil {
		return nil, err
	}
	if u, ok := v.(undefined); ok {
		return u, nil
	}
	key, err := r.value(e.key, s)
	if err != nil {
		return nil, err
	}
	item := r.item(v, key, e.at)
	if _, literal := e.key.(*literalExpr); !literal {
		if u, missing := item.(undefined); missing { // the key may be secret
			u.reason, u.near = fmt.Sprintf("the value of type %s has no item of this key", typeName(v)), nil
			return u, nil
		}
	}
	return item, nil
}

// item is v[key]: an item, or else a member.
func (r *run) item(v, key any, at place) any {
	switch v := v.(type) {
	case *dict:
		if item, ok := v.get(key); ok {
			return item
		}
	case *list:
		if i, _, isInt, ok := number(key); ok && isInt {
			if i, ok := index(i, len(v.items)); ok {
				return v.items[i]
			}
			return undefined{reason: fmt.Sprintf("the list has %d elements, and none at %d", len(v.items), i), at: at}
		}
	case string:
		if i, _, isInt, ok := number(key); ok && isInt {
			chars := []rune(v)
			if i, ok := index(i, len(chars)); ok {
				return string(chars[i])
			}
			return undefined{reason: fmt.Sprintf("the string has %d characters, and none at %d", len(chars), i), at: at}
		}
	}
	if name, ok := key.(string); ok {
		return r.member(v, name, at)
	}
	return undefined{reason: fmt.Sprintf("the value of type %s has no such item", typeName(v)), at: at}
}

// index makes an index of Python, which may count from the end, one of Go.
func index(i int64, n int) (int, bool) {
	if i < 0 {
		i += int64(n)
	}
	return int(i), i >= 0 && i < int64(n)
}

func (e *sliceExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.value(e.of, s)
	if err != nil {
		return nil, err
	}
	var bounds [3]*int64
	for i, b := range e.bounds {
		if b == nil {
			continue
		}
		v, err := r.value(b, s)
		if err != nil {
			return nil, err
		}
		if v == nil {
			continue
		}
		n, _, isInt, ok := number(v)
		if !ok || !isInt {
			return nil, r.located(fmt.Errorf("the bounds of a slice are integers, and not %s", typeName(v)), b.position())
		}
		bounds[i] = &n
	}
	return r.slice(v, bounds)
}

// slice is v[start:end:step].
func (r *run) slice(v any, bounds [3]*int64) (any, error) {
	items, isString := v.(string)
	l, isList := v.(*list)
	var chars []rune
	n := 0
	switch {
	case isString:
		chars = []rune(items)
		n = len(chars)
	case isList:
		n = len(l.items)
	default:
		return nil, fmt.Errorf("a value of type %s can't be sliced", typeName(v))
	}
	if err := r.takeList(n); err != nil {
		return nil, err
	}
	indices, err := sliceIndices(bounds, int64(n))
	if err != nil {
		return nil, err
	}
	if isString {
		out := make([]rune, len(indices))
		for i, at := range indices {
			out[i] = chars[at]
		}
		return string(out), nil
	}
	out := make([]any, len(indices))
	for i, at := range indices {
		out[i] = l.items[at]
	}
	return &list{items: out, tuple: l.tuple}, nil
}

func sliceIndices(bounds [3]*int64, n int64) ([]int64, error) {
	step := int64(1)
	if bounds[2] != nil {
		step = *bounds[2]
	}
	if step == 0 {
		return nil, fmt.Errorf("the step of a slice can't be 0")
	}
	step = max(min(step, n+1), -n-1)
	low, high := int64(0), n
	if step < 0 {
		low, high = -1, n-1
	}
	clamp := func(b *int64, otherwise int64) int64 {
		if b == nil {
			return otherwise
		}
		i := *b
		if i < 0 {
			i += n
		}
		return max(low, min(high, i))
	}
	var out []int64
	if step > 0 {
		for i, end := clamp(bounds[0], low), clamp(bounds[1], high); i < end; i += step {
			out = append(out, i)
		}
		return out, nil
	}
	for i, end := clamp(bounds[0], high), clamp(bounds[1], low); i > end; i += step {
		out = append(out, i)
	}
	return out, nil
}

func (e *callExpr) eval(r *run, s *scope) (any, error) { return e.call(r, s, nil) }

// call calls with a caller, nil for none.
func (e *callExpr) call(r *run, s *scope, caller *macro) (any, error) {
	v, err := r.value(e.of, s)
	if err != nil {
		return nil, err
	}
	f, ok := v.(callable)
	if !ok {
		return nil, fmt.Errorf("a value of type %s can't be called", typeName(v))
	}
	a, err := e.arguments.eval(r, s)
	if err != nil {
		return nil, err
	}
	if caller != nil {
		a.named.setString("caller", caller)
	}
	return f.call(r, a)
}

func (e *filterExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.eval(e.of, s)
	if err != nil {
		return nil, err
	}
	return e.apply(r, s, v)
}

func (e *filterExpr) apply(r *run, s *scope, v any) (any, error) {
	a, err := e.arguments.eval(r, s)
	if err != nil {
		return nil, err
	}
	out, err := e.filter.call(r, v, a)
	if err != nil {
		return nil, r.located(fmt.Errorf("%s: %w", e.name, err), e.at)
	}
	return out, nil
}

func (e *testExpr) eval(r *run, s *scope) (any, error) {
	v, err := r.eval(e.of, s)
	if err != nil {
		return nil, err
	}
	a, err := e.arguments.eval(r, s)
	if err != nil {
		return nil, err
	}
	out, err := e.test.call(r, v, a)
	if err != nil {
		return nil, r.located(fmt.Errorf("%s: %w", e.name, err), e.at)
	}
	ok, err := truth(out)
	return ok != e.negated, err
}
