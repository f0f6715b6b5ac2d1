package lang

import (
	"slices"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

func markParam() []function.Parameter {
	return []function.Parameter{{
		Name: "value", Type: cty.DynamicPseudoType,
		AllowUnknown: true, AllowNull: true, AllowMarked: true, AllowDynamicType: true,
	}}
}

func sameType(args []cty.Value) (cty.Type, error) { return args[0].Type(), nil }

var sensitive = function.New(&function.Spec{
	Params: markParam(),
	Type:   sameType,
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return args[0].Mark(Sensitive), nil },
})

var nonsensitive = function.New(&function.Spec{
	Params: markParam(),
	Type:   sameType,
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		v, _ := args[0].UnmarkDeep()
		return v, nil
	},
})

var isSensitive = function.New(&function.Spec{
	Params: markParam(),
	Type:   function.StaticReturnType(cty.Bool),
	Impl:   func(args []cty.Value, _ cty.Type) (cty.Value, error) { return cty.BoolVal(IsSensitive(args[0])), nil },
})

// careful makes a function whose result has the marks of its arguments, and
// where it is not wholly known of all that is in them: a function that looks
// after marks itself may end early, without them.
func careful(f function.Function) function.Function {
	return delegate(&function.Spec{
		Params:   f.Params(),
		VarParam: f.VarParam(),
		Type:     f.ReturnTypeForValues,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			v, err := f.Call(args)
			if err != nil {
				return v, err
			}
			known := v.IsWhollyKnown()
			for _, arg := range args {
				_, marks := arg.Unmark()
				if !known {
					_, marks = arg.UnmarkDeep()
				}
				v = v.WithMarks(marks)
			}
			return v, nil
		},
	})
}

// looksAfterMarks reports whether a function is given marks.
func looksAfterMarks(f function.Function) bool {
	params := f.Params()
	if v := f.VarParam(); v != nil {
		params = append(params, *v)
	}
	return slices.ContainsFunc(params, func(p function.Parameter) bool { return p.AllowMarked })
}
