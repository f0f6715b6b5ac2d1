package logs

import (
	"context"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func filterSchema() *schema.Block {
	patterns := cty.List(cty.String)
	return &schema.Block{
		Doc: "Lets an event pass that meets all conditions that are given, and discards the others.",
		Attributes: []schema.Attribute{
			{Name: "keep", Type: schema.EventExpr, Doc: "Passes if this is true, as in `event.status >= 400`. An operation on a field that the event lacks is not true."},
			{Name: "drop", Type: schema.EventExpr, Doc: "Passes unless this is true."},
			{Name: "include", Type: patterns, Format: schema.Regexp, Doc: "Passes if one of these regular expressions matches the text of the event."},
			{Name: "exclude", Type: patterns, Format: schema.Regexp, Doc: "Passes unless one of these regular expressions matches the text of the event."},
			{Name: "field", Type: cty.String, Doc: "The field that `include` and `exclude` look at. Without it that is the text as it came, parsed or not."},
		},
	}
}

type filterConfig struct {
	Keep    event.Expr `schema:"keep"`
	Drop    event.Expr `schema:"drop"`
	Include []string   `schema:"include"`
	Exclude []string   `schema:"exclude"`
	Field   string     `schema:"field"`
}

// filterStage discards events.
type filterStage struct {
	closed
	counters
	keepExpr, dropExpr event.Expr
	include, exclude   []*pattern
	field              *event.Ref // nil for the text as it came
}

var (
	_ plugin.Stage = (*filterStage)(nil)
	_ Counted      = (*filterStage)(nil)
)

func newFilterStage(config filterConfig) (plugin.Stage, error) {
	include, err := newPatterns(config.Include)
	if err != nil {
		return nil, err
	}
	exclude, err := newPatterns(config.Exclude)
	if err != nil {
		return nil, err
	}
	stage := &filterStage{keepExpr: config.Keep, dropExpr: config.Drop, include: include, exclude: exclude}
	if config.Field != "" {
		stage.field = event.NewRef(config.Field)
	}
	return stage, nil
}

// Process discards the events that don't pass.
func (s *filterStage) Process(_ context.Context, batch *event.Batch) error {
	s.keep(batch, func(i int) bool { return s.passes(batch, i) })
	return nil
}

func (s *filterStage) passes(b *event.Batch, i int) bool {
	if len(s.include)+len(s.exclude) > 0 {
		text := s.text(b, i)
		if len(s.include) > 0 && !anyMatches(s.include, text) || anyMatches(s.exclude, text) {
			return false
		}
	}
	if s.keepExpr.IsSet() && !s.keepExpr.True(b, i) {
		return false
	}
	return !s.dropExpr.IsSet() || !s.dropExpr.True(b, i)
}

func (s *filterStage) text(b *event.Batch, i int) []byte {
	if s.field == nil {
		return b.Original(i)
	}
	return s.field.Field(b, i).Text()
}

func anyMatches(patterns []*pattern, text []byte) bool {
	for _, p := range patterns {
		if p.match(text) {
			return true
		}
	}
	return false
}

func validateFilter(cfg cty.Value) plugin.Diagnostics {
	for _, name := range []string{"keep", "drop", "include", "exclude"} {
		if v := cfg.GetAttr(name); !v.IsKnown() || !v.IsNull() {
			return nil
		}
	}
	return plugin.Error(nil, "Filter without a condition",
		"A filter needs at least one of keep, drop, include and exclude; this one would let everything pass.")
}
