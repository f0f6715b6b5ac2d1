package logs

import (
	"context"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func setSchema() *schema.Block {
	return &schema.Block{
		Doc: "Sets fields of an event.",
		Attributes: []schema.Attribute{
			{Name: "fields", Type: schema.EventExprs, Required: true, Doc: "The fields and their values, as in `{ env = var.env, user = lower(event.user) }`. " +
				"All values are of the event as it came into the stage. A null takes the field away."},
		},
	}
}

type setConfig struct {
	Fields event.ExprMap `schema:"fields"`
}

// setStage sets fields.
type setStage struct {
	closed
	fields event.ExprMap
	values []event.Value // of the event at work, by field
}

var _ plugin.Stage = (*setStage)(nil)

func newSetStage(config setConfig) (plugin.Stage, error) {
	return &setStage{fields: config.Fields, values: make([]event.Value, len(config.Fields))}, nil
}

// Process sets the fields of each event.
func (s *setStage) Process(_ context.Context, batch *event.Batch) error {
	for i := range batch.Len() {
		for k, field := range s.fields {
			s.values[k] = field.Expr.Eval(batch, i)
		}
		for k, field := range s.fields {
			s.set(batch, i, field.Name, s.values[k])
		}
	}
	return batch.Err()
}

func (s *setStage) set(b *event.Batch, i int, name string, v event.Value) {
	if !v.IsNull() {
		b.Set(i, b.Intern(name), v)
		return
	}
	if id, ok := b.Lookup(name); ok {
		b.Unset(i, id)
	}
}
