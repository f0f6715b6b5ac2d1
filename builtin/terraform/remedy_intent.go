package terraform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/driftless-hq/driftless/plugin"
)

// intent is what a remedy would do to a stack. It is taken from the plan and
// not from the verdict: what rules and notation keep out of a verdict is
// changed by an apply nevertheless.
type intent struct {
	changes []intended
	more    string // why it would do more than to remedy drift; empty: it would not
	digest  []byte // of all values that decide about it; keep it to this process, or key it
}

// intended is one resource that would be changed.
type intended struct {
	address string // safe to show
	kind    string // the type of the resource
	action  plugin.Action
	becomes string // keyed digest of what is to become of it
}

// intentReader draws an intent up.
type intentReader struct {
	plan   *tfjson.Plan
	taint  taint
	differ differ
	key    []byte
	owes   func(address, digest string) bool // whether a remedy that failed has left it
	drift  map[string]*tfjson.ResourceChange // by address
	intent
}

// applyIntent is what applying the plan would do. Entries are those of its
// differences that no rule ignores.
func (r intentReader) applyIntent(plan *tfjson.Plan, entries []entry, ignored int) intent {
	r.plan, r.drift = plan, make(map[string]*tfjson.ResourceChange)
	for _, moved := range plan.ResourceDrift {
		r.drift[moved.Address] = moved
	}
	explained := onlyDrifted(entries)
	var touched []*tfjson.ResourceChange
	for _, change := range plan.ResourceChanges {
		if !touches(change) {
			continue
		}
		touched = append(touched, change, r.drift[change.Address])
		r.add(change, change.Change, r.becomes(change))
		r.checkChange(change, explained)
	}
	r.checkIgnored(ignored, "undone")
	r.checkRest()
	r.digest = digestOf(touched)
	return r.intent
}

// adoptIntent is what applying a plan that only refreshes would do: the state
// takes over all that has drifted.
func (r intentReader) adoptIntent(plan *tfjson.Plan, ignored int) intent {
	var moved []*tfjson.ResourceChange
	for _, drift := range plan.ResourceDrift {
		if drift.Change == nil || drift.Change.Actions.NoOp() {
			continue
		}
		moved = append(moved, drift)
		r.add(drift, drift.Change, "")
		if hasMoved(drift) {
			r.refuse("%s is to get a new address, which is code that is not applied", r.taint.String(drift.Address))
		}
	}
	r.checkIgnored(ignored, "adopted")
	r.digest = digestOf(moved)
	return r.intent
}

// refuse keeps the first reason.
func (r *intentReader) refuse(format string, args ...any) {
	if r.more == "" {
		r.more = fmt.Sprintf(format, args...)
	}
}

func (r *intentReader) add(change *tfjson.ResourceChange, what *tfjson.Change, becomes string) {
	r.changes = append(r.changes, intended{r.taint.String(change.Address), change.Type, actionOf(what.Actions), becomes})
}

