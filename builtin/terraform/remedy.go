package terraform

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
)

// remedy is what is done about the drift of one stack, or why nothing is.
type remedy struct {
	strategy string
	state    remedyState
	reason   string
	id       string // of this very remedy, see [task.remedyID]
	changes  []intended
}

// remedyState says how far a remedy came.
type remedyState string

// The states.
const (
	proposed remedyState = "proposed"
	awaiting remedyState = "awaiting_approval"
	refused  remedyState = "refused"
	applied  remedyState = "applied"
	failed   remedyState = "failed"
)

// acts reports whether the strategy is one that changes something.
func acts(strategy string) bool { return strategy == strategyApply || strategy == strategyAdopt }

// isDue reports whether a remedy is going to be applied.
func (r *remedy) isDue() bool { return r != nil && r.state == proposed && acts(r.strategy) }

// isDue reports whether the stack is going to be remedied.
func (r result) isDue() bool { return r.remedy.isDue() && !r.kept }

// String says what became of the remedy, for the line of a stack.
func (r *remedy) String() string {
	done := "reverted"
	if r.strategy == strategyAdopt {
		done = "adopted"
	}
	switch r.state {
	case proposed:
		if !acts(r.strategy) {
			return "could be reverted, if strategy were apply"
		}
		return because("would be "+done, r.reason)
	case awaiting:
		return because(fmt.Sprintf("would be %s once %s is approved", done, r.id), r.reason)
	case applied:
		return because(done, r.reason)
	case failed:
		return because("could not be "+done, r.reason)
	}
	return because("not "+done, r.reason)
}

func because(text, reason string) string {
	if reason == "" {
		return text
	}
	return text + ": " + reason
}

// value is the remedy as data. Where there is none all of it is empty.
func (r *remedy) value() cty.Value {
	if r == nil {
		r = &remedy{}
	}
	return cty.ObjectVal(map[string]cty.Value{
		"strategy": cty.StringVal(r.strategy), "state": cty.StringVal(string(r.state)),
		"reason": cty.StringVal(r.reason), "id": cty.StringVal(r.id),
		"changes": r.changesValue(),
	})
}

// changesValue is what the remedy changes, or would. What is refused is never
// done, and may be very much.
func (r *remedy) changesValue() cty.Value {
	kind := cty.Object(map[string]cty.Type{"address": cty.String, "action": cty.String})
	if len(r.changes) == 0 || r.state == refused {
		return cty.ListValEmpty(kind)
	}
	var all []cty.Value
	for _, change := range r.changes {
		all = append(all, cty.ObjectVal(map[string]cty.Value{"address": cty.StringVal(change.address), "action": cty.StringVal(string(change.action))}))
	}
	return cty.ListVal(all)
}

// with is the same remedy in another state.
func (r *remedy) with(state remedyState, reason string) *remedy {
	return &remedy{strategy: r.strategy, state: state, reason: reason, id: r.id, changes: r.changes}
}

// intend notes what a remedy would do about what was found, of which the rules
// have left something.
func (t *task) intend(res *result, plan *tfjson.Plan, left unignored, taint taint) {
	r := intentReader{taint: taint, differ: t.differ(taint), key: t.key, owes: res.attempts.owes}
	switch t.cfg.Remediate.Strategy {
	case strategyAdopt:
		res.intent = r.adoptIntent(plan, left.ofDrift)
	case strategyApply, strategyPlan:
		r.reclaim(plan, res.entries)
		res.intent = r.applyIntent(plan, res.entries, left.byRule+left.byFile)
	}
}

// remedyID names the remedy of one drift: of this stack, at this commit, with
// these values, after these attempts. So what is approved is this and nothing
// else, and once. The serial of the state is not in it, because no plan tells
// it: that it has not moved is what terraform itself makes sure of when it
// applies a saved plan.
func (t *task) remedyID(res result) string {
	sum := hmac.New(sha256.New, t.key)
	commit := ""
	if t.cfg.Source != nil {
		commit = t.cfg.Source.Commit
	}
	fmt.Fprintf(sum, "%q %q %q %x %d %t", res.stack.name(), commit, t.cfg.Remediate.Strategy, res.intent.digest, res.attempts.last().UnixNano(), res.attempts.Lost)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}
