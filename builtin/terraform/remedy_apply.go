package terraform

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/plugin"
)

// due is a remedy that was planned, for Apply.
type due struct {
	Stack string `json:"stack"`
	ID    string `json:"id"`
}

// payload lists the remedies that are due, nil where none is.
func (t *task) payload(results []result) []byte {
	var all []due
	for _, res := range results {
		if res.isDue() {
			all = append(all, due{res.stack.name(), res.remedy.id})
		}
	}
	if all == nil {
		return nil
	}
	data, err := json.Marshal(all)
	if err != nil {
		return nil // can't be: it is text
	}
	return data
}

// asRemedied is what the results will be once what is due is done.
func (t *task) asRemedied(results []result) []result {
	done := make([]result, len(results))
	for i, res := range results {
		if res.isDue() {
			res = t.remedied(res)
		}
		done[i] = res
	}
	return done
}

// remedied is what a stack will be. What was adopted is no drift any more, but
// what the code says otherwise is not applied then.
func (t *task) remedied(res result) result {
	if t.cfg.Remediate.Strategy != strategyAdopt || t.cfg.Mode == modeRefreshOnly {
		return res.asClean()
	}
	entries := slices.Clone(res.entries)
	for i := range entries {
		entries[i].class = pending
	}
	res.verdict, res.drifted, res.pending = judge(entries)
	return res
}

// Apply remedies the stacks that are due, one after the other in the order of
// their names. After one that fails no other begins: what is wrong there may
// well be wrong everywhere.
func (t *task) Apply(ctx context.Context, change plugin.Change) (cty.Value, plugin.Diagnostics) {
	t.changed = false
	if t.found == nil {
		return cty.NilVal, plugin.Error(nil, "Not planned", "The stacks were not planned by this instance of the task, so nothing was applied. Plan again.")
	}
	var planned []due
	if len(change.Payload) > 0 {
		if err := json.Unmarshal(change.Payload, &planned); err != nil {
			return cty.NilVal, plugin.Error(nil, "Not planned", "What was planned can't be read, so nothing was applied: %s. Plan again.", err)
		}
	}
	if len(planned) == 0 || change.ReportOnly {
		return t.resultValue(t.found), nil
	}
	w, diags := t.look(ctx)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	defer w.release()
	diags = t.remedyAll(ctx, w, planned)
	return t.resultValue(t.found), diags
}

// Findings implements [plugin.Reporter].
func (t *task) Findings() (found []plugin.Finding, changed bool) {
	for _, res := range t.found {
		found = append(found, t.finding(res))
	}
	return found, t.changed
}

func (t *task) remedyAll(ctx context.Context, w workplace, planned []due) plugin.Diagnostics {
	var diags plugin.Diagnostics
	hindrance := t.movedOn(w)
	for _, one := range planned {
		i := slices.IndexFunc(t.found, func(res result) bool { return res.stack.name() == one.Stack })
		if i < 0 || t.found[i].remedy == nil {
			continue // can't be: it was planned by this instance
		}
		res := &t.found[i]
		switch {
		case !res.remedy.isDue():
			// It was come to before: retry applies the task once more, and no remedy.
		case hindrance == "":
			*res = t.remedyStack(ctx, w, *res, one.ID)
		default:
			res.remedy = res.remedy.with(refused, hindrance)
		}
		t.remember(*res)
		switch res.remedy.state {
		case applied:
			t.changed = true
		case failed:
			t.changed = true // as far as it came
			diags = append(diags, plugin.Error(nil, "Remedy failed", "The stack %s: %s", one.Stack, sentence(res.remedy))...)
			hindrance = "the remedy of " + one.Stack + " has failed before"
		default:
			diags = append(diags, plugin.Warning(nil, "Stack not remedied", "The stack %s: %s", one.Stack, sentence(res.remedy))...)
		}
	}
	return diags
}

// sentence ends what is said of a remedy, which terraform may have done.
func sentence(r *remedy) string { return strings.TrimRight(r.String(), ".") + "." }

// movedOn says that the checkout is not at the commit that was planned.
func (t *task) movedOn(w workplace) string {
	if t.cfg.Source == nil {
		return ""
	}
	commit, err := gitrepo.Shown(w.root)
	switch {
	case err != nil:
		return err.Error()
	case commit != "" && commit != t.cfg.Source.Commit:
		return "the commit has moved since the plan, from " + shortCommit(t.cfg.Source.Commit) + " to " + shortCommit(commit)
	}
	return ""
}

func shortCommit(hash string) string { return hash[:min(len(hash), 10)] }

// remedyStack remedies one stack, which was planned with an id. What keeps it
// from beginning is a reason to refuse, and no failure.
func (t *task) remedyStack(ctx context.Context, w workplace, planned result, id string) result {
	i := slices.IndexFunc(w.stacks, func(s stack) bool { return s.name() == planned.stack.name() })
	if i < 0 {
		planned.remedy = planned.remedy.with(refused, "the stack is gone since the plan")
		return planned
	}
	s := w.stacks[i]
	s.env = added(s.env, t.cfg.Remediate.Env)
	h := &healing{task: t, planned: planned, id: id, stack: s, taint: newTaint(s)}
	t.log.Info("a stack is going to be remedied", "stack", s.name(), "strategy", planned.remedy.strategy, "id", id)
	res := h.do(ctx, w.binary)
	t.log.Info("the remedy of a stack has ended", "stack", s.name(), "result", string(res.remedy.state), "reason", res.remedy.reason, "verdict", string(res.verdict))
	return res
}
