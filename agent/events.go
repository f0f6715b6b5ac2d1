package agent

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin/event"
)

// emitTimeout is how long a task waits for a busy pipeline. What tells of a
// task must not keep the task from running.
const emitTimeout = 5 * time.Second

// emitResult makes events of what became of a step, for the pipelines that
// begin at one of its tasks.
func (a *Agent) emitResult(r plan.Result, drifted bool, problem string) {
	kinds := kindsOf(r, drifted)
	if len(kinds) == 0 {
		return
	}
	for _, task := range tasksOf(r.Step) {
		if a.routed(task.String()) {
			a.emit(task, resultEvents(task, kinds, r, problem, a.Now()))
		}
	}
}

// tasksOf returns all tasks of a step.
func tasksOf(s *plan.Step) []addr.Addr { return append(slices.Clone(s.With), s.Addr) }

// kindsOf says which events a result is worth: a drift that was corrected is
// both a drift and a change.
func kindsOf(r plan.Result, drifted bool) []event.Kind {
	var kinds []event.Kind
	if drifted {
		kinds = append(kinds, event.Drift)
	}
	switch r.Outcome {
	case plan.Changed:
		kinds = append(kinds, event.Change)
	case plan.Broken, plan.Ignored:
		kinds = append(kinds, event.Error)
	}
	return kinds
}

func resultEvents(task addr.Addr, kinds []event.Kind, r plan.Result, problem string, now time.Time) *event.Batch {
	record := r.Step.Record()
	var b event.Builder
	for _, kind := range kinds {
		b.Event(kind, now)
		b.Origin(event.Origin{Source: task.String()}, -1)
		b.String("address", task.String())
		b.String("action", string(record.Action))
		b.String("outcome", string(r.Outcome))
		if problem != "" {
			b.String("error", problem)
		}
		addJSON(&b, "reasons", record.Reasons)
		addJSON(&b, "findings", record.Findings)
		if record.Diff != "" {
			b.String("diff", record.Diff)
		}
	}
	return b.Batch()
}

func addJSON[T any](b *event.Builder, name string, list []T) {
	if len(list) == 0 {
		return
	}
	if text, err := json.Marshal(list); err == nil { // strings and numbers can't fail
		b.Field(name, event.JSONValue(text))
	}
}

// emit hands over events of a task. A task that is just stopped still tells
// what it did.
func (a *Agent) emit(task addr.Addr, batch *event.Batch) {
	ctx, cancel := context.WithTimeout(context.Background(), emitTimeout)
	defer cancel()
	err := a.bus.Emitter(task.String()).Emit(ctx, batch, func(error) {})
	if err == nil {
		return
	}
	a.board.update(task, func(t *taskState) { t.lost += uint64(batch.Len()) })
	a.Log.Named(task.String()).Error("events of the task were lost, because no pipeline took them in time", "events", batch.Len(), "error", err)
}
