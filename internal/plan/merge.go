package plan

import (
	"slices"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// merge makes the changes of the tasks of one path, planned one after the
// other, a single change, and returns which of the tasks applies it: the last
// one with something to apply. A no-op after it leaves the path as it is; a
// no-op that has a payload can stand for those before it.
func merge(changes []plugin.Change) (merged plugin.Change, applier int) {
	if len(changes) == 1 {
		return changes[0], 0
	}
	applier = len(changes) - 1
	for applier > 0 && changes[applier].Action == plugin.NoOp && changes[applier].Payload == nil {
		applier--
	}
	merged = changes[applier]
	merged.Action = mergedAction(changes)
	merged.Before = changes[max(firstChanging(changes), 0)].Before
	merged.Text = mergedText(changes)
	merged.Fidelity = plugin.Exact
	merged.Reasons, merged.Warnings, merged.Findings = nil, nil, nil
	for _, c := range changes {
		merged.Fidelity = lessSure(merged.Fidelity, c.Fidelity)
		merged.Reasons = union(merged.Reasons, c.Reasons)
		merged.Warnings = union(merged.Warnings, c.Warnings)
		merged.Findings = append(merged.Findings, c.Findings...)
	}
	if merged.Action == plugin.NoOp {
		// What one did the others undo, so there is nothing to tell.
		merged.Before, merged.Reasons, merged.Warnings = merged.After, nil, nil
	}
	return merged, applier
}

func firstChanging(changes []plugin.Change) int {
	return slices.IndexFunc(changes, func(c plugin.Change) bool { return c.Action != plugin.NoOp })
}

func lastChanging(changes []plugin.Change) int {
	for i, c := range slices.Backward(changes) {
		if c.Action != plugin.NoOp {
			return i
		}
	}
	return -1
}

// mergedAction compares the path before the first and after the last change.
func mergedAction(changes []plugin.Change) plugin.Action {
	first := firstChanging(changes)
	if first < 0 {
		return plugin.NoOp
	}
	missing := changes[first].Action == plugin.Create
	gone := changes[lastChanging(changes)].Action == plugin.Delete
	isReplaced := func(c plugin.Change) bool { return c.Action == plugin.Replace }
	switch {
	case missing && gone:
		return plugin.NoOp
	case missing:
		return plugin.Create
	case gone:
		return plugin.Delete
	case comesBack(changes):
		return plugin.NoOp
	case slices.ContainsFunc(changes, isReplaced):
		return plugin.Replace
	}
	return plugin.Update
}

// comesBack reports whether the last task leaves the path as the first one
// found it. The state of the path is in the attributes that all types have and
// one of the changes changes; what an attribute says of the content is in the
// text. Of what was deleted on the way there is none to compare with.
func comesBack(changes []plugin.Change) bool {
	deleted := slices.ContainsFunc(changes, func(c plugin.Change) bool { return c.Action == plugin.Delete })
	if t := mergedText(changes); t != nil && !deleted && (t.Unknown || string(t.Before) != string(t.After)) {
		return false
	}
	first, last := changes[0].Before, changes[len(changes)-1].After
	for _, name := range differing(changes) {
		was, is := attr(first, name), attr(last, name)
		if !was.IsWhollyKnown() || !was.RawEquals(is) {
			return false
		}
	}
	return true
}

func differing(changes []plugin.Change) []string {
	var names []string
	for name := range changes[0].After.Type().AttributeTypes() {
		isDeclared := func(c plugin.Change) bool {
			return !c.After.Type().HasAttribute(name) || c.Text != nil && c.Text.Attribute == name
		}
		if !slices.ContainsFunc(changes, isDeclared) && slices.ContainsFunc(changes, func(c plugin.Change) bool { return differs(c, name) }) {
			names = append(names, name)
		}
	}
	return names
}

// differs reports whether a change changes an attribute. One that makes
// something anew has all attributes, also those that are no state.
func differs(c plugin.Change, name string) bool {
	return !c.Before.IsNull() && !attr(c.Before, name).RawEquals(attr(c.After, name))
}

// attr is an attribute of an object that may be null.
func attr(object cty.Value, name string) cty.Value {
	if object.IsNull() {
		return cty.NullVal(object.Type().AttributeType(name))
	}
	return object.GetAttr(name)
}

// mergedText is the content before the first and after the last task that
// says anything of it.
func mergedText(changes []plugin.Change) *plugin.Text {
	var merged *plugin.Text
	for _, c := range changes {
		switch {
		case c.Text == nil:
		case merged == nil:
			text := *c.Text
			merged = &text
		default:
			merged.Attribute, merged.After, merged.Unknown = c.Text.Attribute, c.Text.After, c.Text.Unknown
		}
	}
	return merged
}

func lessSure(a, b plugin.Fidelity) plugin.Fidelity {
	order := []plugin.Fidelity{plugin.Exact, plugin.Predicted, plugin.Opaque, plugin.KnownAfterApply}
	if slices.Index(order, b) > slices.Index(order, a) {
		return b
	}
	return a
}

func union(a, b []string) []string {
	for _, s := range b {
		if !slices.Contains(a, s) {
			a = append(a, s)
		}
	}
	return a
}
