package terraform

import (
	"slices"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/driftless-hq/driftless/plugin"
)

// verdict is what is said of a stack.
type verdict string

// From the best to the worst.
const (
	clean          verdict = "clean"
	unapplied      verdict = "unapplied" // none of it was ever applied
	waiting        verdict = "pending"
	drifted        verdict = "drifted"
	driftedPending verdict = "drifted_pending"
	locked         verdict = "locked"
	stale          verdict = "stale" // not to be checked for a long time
	errored        verdict = "error"
)

// severity orders the verdicts.
var severity = map[verdict]int{clean: 0, unapplied: 1, waiting: 2, drifted: 3, driftedPending: 4, locked: 5, stale: 6, errored: 7}

// and is the verdict of a stack for which drifted or pending holds as well.
func (v verdict) and(other verdict) verdict {
	switch v {
	case clean, other:
		return other
	case unapplied:
		return v
	}
	return driftedPending
}

// entry is one resource that differs, for one of the two reasons. A resource
// that differs for both has two entries.
type entry struct {
	address    string
	class      class
	action     plugin.Action
	attributes []attribute
}

// classified is what differs in a plan.
type classified struct {
	entries  []entry
	accepted int // resources that moved, but need no change
	noise    int // resources that are only written in another way
}

// classify finds what differs and why. A normal plan holds both answers:
// resource_drift is how the real world moved away from the state, and
// resource_changes is what an apply would do about that and about new code.
func classify(plan *tfjson.Plan, taint taint, d differ) classified {
	moved := make(map[string]*tfjson.Change, len(plan.ResourceDrift))
	for _, resource := range plan.ResourceDrift {
		if resource.Change != nil {
			moved[resource.Address] = resource.Change
		}
	}
	var found classified
	for _, resource := range plan.ResourceChanges {
		change := resource.Change
		// Drift is listed under the address that the object had before.
		drifted := moved[resource.Address]
		if drifted == nil && resource.PreviousAddress != "" {
			drifted = moved[resource.PreviousAddress]
		}
		if change == nil || change.Actions.Read() || change.Actions.NoOp() && change.Importing == nil {
			// An object that moved, but needs no change, was ignored by the
			// code (ignore_changes), or the code agrees with the real world.
			if drifted != nil {
				found.accepted++
			}
			continue
		}
		found.add(taint.String(resource.Address), drifted, change, d)
	}
	return found
}

// classifyRefresh finds what differs in a plan that looks at nothing but the
// real world.
func classifyRefresh(plan *tfjson.Plan, taint taint, d differ) classified {
	var found classified
	for _, resource := range plan.ResourceDrift {
		if change := resource.Change; change != nil {
			found.add(taint.String(resource.Address), change, asPlanned(change), d)
		}
	}
	return found
}

// asPlanned is the change that would undo a drift.
func asPlanned(drift *tfjson.Change) *tfjson.Change {
	undo := &tfjson.Change{
		Actions: tfjson.Actions{tfjson.ActionUpdate}, Before: drift.After, After: drift.Before,
		BeforeSensitive: drift.AfterSensitive, AfterSensitive: drift.BeforeSensitive,
	}
	if drift.Actions.Delete() {
		undo.Actions = tfjson.Actions{tfjson.ActionCreate}
	}
	return undo
}

// add adds what differs of one resource.
func (c *classified) add(address string, moved, change *tfjson.Change, d differ) {
	action := actionOf(change.Actions)
	switch {
	case moved != nil && moved.Actions.Delete() && change.Actions.Create():
		c.entries = append(c.entries, entry{address: address, class: drift, action: plugin.Delete})
		return
	case change.Actions.Create(), change.Actions.Delete(), change.Actions.Forget():
		c.entries = append(c.entries, entry{address: address, class: pending, action: action})
		return
	}
	found := compare(moved, change, &d)
	if d.noise && action == plugin.Update && !slices.ContainsFunc(found, func(a attribute) bool { return a.class != effect }) {
		c.noise++
		return
	}
	c.entries = append(c.entries, entriesOf(address, moved, action, found)...)
}

// entriesOf makes an entry of the attributes of each class.
func entriesOf(address string, moved *tfjson.Change, action plugin.Action, found []attribute) []entry {
	byClass := map[class][]attribute{}
	for _, a := range found {
		byClass[a.class] = append(byClass[a.class], a)
	}
	var entries []entry
	for _, c := range []class{drift, both, pending} {
		if len(byClass[c]) == 0 {
			continue
		}
		e := entry{address: address, class: c, action: action, attributes: byClass[c]}
		if c == drift {
			e.action = actionOf(moved.Actions)
		}
		entries = append(entries, e)
	}
	if len(entries) > 0 {
		return entries
	}
	// Nothing but what follows from other changes, or a replacement that no
	// attribute explains, such as of a tainted object.
	if moved != nil {
		return []entry{{address: address, class: drift, action: actionOf(moved.Actions), attributes: found}}
	}
	return []entry{{address: address, class: pending, action: action, attributes: found}}
}

func compare(moved, change *tfjson.Change, d *differ) []attribute {
	s := sides{
		state: change.Before, real: change.Before, want: change.After, unknown: change.AfterUnknown,
		marks: [3]any{change.BeforeSensitive, change.BeforeSensitive, change.AfterSensitive},
	}
	if moved != nil {
		s.state, s.marks[0] = moved.Before, moved.BeforeSensitive
	}
	d.walk("", s)
	return d.found
}

// actionOf takes an action that isn't known yet for an update: it is a change.
func actionOf(actions tfjson.Actions) plugin.Action {
	switch {
	case actions.Replace():
		return plugin.Replace
	case actions.Create():
		return plugin.Create
	case actions.Delete():
		return plugin.Delete
	case actions.Forget():
		return plugin.Forget
	}
	return plugin.Update
}

// neverApplied reports whether a stack has no object in its state, but some in
// its code.
func neverApplied(plan *tfjson.Plan, entries []entry) bool {
	for _, e := range entries {
		if e.class != pending || e.action != plugin.Create {
			return false
		}
	}
	if len(entries) == 0 {
		return false
	}
	return plan.PriorState == nil || plan.PriorState.Values == nil || !holdsManaged(plan.PriorState.Values.RootModule)
}

func holdsManaged(module *tfjson.StateModule) bool {
	if module == nil {
		return false
	}
	for _, resource := range module.Resources {
		if resource.Mode == tfjson.ManagedResourceMode {
			return true
		}
	}
	return slices.ContainsFunc(module.ChildModules, holdsManaged)
}

// judge counts the resources of each class and makes the verdict.
func judge(entries []entry) (v verdict, driftedResources, pendingResources int) {
	moved, wanted := map[string]bool{}, map[string]bool{}
	for _, e := range entries {
		if e.class == drift || e.class == both {
			moved[e.address] = true
		}
		if e.class == pending || e.class == both {
			wanted[e.address] = true
		}
	}
	v = clean
	switch {
	case len(moved) > 0 && len(wanted) > 0:
		v = driftedPending
	case len(moved) > 0:
		v = drifted
	case len(wanted) > 0:
		v = waiting
	}
	return v, len(moved), len(wanted)
}
