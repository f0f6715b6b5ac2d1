package lang

import (
	"errors"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
)

// known is a set of wholly known values of one type. The functions of the
// standard library compare each element with each other instead, which takes
// minutes for what a value may hold.
type known map[int][]cty.Value

func (k known) has(v cty.Value) bool {
	for _, other := range k[v.Hash()] {
		if other.RawEquals(v) {
			return true
		}
	}
	return false
}

func (k known) add(v cty.Value) { k[v.Hash()] = append(k[v.Hash()], v) }

var distinct = function.New(&function.Spec{
	Params: []function.Parameter{{Name: "list", Type: cty.List(cty.DynamicPseudoType)}},
	Type:   sameType,
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if !args[0].IsWhollyKnown() {
			return cty.UnknownVal(t), nil
		}
		seen := known{}
		var out []cty.Value
		for _, v := range args[0].AsValueSlice() {
			if !seen.has(v) {
				seen.add(v)
				out = append(out, v)
			}
		}
		return listOf(t, out), nil
	},
})

func listOf(t cty.Type, elements []cty.Value) cty.Value {
	if len(elements) == 0 {
		return cty.ListValEmpty(t.ElementType())
	}
	return cty.ListVal(elements)
}

var matchKeys = function.New(&function.Spec{
	Params: []function.Parameter{
		{Name: "values", Type: cty.List(cty.DynamicPseudoType)},
		{Name: "keys", Type: cty.List(cty.DynamicPseudoType)},
		{Name: "searchset", Type: cty.List(cty.DynamicPseudoType)},
	},
	Type: func(args []cty.Value) (cty.Type, error) {
		if t, _ := convert.UnifyUnsafe([]cty.Type{args[1].Type(), args[2].Type()}); t == cty.NilType {
			return cty.NilType, errors.New("the keys and what is searched for must have the same type")
		}
		return args[0].Type(), nil
	},
	Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
		if !args[1].IsWhollyKnown() || !args[2].IsWhollyKnown() {
			return cty.UnknownVal(t), nil
		}
		values, keys := args[0].AsValueSlice(), args[1].AsValueSlice()
		if len(values) != len(keys) {
			return cty.NilVal, errors.New("there must be as many keys as values")
		}
		unified, _ := convert.UnifyUnsafe([]cty.Type{args[1].Type(), args[2].Type()})
		wanted := known{}
		for _, v := range args[2].AsValueSlice() {
			converted, err := convert.Convert(v, unified.ElementType())
			if err != nil {
				return cty.NilVal, function.NewArgError(2, err)
			}
			wanted.add(converted)
		}
		var out []cty.Value
		for i, v := range keys {
			key, err := convert.Convert(v, unified.ElementType())
			if err != nil {
				return cty.NilVal, function.NewArgError(1, err)
			}
			if wanted.has(key) {
				out = append(out, values[i])
			}
		}
		return listOf(t, out), nil
	},
})
