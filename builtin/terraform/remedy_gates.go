package terraform

import (
	"fmt"
	"slices"

	"github.com/driftless-hq/driftless/plugin"
)

// propose says what is to be done about a stack, nil where there is nothing
// that could be done.
func (t *task) propose(res result) *remedy {
	rules := t.cfg.Remediate
	if rules.Strategy == strategyNone || res.problem != nil || res.verdict == clean {
		return nil
	}
	r := &remedy{strategy: rules.Strategy, id: t.remedyID(res), changes: res.intent.changes}
	if reason := t.forbidden(res); reason != "" {
		return r.with(refused, reason)
	}
	if !acts(r.strategy) {
		return r.with(proposed, "")
	}
	// What an approval lifts. What a person has to look at comes first: to wait
	// doesn't help there, and who is asked has to know.
	reason := res.attempts.broken(rules.MaxAttempts)
	if t.isApproved(r.id) {
		return r.with(proposed, reason)
	}
	if reason != "" {
		return r.with(awaiting, reason)
	}
	if reason := res.attempts.cooling(rules.Cooldown, t.now()); reason != "" {
		return r.with(refused, reason)
	}
	if rules.Approval {
		return r.with(awaiting, "")
	}
	return r.with(proposed, "")
}

func (t *task) isApproved(id string) bool {
	return slices.Contains(t.approved, plugin.ApproveAll) || slices.Contains(t.approved, id)
}

// forbidden goes through the gates that nobody can lift, and returns why the
// first that is closed is.
func (t *task) forbidden(res result) string {
	for _, gate := range []func(result) string{
		t.mustBeEnforced, t.mustBeDrift, t.mustBeCertain, t.mustBeFew, t.mustBeAllowed, t.mustBeOfType, t.mustBeInTime,
	} {
		if reason := gate(res); reason != "" {
			return reason
		}
	}
	return ""
}

func (t *task) mustBeEnforced(result) string {
	if t.enforced {
		return ""
	}
	return `enforcement is not "enforce"`
}

// mustBeDrift keeps code from being applied. To adopt what has drifted applies
// no code, so there it may wait: only the state changes.
func (t *task) mustBeDrift(res result) string {
	switch {
	case res.verdict == drifted, res.verdict == driftedPending && t.cfg.Remediate.Strategy == strategyAdopt:
		return ""
	case res.verdict == driftedPending:
		return "there is code that is not applied yet, and it would be applied as well"
	}
	return "this is code that is not applied yet, and no drift"
}

// mustBeCertain refuses what is not confirmed, what is more than drift, and a
// stack whose checks say that something is wrong with it: in a plan they are
// judged over what there will be after an apply.
func (t *task) mustBeCertain(res result) string {
	switch {
	case res.unproven:
		return "the drift is not confirmed by a second plan yet"
	case res.checks > 0:
		return counted(res.checks, "check block") + " would not hold after it"
	case res.intent.more != "":
		return res.intent.more
	case len(res.intent.changes) == 0:
		return "there is no resource to change"
	}
	return ""
}

func (t *task) mustBeFew(res result) string {
	if n := len(res.intent.changes); n > t.cfg.Remediate.MaxChanges {
		return fmt.Sprintf("%s would be changed, and max_changes is %d", counted(n, "resource"), t.cfg.Remediate.MaxChanges)
	}
	return ""
}

// nouns are what the actions are called when they are counted.
func nouns() map[plugin.Action]string {
	return map[plugin.Action]string{plugin.Create: "creation", plugin.Update: "update", plugin.Replace: "replacement", plugin.Delete: "deletion"}
}

func (t *task) mustBeAllowed(res result) string {
	for _, action := range t.cfg.Remediate.ForbidActions {
		n := 0
		for _, change := range res.intent.changes {
			// A replacement deletes, too.
			if string(change.action) == action || change.action == plugin.Replace && action == string(plugin.Delete) {
				n++
			}
		}
		if n > 0 {
			return counted(n, nouns()[plugin.Action(action)]) + " forbidden by forbid_actions"
		}
	}
	return ""
}

func (t *task) mustBeOfType(res result) string {
	types := t.cfg.Remediate.Types
	if len(types) == 0 {
		return ""
	}
	for _, change := range res.intent.changes {
		if !slices.ContainsFunc(types, func(glob string) bool { return wildcard(glob).MatchString(change.kind) }) {
			return fmt.Sprintf("%s is of the type %s, which is not among types", change.address, change.kind)
		}
	}
	return ""
}

func (t *task) mustBeInTime(result) string { return outsideOf(t.cfg.Remediate.Window, t.now()) }

// counted is a number of things, as in "2 resources".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
