package lang

import (
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
)

// Convert is [convert.Convert], which compares the types of all elements of a
// tuple with each other to find one for a list or set of any type: 60,000
// elements take it a minute. Where all have one type, there is nothing to find.
func Convert(v cty.Value, t cty.Type) (cty.Value, error) {
	plain, marks := v.Unmark()
	if (t.IsListType() || t.IsSetType()) && isUniform(plain.Type()) && plain.IsKnown() && !plain.IsNull() {
		v = cty.ListVal(plain.AsValueSlice()).WithMarks(marks)
	}
	return convert.Convert(v, t)
}

// isUniform reports whether all elements of a tuple have one type, and so can
// be a list. Where the type is of any element, they can't tell.
func isUniform(t cty.Type) bool {
	if !t.IsTupleType() || t.Length() == 0 {
		return false
	}
	elements := t.TupleElementTypes()
	for _, e := range elements {
		if e.HasDynamicTypes() || !e.Equals(elements[0]) {
			return false
		}
	}
	return true
}
