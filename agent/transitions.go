package agent

import (
	"time"

	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/plugin/event"
)

// transitionEvents are the events of what happened to the subjects of a task:
// one for all that have the same cause.
func transitionEvents(task string, transitions []history.Transition) *event.Batch {
	var b event.Builder
	for _, g := range history.GroupByCause(transitions) {
		addTransition(&b, task, g)
	}
	return b.Batch()
}

// addTransition adds the event of a group. What isn't known is left out.
func addTransition(b *event.Builder, task string, g history.Group) {
	kind := event.Drift
	if g.Event == history.Errored || g.Event == history.Recovered {
		kind = event.Error
	}
	b.Event(kind, g.At)
	b.Origin(event.Origin{Source: task}, -1)
	text := func(name, value string) {
		if value != "" {
			b.String(name, value)
		}
	}
	text("address", task)
	text("transition", string(g.Event))
	if g.Count == 1 {
		text("stack", g.Name)
	}
	addJSON(b, "stacks", g.Names)
	b.Int("count", int64(g.Count))
	text("verdict", g.Verdict)
	text("previous", g.Previous)
	if g.Drift != nil {
		text("since", g.Drift.Since.UTC().Format(time.RFC3339))
		text("since_commit", g.Drift.Commit)
		b.Int("recurring", int64(g.Drift.Recurring))
	}
	text("commit", g.Commit)
	text("summary", g.Summary)
	text("error", g.Error)
	text("remedy", g.Remedy.Strategy)
	text("remedy_state", g.Remedy.State)
	text("approved_by", g.Remedy.ApprovedBy)
	if g.Event == history.Acknowledged {
		by := g.Drift.Acknowledged
		text("acknowledged_by", by.By)
		text("acknowledged_until", by.Until.UTC().Format(time.RFC3339))
		text("reason", by.Reason)
	}
	addJSON(b, "resources", g.Resources)
	text("diff", g.Diff)
	if g.IsTruncated {
		b.Bool("truncated", true)
	}
	text("message", g.Message())
	b.Int("id", g.ID) // for those who get an event again after a crash
}
