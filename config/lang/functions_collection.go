package lang

import (
	"errors"
	"fmt"
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// allTrue and anyTrue take a null for false.
var (
	allTrue = boolsFunc(func(list []cty.Value) cty.Value {
		for _, v := range list {
			switch {
			case !v.IsKnown():
				return cty.UnknownVal(cty.Bool)
			case v.IsNull() || v.False():
				return cty.False
			}
		}
		return cty.True
	})
	anyTrue = boolsFunc(func(list []cty.Value) cty.Value {
		answer := cty.False
		for _, v := range list {
			switch {
			case !v.IsKnown():
				answer = cty.UnknownVal(cty.Bool)
			case !v.IsNull() && v.True():
				return cty.True
			}
		}
		return answer
	})
)

func boolsFunc(f func([]cty.Value) cty.Value) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "list", Type: cty.List(cty.Bool)}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return f(args[0].AsValueSlice()), nil },
	})
}

// coalesce also skips empty strings, where the result is a string.
var coalesce = function.New(&function.Spec{
	VarParam: &function.Parameter{
		Name: "values", Type: cty.DynamicPseudoType, AllowUnknown: true, AllowDynamicType: true, AllowNull: true,
	},
	Type: func(args []cty.Value) (cty.Type, error) {
		types := make([]cty.Type, len(args))
		for i, v := range args {
			types[i] = v.Type()
		}
		t, _ := convert.UnifyUnsafe(types)
		if t == cty.NilType {
			return cty.NilType, errors.New("all arguments must have the same type")
		}
		return t, nil
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		for _, arg := range args {
			v, err := convert.Convert(arg, t)
			switch {
			case err != nil:
				return cty.NilVal, err
			case !v.IsKnown():
				return cty.UnknownVal(t), nil
			case v.IsNull() || t == cty.String && v.AsString() == "":
				continue
			}
			return v, nil
		}
		return cty.NilVal, errors.New("there is no argument that is neither null nor an empty string")
	},
})

// index is the position of an element, where the function of that name in the
// standard library returns the element at a position.
var index = function.New(&function.Spec{
	Params: dynamicParams("list", "value"),
	Type: func(args []cty.Value) (cty.Type, error) {
		if t := args[0].Type(); !t.IsListType() && !t.IsTupleType() {
			return cty.NilType, function.NewArgErrorf(0, "a list or a tuple is required")
		}
		return cty.Number, nil
	},
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		for it := args[0].ElementIterator(); it.Next(); {
			i, v := it.Element()
			same, err := stdlib.Equal(v, args[1])
			switch {
			case err != nil:
				return cty.NilVal, err
			case !same.IsKnown():
				return cty.UnknownVal(cty.Number), nil
			case same.True():
				return i, nil
			}
		}
		return cty.NilVal, errors.New("the list doesn't hold the value")
	},
})

// contains refuses null, of which the standard library says that it isn't
// known whether the list holds it.
var contains = function.New(&function.Spec{
	Params: dynamicParams("list", "value"),
	Type:   func(args []cty.Value) (cty.Type, error) { return stdlib.ContainsFunc.ReturnTypeForValues(args) },
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return stdlib.ContainsFunc.Call(args) },
})

func dynamicParams(names ...string) []function.Parameter {
	out := make([]function.Parameter, len(names))
	for i, name := range names {
		out[i] = function.Parameter{Name: name, Type: cty.DynamicPseudoType}
	}
	return out
}

// lookup is given marks: what lies beside a secret in a map is none.
var lookup = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "map", Type: cty.DynamicPseudoType, AllowMarked: true},
		{Name: "key", Type: cty.String, AllowMarked: true},
	},
	VarParam: &function.Parameter{
		Name: "default", Type: cty.DynamicPseudoType,
		AllowUnknown: true, AllowDynamicType: true, AllowNull: true, AllowMarked: true,
	},
	Type: lookupType,
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		m, _ := args[0].Unmark() // marks of the whole arguments are looked after
		key, _ := args[1].Unmark()
		v, err := lookUp(m, key, args[2:])
		if err != nil {
			return cty.NilVal, err
		}
		return convert.Convert(v, t)
	},
})