// becomes is a digest of what an apply would make of a resource.
func (r *intentReader) becomes(change *tfjson.ResourceChange) string {
	sum := hmac.New(sha256.New, r.key)
	wanted := tfjson.Change{Actions: change.Change.Actions, After: change.Change.After, AfterUnknown: change.Change.AfterUnknown}
	if err := json.NewEncoder(sum).Encode(wanted); err != nil {
		fmt.Fprintf(sum, "%#v", wanted) // can't be: it came from JSON
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// reclaim makes drift again of what a remedy that failed has left.
func (r *intentReader) reclaim(plan *tfjson.Plan, entries []entry) {
	for _, change := range plan.ResourceChanges {
		address := r.taint.String(change.Address)
		if !touches(change) || !r.owes(address, r.becomes(change)) {
			continue
		}
		for i := range entries {
			if entries[i].address == address {
				entries[i].class = drift
			}
		}
	}
}

// touches reports whether an apply would do something about a resource.
func touches(change *tfjson.ResourceChange) bool {
	c := change.Change
	if c == nil || c.Actions.Read() {
		return false
	}
	return !c.Actions.NoOp() || c.Importing != nil || hasMoved(change)
}

func hasMoved(change *tfjson.ResourceChange) bool {
	return change.PreviousAddress != "" && change.PreviousAddress != change.Address
}

// onlyDrifted are the addresses, as they are shown, of the resources of which
// nothing but drift is found.
func onlyDrifted(entries []entry) map[string]bool {
	only := make(map[string]bool)
	for _, e := range entries {
		before, seen := only[e.address]
		only[e.address] = e.class == drift && (before || !seen)
	}
	return only
}

// checkChange makes sure that a change does nothing but to undo drift.
func (r *intentReader) checkChange(change *tfjson.ResourceChange, explained map[string]bool) {
	address, c := r.taint.String(change.Address), change.Change
	drift := r.drift[change.Address]
	if explained[address] && r.owes(address, r.becomes(change)) {
		return // it is what was planned before, when all of it was looked at
	}
	switch {
	case hasMoved(change):
		r.refuse("%s is to get a new address, which is code that is not applied", address)
	case c.Importing != nil:
		r.refuse("%s is to be imported, which is code that is not applied", address)
	case !isKnownAction(c.Actions):
		r.refuse("what is to happen to %s is not known to this version (%q)", address, c.Actions)
	case !explained[address] || drift == nil || drift.Change == nil:
		r.refuse("%s would be changed as well, and not because it has drifted", address)
	case c.Actions.Replace() && change.ActionReason != tfjson.ActionReasonReplaceBecauseCannotUpdate:
		r.refuse("%s would be replaced, and not because of what has drifted (%s)", address, change.ActionReason)
	case drift.Change.Actions.Delete() && r.codeChanged(drift.Change, c):
		r.refuse("%s is gone, and its code is not what it was made of", address)
	case !drift.Change.Actions.Delete() && !r.undoes(drift.Change, c):
		r.refuse("%s would be changed by more than its drift, such as by code that writes a value in another way", address)
	default:
		r.checkCode(change, address)
	}
}

// classes are those of the values of a change, compared to the letter: what
// normalize takes for the same is changed by an apply nevertheless.
func (r *intentReader) classes(moved, change *tfjson.Change) (all []class) {
	exact := differ{taint: r.taint}
	for _, a := range compare(moved, change, &exact) {
		all = append(all, a.class)
	}
	return all
}

// undoes reports whether a change makes of what has drifted what it was before,
// and does nothing else.
func (r *intentReader) undoes(moved, change *tfjson.Change) bool {
	all := r.classes(moved, change)
	return slices.Contains(all, drift) && !hasCode(all)
}

// hasCode reports whether there is a value that only new code explains.
func hasCode(all []class) bool { return slices.Contains(all, pending) || slices.Contains(all, both) }

// checkCode refuses where a part of the code of a resource can't be compared
// with what it was, because neither the state nor the plan tells.
func (r *intentReader) checkCode(change *tfjson.ResourceChange, address string) {
	written := codeOf(r.plan.Config, change)
	if name := unknownArgument(written, change); name != "" {
		r.refuse("%s of %s is only known after an apply, so it can't be told whether its code has changed", name, address)
	}
	if c := change.Change; (c.Actions.Create() || c.Actions.Replace()) && (written == nil || len(written.Provisioners) > 0) {
		r.refuse("%s would be made anew and has provisioners, of which it can't be told whether they have changed", address)
	}
}

func isKnownAction(a tfjson.Actions) bool {
	return a.Create() || a.Update() || a.Delete() || a.Replace()
}

// codeChanged reports whether an object that is gone would be made anew as
// something else than it was.
func (r *intentReader) codeChanged(gone, anew *tfjson.Change) bool {
	asItWas := *anew
	asItWas.Before, asItWas.BeforeSensitive = gone.Before, gone.BeforeSensitive
	d := r.differ
	return slices.ContainsFunc(compare(nil, &asItWas, &d), func(a attribute) bool { return a.class != effect })
}

// checkIgnored refuses where a rule ignores what would be touched as well.
func (r *intentReader) checkIgnored(differences int, done string) {
	if differences > 0 {
		r.refuse("an ignore rule leaves %s alone that would be %s as well", counted(differences, "difference"), done)
	}
}

// checkRest makes sure that an apply does nothing beside its changes to
// resources.
func (r *intentReader) checkRest() {
	if len(r.plan.DeferredChanges) > 0 || len(r.plan.ActionInvocations) > 0 {
		r.refuse("the plan has more to do than to change resources")
	}
	for _, name := range slices.Sorted(maps.Keys(r.plan.OutputChanges)) {
		if c := r.plan.OutputChanges[name]; c != nil && !r.followsFromResources(c) {
			r.refuse("the output %s would change, and not because of what has drifted", r.taint.String(name))
		}
	}
}

// followsFromResources reports whether an output changes no more than in what
// only an apply can tell: what it is made of is what it was.
func (r *intentReader) followsFromResources(c *tfjson.Change) bool {
	if c.Actions.NoOp() {
		return true
	}
	return c.Actions.Update() && !hasCode(r.classes(nil, c))
}

// digestOf is over values that may be secret.
func digestOf(changes []*tfjson.ResourceChange) []byte {
	sum := sha256.New()
	encoder := json.NewEncoder(sum)
	for _, change := range changes {
		if err := encoder.Encode(change); err != nil {
			fmt.Fprintf(sum, "%#v", change) // can't be: it came from JSON
		}
	}
	return sum.Sum(nil)
}
