package eventexpr

import (
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

// hidden is what every output shows in place of a sensitive value.
const hidden = "(sensitive value)"

// memberName evaluates a key. It is empty for one that is not known yet.
func memberName(key hcl.Expression, ctx *hcl.EvalContext) (string, hcl.Diagnostics) {
	if mentionsEvent(key) {
		return "", invalidKey(key, "The name of a field must be the same for every event, so it can't refer to event.")
	}
	v, diags := lang.Evaluate(key, ctx)
	if diags.HasErrors() {
		return "", diags
	}
	v, _ = v.Unmark()
	name, err := convert.Convert(v, cty.String)
	switch {
	case err != nil || name.IsNull():
		return "", append(diags, invalidKey(key, "The name of a field must be a string.")...)
	case !name.IsKnown():
		return "", diags
	case name.AsString() == "":
		return "", append(diags, invalidKey(key, "The name of a field must not be empty.")...)
	}
	return name.AsString(), diags
}

func invalidKey(key hcl.Expression, detail string) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError,
		Summary:  "Invalid field name",
		Detail:   detail,
		Subject:  key.Range().Ptr(),
	}}
}

// constantMap makes expressions of an object that doesn't refer to the event,
// such as a local value. One that is not known yet has no members.
func constantMap(expr hcl.Expression, ctx *hcl.EvalContext) (event.ExprMap, hcl.Diagnostics) {
	v, diags := lang.Evaluate(expr, ctx)
	if diags.HasErrors() {
		return nil, diags
	}
	whole, marks := v.Unmark()
	if !whole.IsKnown() || whole.IsNull() {
		return nil, diags
	}
	if !whole.Type().IsObjectType() && !whole.Type().IsMapType() {
		return nil, append(diags, &hcl.Diagnostic{
			Severity: hcl.DiagError,
			Summary:  "Fields must be an object",
			Detail: fmt.Sprintf("Write the fields as in { name = event.user }. This is %s.",
				whole.Type().FriendlyName()),
			Subject: expr.Range().Ptr(),
		})
	}
	members := map[string]event.Expr{}
	for it := whole.ElementIterator(); it.Next(); {
		key, member := it.Element()
		name := key.AsString()
		value := fromCty(member)
		if len(marks) > 0 || member.ContainsMarked() {
			value = event.StringValue(hidden)
			diags = append(diags, sensitiveWarning(name, expr.Range()))
		}
		members[name] = event.Expr{Eval: constant(value)}
	}
	return sorted(members), diags
}

func sensitiveWarning(name string, subject hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagWarning,
		Summary:  "Sensitive value not put into events",
		Detail: fmt.Sprintf("The field %q is derived from a sensitive value. Events will have %q in its place; "+
			"use nonsensitive() if the value may leave this host.", name, hidden),
		Subject: subject.Ptr(),
	}
}

func sorted(members map[string]event.Expr) event.ExprMap {
	var list event.ExprMap
	for _, name := range slices.Sorted(maps.Keys(members)) {
		list = append(list, event.NamedExpr{Name: name, Expr: members[name]})
	}
	return list
}
