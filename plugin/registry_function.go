package plugin

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/gocty"
)

// Func offers a function of Go to expressions. It returns a result, or a result
// and an error. Strings, bools, numbers, slices, maps with string keys, structs
// with tags cty and [cty.Value] are what they are in a configuration; a pointer
// takes null, too.
//
// The parameters have the names and docs of those of the function, in their
// order. All else about them is known from its signature; the last of a
// variadic function is of any number of arguments.
func Func(name, doc string, f any, parameters ...Parameter) Offer {
	return func(r *Registry) {
		described, err := describe(reflect.TypeOf(f), parameters)
		if _, twice := r.functions[name]; err != nil || twice {
			r.problem("function "+name, err)
			return
		}
		described.Name, described.Doc = name, doc
		r.manifest.Functions = append(r.manifest.Functions, described)
		r.functions[name] = function{described, reflect.ValueOf(f)}
	}
}

// function is one of Go, and how expressions see it.
type function struct {
	Function
	call reflect.Value
}

// describe makes of a signature what expressions see of it.
func describe(t reflect.Type, parameters []Parameter) (Function, error) {
	var f Function
	switch {
	case t == nil || t.Kind() != reflect.Func:
		return f, fmt.Errorf("a %v can't be called", t)
	case t.NumIn() != len(parameters):
		return f, fmt.Errorf("%s takes %d arguments, and %d are described", t, t.NumIn(), len(parameters))
	case t.NumOut() == 0 || t.NumOut() > 2 || t.NumOut() == 2 && t.Out(1) != reflect.TypeFor[error]():
		return f, fmt.Errorf("%s has to return one result, or one and an error", t)
	}
	for i, p := range parameters {
		in := t.In(i)
		variadic := t.IsVariadic() && i == t.NumIn()-1
		if variadic {
			in = in.Elem()
		}
		var err error
		if p.Type, err = valueType(in); err != nil {
			return f, fmt.Errorf("the parameter %q: %w", p.Name, err)
		}
		p.AllowNull = in.Kind() == reflect.Pointer
		if variadic {
			f.Variadic = &p
		} else {
			f.Parameters = append(f.Parameters, p)
		}
	}
	var err error
	if f.Result, err = valueType(t.Out(0)); err != nil {
		return f, fmt.Errorf("the result: %w", err)
	}
	return f, nil
}

func valueType(t reflect.Type) (cty.Type, error) {
	if t.Kind() == reflect.Interface {
		return cty.NilType, fmt.Errorf("%s can be anything; a cty.Value can, too", t)
	}
	return gocty.ImpliedType(reflect.Zero(t).Interface())
}

// Call implements [Caller].
func (r *Registry) Call(_ context.Context, name string, args []cty.Value) (cty.Value, error) {
	f, ok := r.functions[name]
	if !ok {
		return cty.NilVal, fmt.Errorf("the provider %s has no function %q", r.manifest.Name, name)
	}
	if len(args) < len(f.Parameters) {
		return cty.NilVal, errors.New("there are too few arguments")
	}
	in := make([]reflect.Value, len(args))
	for i, arg := range args {
		p, ok := f.parameter(i)
		if !ok {
			return cty.NilVal, errors.New("there are too many arguments")
		}
		var err error
		if in[i], err = f.argument(i, arg); err != nil {
			return cty.NilVal, fmt.Errorf("the argument %s: %w", p.Name, err)
		}
	}
	out := f.call.Call(in)
	if len(out) == 2 && !out[1].IsNil() {
		return cty.NilVal, out[1].Interface().(error)
	}
	return gocty.ToCtyValue(out[0].Interface(), f.Result)
}

// argument makes the i-th argument of a value.
func (f function) argument(i int, v cty.Value) (reflect.Value, error) {
	t := f.call.Type()
	in := t.In(min(i, t.NumIn()-1))
	if i >= len(f.Parameters) {
		in = in.Elem() // of a variadic one
	}
	arg := reflect.New(in)
	err := gocty.FromCtyValue(v, arg.Interface())
	return arg.Elem(), err
}
