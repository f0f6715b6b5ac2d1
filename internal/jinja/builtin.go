package jinja

import (
	"errors"
	"fmt"
)

// builtin is a filter or a test.
type builtin struct {
	params []param
	// lenient says that the value may be undefined.
	lenient bool
	// constant says that its time does not grow with the value.
	constant bool
	// rest says that more arguments may follow those of params.
	rest bool
	// named says that arguments with other names may follow.
	named bool
	f     func(r *run, v any, a args) (any, error)
}

// param is a parameter after the value itself.
type param struct {
	name     string
	value    any // the default
	required bool
}

func need(name string) param           { return param{name: name, required: true} }
func opt(name string, value any) param { return param{name: name, value: value} }

// args are the arguments of a built-in, by the index of their parameters.
type args struct {
	values []any
	given  []bool
	rest   []any
	named  *dict
}

// call checks the arguments and calls.
func (b builtin) call(r *run, v any, p passed) (any, error) {
	if !b.lenient {
		if err := defined(v); err != nil {
			return nil, err
		}
	}
	a, err := bind(b.params, b.rest, b.named, p)
	if err != nil {
		return nil, err
	}
	if !b.constant {
		err = r.payForInput(v)
	}
	if err != nil {
		return nil, err
	}
	return b.f(r, v, a)
}

// payForInput accounts for going through a value once.
func (r *run) payForInput(v any) error {
	switch v := v.(type) {
	case string:
		return r.step(1 + len(v)/64)
	case *list:
		return r.step(1 + len(v.items)/8)
	case *dict:
		return r.step(1 + v.len()/8)
	}
	return r.step(1)
}

// bind puts arguments in the order of the parameters.
func bind(params []param, rest, named bool, p passed) (args, error) {
	a := args{values: make([]any, len(params)), given: make([]bool, len(params)), named: newDict()}
	for i, param := range params {
		a.values[i] = param.value
	}
	for i, v := range p.positional {
		if i >= len(params) {
			if !rest {
				return a, fmt.Errorf("it takes %d arguments, and %d are given", len(params), len(p.positional))
			}
			a.rest = p.positional[i:]
			break
		}
		a.values[i], a.given[i] = v, true
	}
	if p.named != nil {
		if err := a.bindNamed(params, named, p.named); err != nil {
			return a, err
		}
	}
	for i, param := range params {
		if param.required && !a.given[i] {
			return a, fmt.Errorf("it needs the argument %q", param.name)
		}
	}
	return a, nil
}

func (a *args) bindNamed(params []param, named bool, from *dict) error {
	for _, e := range from.entries {
		name := e.key.(string)
		i := 0
		for i < len(params) && params[i].name != name {
			i++
		}
		switch {
		case i < len(params) && a.given[i]:
			return fmt.Errorf("the argument %q is given twice", name)
		case i < len(params):
			a.values[i], a.given[i] = e.value, true
		case named:
			a.named.setString(name, e.value)
		default:
			names := make([]string, len(params))
			for i, p := range params {
				names[i] = p.name
			}
			return fmt.Errorf("it has no argument %q%s", name, suggestOne(name, names))
		}
	}
	return nil
}

// any returns an argument that is defined.
func (a args) any(i int) (any, error) { return a.values[i], defined(a.values[i]) }

// string returns an argument as str() makes a string of it.
func (a args) string(r *run, i int) (string, error) {
	v, err := a.any(i)
	if err != nil {
		return "", err
	}
	return r.text(v)
}

// int returns an argument that is an integer.
func (a args) int(i int) (int, error) {
	v, err := a.any(i)
	if err != nil {
		return 0, err
	}
	return asInt(v)
}

// bool returns whether an argument is true.
func (a args) bool(i int) (bool, error) { return truth(a.values[i]) }

// errWantInt is shared by all that take an integer.
var errWantInt = errors.New("an integer is needed")

// maxArgument bounds integers that say how many of something.
const maxArgument = 1 << 31

func asInt(v any) (int, error) {
	n, _, isInt, ok := number(v)
	if !ok || !isInt {
		return 0, fmt.Errorf("%w, and not a value of type %s", errWantInt, typeName(v))
	}
	if n > maxArgument || n < -maxArgument {
		return 0, fmt.Errorf("the integer %d is too large here", n)
	}
	return int(n), nil
}

// asList returns the elements of a value that is a list, or of what else can
// be iterated over.
func (r *run) asList(v any) ([]any, error) {
	if err := defined(v); err != nil {
		return nil, err
	}
	return r.iterate(v)
}
