package eval

import (
	"cmp"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// forEachKnown says what an expression may name that for_each depends on.
const forEachKnown = "How many instances there are must be known when the configuration is loaded: by variables, facts, functions, and by locals and outputs of modules that are made of these."

// forEach evaluates the elements of a for_each, by their keys. It may name what
// is not known yet, as long as the elements don't depend on it: the keys of a
// module's instances are known, whatever the outputs come to.
func (s *scope) forEach(expr hcl.Expression) (map[string]cty.Value, hcl.Diagnostics) {
	lang.Bound(expr)
	r, diags := s.settled(expr.Variables(), false)
	if len(r.blocks) > 0 {
		diags = append(diags, forEachError(expr, "It refers to "+r.blocks[0].String()+". "+forEachKnown))
	}
	if isImpure(expr) {
		diags = append(diags, forEachError(expr, "It calls timestamp, plantimestamp, uuid or bcrypt, which answer only in a plan or an apply. "+forEachKnown))
	}
	if diags = append(diags, r.absences()...); diags.HasErrors() {
		return nil, diags
	}
	e := &evaluation{done: make(map[*binding]cty.Value)}
	var open *binding // that is not known yet
	for _, b := range r.bindings() {
		if b.isDynamic() {
			e.done[b], open = cty.DynamicVal, cmp.Or(open, b)
		}
	}
	v, diags := lang.Evaluate(expr, e.context(s, nil, r))
	if diags.HasErrors() {
		return nil, diags
	}
	if open != nil && !v.IsWhollyKnown() {
		return nil, append(diags, forEachError(expr, "It depends on "+open.name+", and so on "+open.awaited()+". "+forEachKnown))
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
	case v.IsMarked():
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

// awaited names what a dynamic binding has to wait for.
func (b *binding) awaited() string {
	if len(b.refs.all) > 0 {
		return b.refs.all[0].String()
	}
	return "timestamp, plantimestamp, uuid or bcrypt, which answer only in a plan or an apply"
}
