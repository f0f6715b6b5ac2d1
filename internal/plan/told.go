package plan

import "github.com/zclconf/go-cty/cty"

// told is an attribute of what a task tells of a finding, [cty.NilVal] where it
// doesn't: a part of it may be missing, or be something else.
func told(v cty.Value, name string) cty.Value {
	if v == cty.NilVal || !v.Type().IsObjectType() || !v.IsKnown() || v.IsNull() || !v.Type().HasAttribute(name) {
		return cty.NilVal
	}
	if v = v.GetAttr(name); !v.IsKnown() || v.IsNull() {
		return cty.NilVal
	}
	return v
}

func toldText(v cty.Value, name string) string {
	if v = told(v, name); v == cty.NilVal || v.Type() != cty.String {
		return ""
	}
	return v.AsString()
}

func toldNumber(v cty.Value, name string) int {
	if v = told(v, name); v == cty.NilVal || v.Type() != cty.Number {
		return 0
	}
	n, _ := v.AsBigFloat().Int64()
	return int(n)
}

func toldList(v cty.Value, name string) []cty.Value {
	if v = told(v, name); v == cty.NilVal || !v.CanIterateElements() {
		return nil
	}
	return v.AsValueSlice()
}
