package console

import (
	"reflect"

	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// typeValue is the type of what the function type returns.
var typeValue = cty.Capsule("type", reflect.TypeFor[cty.Type]())

// TypeIn returns the type that v holds, where v is what the function type has
// returned.
func TypeIn(v cty.Value) (cty.Type, bool) {
	if v.Type() != typeValue || v.IsMarked() || !v.IsKnown() || v.IsNull() {
		return cty.NilType, false
	}
	return *v.EncapsulatedValue().(*cty.Type), true
}

// functions are those that only the console has.
func functions() map[string]function.Function {
	return map[string]function.Function{
		"type": function.New(&function.Spec{
			Description: "Returns the type of a value, to be shown.",
			Params: []function.Parameter{{
				Name: "value", Type: cty.DynamicPseudoType,
				AllowDynamicType: true, AllowMarked: true, AllowNull: true, AllowUnknown: true,
			}},
			Type: function.StaticReturnType(typeValue),
			Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
				t := args[0].Type()
				return cty.CapsuleVal(typeValue, &t).WithMarks(tellingMarks(args[0])), nil
			},
		}),
	}
}

// tellingMarks are the marks of those parts of a value whose type tells more
// than a schema would: the names of an object's attributes, or a number of
// elements.
func tellingMarks(v cty.Value) cty.ValueMarks {
	marks := make(cty.ValueMarks)
	cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) { //nolint:errcheck // the callback has none
		if part.IsMarked() && isTelling(part.Type()) {
			for mark := range part.Marks() {
				marks[mark] = struct{}{}
			}
		}
		return true, nil
	})
	return marks
}

func isTelling(t cty.Type) bool {
	switch {
	case t.IsObjectType() || t.IsTupleType():
		return true
	case t.IsCollectionType():
		return isTelling(t.ElementType())
	}
	return false
}
