package agent

import (
	"context"
	"encoding/json"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin/event"
)

// emitTimeout is how long a task waits for a busy pipeline. What tells of a
// task must not keep the task from running.
const emitTimeout = 5 * time.Second

// emitResult makes an event of what became of a step, for the pipelines that
// begin at one of its tasks.
func (i *island) emitResult(r plan.Result, drifted bool, now time.Time) {
	kind, worth := kindOf(r, drifted)
	if !worth {
		return
	}
	record := r.Step.Record()
	for _, a := range append(r.Step.With, r.Step.Addr) {
		name := a.String()
		if !i.routed(name) {
			continue
		}
		var b event.Builder
		for _, k := range kind {
			b.Event(k, now)
			b.Origin(event.Origin{Source: name}, -1)
			b.String("address", name)
			b.String("action", string(record.Action))
			b.String("outcome", string(r.Outcome))
			if r.Error != "" {
				b.String("error", r.Error)
			}
			addJSON(&b, "reasons", record.Reasons)
			addJSON(&b, "findings", record.Findings)
			if record.Diff != "" {
				b.String("diff", record.Diff)
			}
		}
		i.emit(name, b.Batch())
	}
}

// kindOf says which events a result is worth: a drift that was corrected is
// both a drift and a change.
func kindOf(r plan.Result, drifted bool) ([]event.Kind, bool) {
	var kinds []event.Kind
	if drifted {
		kinds = append(kinds, event.Drift)
	}
	switch r.Outcome {
	case plan.Changed:
		kinds = append(kinds, event.Change)
	case plan.Broken:
		kinds = append(kinds, event.Error)
	}
	return kinds, len(kinds) > 0
}

func addJSON[T any](b *event.Builder, name string, list []T) {
	if len(list) == 0 {
		return
	}
	if text, err := json.Marshal(list); err == nil {
		b.Field(name, event.JSONValue(text))
	}
}

func (i *island) emit(name string, batch *event.Batch) {
	ctx, cancel := context.WithTimeout(context.Background(), emitTimeout)
	defer cancel()
	if err := i.bus.Emitter(name).Emit(ctx, batch, func(error) {}); err != nil {
		i.Log.Named(name).Error("an event of the task was lost, because its pipeline is busy", "error", err)
	}
}
