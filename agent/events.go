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

// emitChange makes an event of a step that has changed something, for the
// pipelines that begin at one of its tasks. What became of drift, and of
// failures, is told by transitions.
func (a *Agent) emitChange(r plan.Result) {
	if r.Outcome != plan.Changed {
		return
	}
	for _, task := range tasksOf(r.Step) {
		if a.routed(task.String()) {
			a.emit(task, changeEvent(task, r, a.Now()))
		}
	}
}

// tasksOf returns all tasks of a step.
func tasksOf(s *plan.Step) []addr.Addr { return append(slices.Clone(s.With), s.Addr) }

func changeEvent(task addr.Addr, r plan.Result, now time.Time) *event.Batch {
	record := r.Step.Record()
	var b event.Builder
	b.Event(event.Change, now)
	b.Origin(event.Origin{Source: task.String()}, -1)
	b.String("address", task.String())
	b.String("action", string(record.Action))
	b.String("outcome", string(r.Outcome))
	addJSON(&b, "reasons", record.Reasons)
	addJSON(&b, "findings", record.Findings)
	if record.Diff != "" {
		b.String("diff", record.Diff)
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