func lookupType(args []cty.Value) (cty.Type, error) {
	if len(args) > 3 {
		return cty.NilType, function.NewArgErrorf(3, "lookup takes a map, a key and at most one default")
	}
	t := args[0].Type()
	key, _ := args[1].Unmark()
	switch {
	case t.IsObjectType() && !key.IsKnown():
		return cty.DynamicPseudoType, nil
	case t.IsObjectType() && t.HasAttribute(key.AsString()):
		return t.AttributeType(key.AsString()), nil
	case t.IsObjectType() && len(args) == 3:
		return args[2].Type(), nil
	case t.IsObjectType():
		return cty.DynamicPseudoType, nil
	case !t.IsMapType():
		return cty.NilType, function.NewArgErrorf(0, "a map or an object is required")
	case len(args) == 3:
		if _, err := convert.Convert(args[2], t.ElementType()); err != nil {
			return cty.NilType, function.NewArgErrorf(2, "the default must have the type of the elements: %w", err)
		}
	}
	return t.ElementType(), nil
}

func lookUp(m, key cty.Value, rest []cty.Value) (cty.Value, error) {
	name := key.AsString()
	switch {
	case m.Type().IsObjectType() && m.Type().HasAttribute(name):
		return m.GetAttr(name), nil
	case m.Type().IsMapType() && m.HasIndex(key).True():
		return m.Index(key), nil
	case len(rest) > 0:
		return rest[0], nil
	}
	return cty.NilVal, fmt.Errorf("there is no element with the key %q, and no default", name)
}

var one = function.New(&function.Spec{
	Params: dynamicParams("list"),
	Type: func(args []cty.Value) (cty.Type, error) {
		t := args[0].Type()
		switch {
		case t.IsListType() || t.IsSetType():
			return t.ElementType(), nil
		case t.IsTupleType() && len(t.TupleElementTypes()) == 0:
			return cty.DynamicPseudoType, nil
		case t.IsTupleType() && len(t.TupleElementTypes()) == 1:
			return t.TupleElementType(0), nil
		}
		return cty.NilType, errNotOne
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if n := args[0].Length(); !n.IsKnown() { // of a set with unknown elements
			return cty.UnknownVal(t), nil
		}
		switch elements := args[0].AsValueSlice(); len(elements) {
		case 0:
			return cty.NullVal(t), nil
		case 1:
			return elements[0], nil
		}
		return cty.NilVal, errNotOne
	},
})

var errNotOne = function.NewArgErrorf(0, "a list, a set or a tuple with at most one element is required")

var sum = function.New(&function.Spec{
	Params: dynamicParams("list"),
	Type:   function.StaticReturnType(cty.Number),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		t := args[0].Type()
		if !t.IsListType() && !t.IsSetType() && !t.IsTupleType() {
			return cty.NilVal, function.NewArgErrorf(0, "a list, a set or a tuple of numbers is required")
		}
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(cty.Number), nil
		}
		elements := args[0].AsValueSlice()
		if len(elements) == 0 {
			return cty.NilVal, function.NewArgErrorf(0, "an empty list has no sum")
		}
		total := cty.Zero
		for _, v := range elements {
			n, err := convert.Convert(v, cty.Number)
			if err != nil || n.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "a list, a set or a tuple of numbers is required")
			}
			if err := checkNumber(n); err != nil {
				return cty.NilVal, err
			}
			total = total.Add(n)
		}
		return total, nil
	},
})

var transpose = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "values", Type: cty.Map(cty.List(cty.String))}},
	Type:   function.StaticReturnType(cty.Map(cty.List(cty.String))),
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(t), nil
		}
		keys := make(map[string][]cty.Value)
		for it := args[0].ElementIterator(); it.Next(); {
			key, list := it.Element()
			if list.IsNull() {
				return cty.NilVal, function.NewArgErrorf(0, "the list of %q is null", key.AsString())
			}
			for _, v := range list.AsValueSlice() {
				if v.IsNull() {
					return cty.NilVal, function.NewArgErrorf(0, "the list of %q holds a null", key.AsString())
				}
				keys[v.AsString()] = append(keys[v.AsString()], key)
			}
		}
		if len(keys) == 0 {
			return cty.MapValEmpty(cty.List(cty.String)), nil
		}
		out := make(map[string]cty.Value, len(keys))
		for v, list := range keys {
			out[v] = cty.ListVal(slices.Clip(list))
		}
		return cty.MapVal(out), nil
	},
})
