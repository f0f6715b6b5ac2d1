package logs

import (
	"context"
	"sync/atomic"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// StageTypes returns the types of the stages parse, filter and set.
func StageTypes() []plugin.Type {
	return []plugin.Type{
		{Ref: stageRef("parse"), Schema: parseSchema()},
		{Ref: stageRef("filter"), Schema: filterSchema()},
		{Ref: stageRef("set"), Schema: setSchema()},
	}
}

func stageRef(name string) plugin.TypeRef {
	return plugin.TypeRef{Kind: plugin.KindStage, Name: name}
}

// ValidateStage checks what the schema of a stage can't say.
func ValidateStage(t plugin.TypeRef, cfg cty.Value) plugin.Diagnostics {
	switch t.Name {
	case "parse":
		return validateParse(cfg)
	case "filter":
		return validateFilter(cfg)
	}
	return nil
}

// OpenStage opens a stage of one of [StageTypes].
func OpenStage(req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	if diags := ValidateStage(req.Type, req.Config); diags.HasErrors() {
		return nil, diags
	}
	switch req.Type.Name {
	case "parse":
		return opened(req, newParseStage)
	case "filter":
		return opened(req, newFilterStage)
	case "set":
		return opened(req, newSetStage)
	}
	return nil, plugin.Error(nil, "Unknown stage type", "There is no stage of type %q.", req.Type.Name)
}

func opened[C any](req plugin.OpenRequest, open func(C) (plugin.Stage, error)) (plugin.Instance, plugin.Diagnostics) {
	var config C
	if err := schema.Decode(req.Config, &config); err != nil {
		return nil, plugin.Error(nil, "Cannot read the stage's configuration", "The stage %s can't be opened: %s.", req.Addr, err)
	}
	stage, err := open(config)
	if err != nil {
		return nil, plugin.Error(nil, "Cannot open the stage", "The stage %s can't be opened: %s.", req.Addr, err)
	}
	return stage, nil
}

// Counted is implemented by stages that count what they do with events. It
// may be called while the stage is at work.
type Counted interface {
	// Counts returns totals since the stage was opened: "discarded" are events
	// that went no further, "parse_errors" are those that could not be parsed.
	Counts() map[string]uint64
}

type counters struct {
	discarded   atomic.Uint64
	parseErrors atomic.Uint64
}

func (c *counters) Counts() map[string]uint64 {
	return map[string]uint64{"discarded": c.discarded.Load(), "parse_errors": c.parseErrors.Load()}
}

// keep drops the events of a batch that a stage has no use for.
func (c *counters) keep(batch *event.Batch, keep func(i int) bool) {
	before := batch.Len()
	batch.Keep(keep)
	c.discarded.Add(uint64(before - batch.Len()))
}

// closed is the Close of a stage that holds nothing.
type closed struct{}

func (closed) Close(context.Context) error { return nil }
