package eval

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// forEach evaluates the elements of a for_each, by their keys.
func (s *scope) forEach(expr hcl.Expression) (map[string]cty.Value, hcl.Diagnostics) {
	lang.Bound(expr)
	r, diags := s.settled(expr.Variables(), false)
	if !r.isStatic() {
		diags = append(diags, forEachError(expr, "It refers to a block, or to a local that does or that calls timestamp, plantimestamp, uuid or bcrypt. What for_each names must be known when the configuration is loaded: variables, locals and functions."))
	}
	if isImpure(expr) {
		diags = append(diags, forEachError(expr, "It calls timestamp, plantimestamp, uuid or bcrypt. What for_each names must be known when the configuration is loaded, and these answer only in a plan or an apply."))
	}
	if diags.HasErrors() {
		return nil, diags
	}
	ctx, _ := s.context(nil, r, nil)
	v, diags := lang.Evaluate(expr, ctx)
	if diags.HasErrors() {
		return nil, diags
	}
	elements, problem := forEachElements(v)
	if problem != "" {
		return nil, append(diags, forEachError(expr, problem))
	}
	return elements, diags
}

func forEachElements(v cty.Value) (elements map[string]cty.Value, problem string) {
	t := v.Type()
	switch {
	case lang.IsSensitive(v):
		return nil, "The value is sensitive, and the keys would show it in addresses."
	case !v.IsWhollyKnown():
		return nil, "" // what made it so was reported there
	case v.IsNull():
		return nil, "The value is null. Leave for_each out, or give it an empty map."
	case t.IsMapType() || t.IsObjectType():
		return v.AsValueMap(), ""
	case t.IsSetType() && (t.ElementType() == cty.String || v.LengthInt() == 0):
		return setElements(v)
	case t.IsListType() || t.IsTupleType():
		return nil, "A map or a set of strings is required, not a " + t.FriendlyName() + ". A list of strings becomes a set with toset()."
	}
	return nil, "A map or a set of strings is required, not a " + t.FriendlyName() + "."
}

func setElements(v cty.Value) (elements map[string]cty.Value, problem string) {
	elements = make(map[string]cty.Value, v.LengthInt())
	for it := v.ElementIterator(); it.Next(); {
		_, e := it.Element()
		if e.IsNull() {
			return nil, "The set holds a null."
		}
		elements[e.AsString()] = e
	}
	return elements, ""
}

func forEachError(expr hcl.Expression, detail string) *hcl.Diagnostic {
	return errorf(expr.Range(), "Invalid for_each", "%s", detail)
}
