package logs

import (
	"context"
	"fmt"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func agentType() plugin.Type {
	return plugin.Type{
		Ref:   plugin.TypeRef{Kind: plugin.KindSource, Name: "agent"},
		Emits: true,
		Schema: &schema.Block{
			Doc: "Emits the agent's own log. An event has the message for its body, and the fields `level`, `logger` and those that the entry was written with.",
			Attributes: []schema.Attribute{
				{Name: "level", Type: cty.String, Default: cty.StringVal("info"), Enum: []string{"trace", "debug", "info", "warn", "error"}, Doc: "The least level of an entry. Below `info` the agent also writes about the events that pass through it, these among them: send those to a place that doesn't log in turn."},
			},
		},
	}
}

type agentConfig struct {
	Level string `schema:"level"`
}

// agentSource is a plugin.Source of the agent's own log.
type agentSource struct {
	tap   *Tap
	level hclog.Level
	addr  string
	log   string // the name of this source's logger
	next  uint64 // the entry to go on with
}

var _ plugin.Source = (*agentSource)(nil)

func openAgent(tap *Tap, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var config agentConfig
	if err := schema.Decode(req.Config, &config); err != nil {
		return nil, plugin.Error(nil, "Invalid configuration", "The source can't be opened: %s.", err)
	}
	return &agentSource{tap: tap, level: hclog.LevelFromString(config.Level), addr: req.Addr, log: req.Env.Log.Name()}, nil
}

// Run implements [plugin.Source]. It begins with what the tap still holds of
// the time before.
func (s *agentSource) Run(ctx context.Context, out plugin.Emitter) error {
	for {
		entries, end, missed := s.tap.after(ctx, s.next)
		if ctx.Err() != nil {
			return nil
		}
		batch := s.batch(entries, missed)
		if batch.Len() > 0 {
			// The agent's log lies nowhere else that it could be read again
			// from, so nothing follows from an acknowledgement.
			if err := out.Emit(ctx, batch, func(error) {}); err != nil {
				if ctx.Err() != nil {
					return nil
				}
				return fmt.Errorf("hand over entries of the agent's log: %w", err)
			}
		}
		s.next = end
	}
}

func (s *agentSource) batch(entries []entry, missed uint64) *event.Batch {
	batch := new(event.Batch)
	build := event.NewBuilder(batch)
	if missed > 0 {
		s.add(build, batch, entry{
			time: entries[0].time, level: hclog.Warn, logger: s.log,
			message: "entries of the agent's log were dropped because they were not taken in time",
			pairs:   []pair{{"dropped", int64(missed)}},
		})
	}
	for _, e := range entries {
		// What this source itself logs would come back to it.
		if e.level >= s.level && e.logger != s.log {
			s.add(build, batch, e)
		}
	}
	return batch
}

func (s *agentSource) add(build *event.Builder, batch *event.Batch, e entry) {
	build.Log(e.time, []byte(e.message))
	build.Origin(event.Origin{Source: s.addr}, -1)
	last := batch.Len() - 1
	for _, p := range e.pairs {
		batch.Set(last, batch.Intern(p.name), fieldOf(p.value))
	}
	batch.Set(last, batch.Intern("level"), event.StringValue(e.level.String()))
	batch.Set(last, batch.Intern("logger"), event.StringValue(e.logger))
}

func fieldOf(value any) event.Value {
	switch v := value.(type) {
	case bool:
		return event.BoolValue(v)
	case int64:
		return event.IntValue(v)
	case float64:
		return event.FloatValue(v)
	default:
		return event.StringValue(fmt.Sprint(v))
	}
}

// Close implements [plugin.Instance].
func (s *agentSource) Close(context.Context) error { return nil }
