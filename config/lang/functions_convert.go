package lang

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// conversion makes tostring and its kin.
func conversion(to string) function.Function {
	target := map[string]cty.Type{
		"string": cty.String, "number": cty.Number, "bool": cty.Bool,
		"list": cty.List(cty.DynamicPseudoType), "set": cty.Set(cty.DynamicPseudoType), "map": cty.Map(cty.DynamicPseudoType),
	}[to]
	return function.New(&function.Spec{
		Params: []function.Parameter{{
			Name: "value", Type: cty.DynamicPseudoType, AllowNull: true, AllowMarked: true, AllowDynamicType: true,
		}},
		Type: func(args []cty.Value) (cty.Type, error) {
			if args[0].Type().Equals(target) {
				return target, nil
			}
			if v, err := Convert(args[0], target); err == nil {
				return v.Type(), nil
			}
			return cty.DynamicPseudoType, function.NewArgErrorf(0, "cannot convert %s to %s", args[0].Type().FriendlyName(), to)
		},
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return Convert(args[0], target)
		},
	})
}
