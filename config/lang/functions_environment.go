package lang

import (
	"os"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

var environment = function.New(&function.Spec{
	Params:   params("name"),
	VarParam: &function.Parameter{Name: "default", Type: cty.String, AllowNull: true},
	Type:     function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		if value, ok := os.LookupEnv(args[0].AsString()); ok {
			return cty.StringVal(value), nil
		}
		switch len(args) {
		case 1:
			return cty.UnknownVal(cty.String), function.NewArgErrorf(0, "the environment has no variable %s; set it, or give a default as the second argument", args[0].AsString())
		case 2:
			return args[1], nil
		}
		return cty.UnknownVal(cty.String), function.NewArgErrorf(2, "env takes a name and at most one default")
	},
})
