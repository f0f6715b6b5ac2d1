package logs

import (
	"context"
	"errors"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func parseSchema() *schema.Block {
	return &schema.Block{
		Doc: "Takes the text of an event apart into fields. The fields take the place of the text. " +
			"An event that can't be parsed stays as it was, with the reason in the field `parse_error`.",
		Attributes: []schema.Attribute{
			{Name: "format", Type: cty.String, Required: true, Enum: []string{"json", "regex"}, Doc: "What the text is: one JSON object, or what `pattern` says."},
			{Name: "field", Type: cty.String, Doc: "The field whose text is parsed, and which the new fields replace. Without it that is the body of the event."},
			{Name: "pattern", Type: cty.String, Format: schema.Regexp, Doc: "For `regex`: an expression with named groups, as in `^(?P<user>\\w+) `. Each group that took part becomes a field."},
			{Name: "time_key", Type: cty.String, Doc: "The field that has the time of the event. The field stays."},
			{Name: "time_format", Type: cty.String, Default: cty.StringVal("rfc3339"), Doc: "`rfc3339`, `unix` (seconds), `unix_ms`, or a layout in Go's notation such as `02/Jan/2006:15:04:05 -0700`."},
			{Name: "timezone", Type: cty.String, Default: cty.StringVal("UTC"), Doc: "The zone of times that don't have one, such as `Europe/Vienna` or `Local`."},
			{Name: "on_error", Type: cty.String, Default: cty.StringVal("keep"), Enum: []string{"keep", "drop"}, Doc: "What to do with an event that can't be parsed."},
		},
	}
}

type parseConfig struct {
	Format     string `schema:"format"`
	Field      string `schema:"field"`
	Pattern    string `schema:"pattern"`
	TimeKey    string `schema:"time_key"`
	TimeFormat string `schema:"time_format"`
	Timezone   string `schema:"timezone"`
	OnError    string `schema:"on_error"`
}

const parseErrorField = "parse_error"

// parseStage turns texts into fields.
type parseStage struct {
	closed
	counters
	parse func(b *event.Batch, i int) error
	clock *clock // nil if the time is left alone
	drop  bool
}

var (
	_ plugin.Stage = (*parseStage)(nil)
	_ Counted      = (*parseStage)(nil)
)

func newParseStage(config parseConfig) (plugin.Stage, error) {
	stage := &parseStage{drop: config.OnError == "drop"}
	switch config.Format {
	case "regex":
		parser, err := newRegexParser(config.Pattern, config.Field)
		if err != nil {
			return nil, err
		}
		stage.parse = parser.parse
	default:
		stage.parse = jsonParser(config.Field)
	}
	if config.TimeKey == "" {
		return stage, nil
	}
	var err error
	stage.clock, err = newClock(config.TimeKey, config.TimeFormat, config.Timezone)
	return stage, err
}

// Process parses each event.
func (s *parseStage) Process(_ context.Context, batch *event.Batch) error {
	s.keep(batch, func(i int) bool {
		err := s.parse(batch, i)
		if err == nil && s.clock != nil {
			err = s.clock.set(batch, i)
		}
		if err == nil {
			return true
		}
		s.parseErrors.Add(1)
		if s.drop {
			return false
		}
		batch.Set(i, batch.Intern(parseErrorField), event.StringValue(err.Error()))
		return true
	})
	return batch.Err()
}

var errNoSuchField = errors.New("the event does not have the field to parse")

func jsonParser(field string) func(b *event.Batch, i int) error {
	if field == "" {
		return event.ParseJSON
	}
	return func(b *event.Batch, i int) error {
		id, ok := b.Lookup(field)
		if !ok {
			return errNoSuchField
		}
		return event.ParseJSONField(b, i, id)
	}
}

func validateParse(cfg cty.Value) plugin.Diagnostics {
	format, pattern := cfg.GetAttr("format"), cfg.GetAttr("pattern")
	if !format.IsKnown() || format.IsNull() || !pattern.IsKnown() {
		return nil
	}
	var diags plugin.Diagnostics
	switch isRegex := format.AsString() == "regex"; {
	case isRegex && pattern.IsNull():
		diags = plugin.Error(plugin.Attr("format"), "Missing pattern",
			"The format regex needs a pattern with named groups, as in pattern = \"^(?P<user>\\\\w+) \".")
	case isRegex:
		if _, err := newRegexParser(pattern.AsString(), ""); err != nil {
			diags = plugin.Error(plugin.Attr("pattern"), "Invalid pattern", "The pattern can't be used: %s.", err)
		}
	case !pattern.IsNull():
		diags = plugin.Error(plugin.Attr("pattern"), "Pattern without effect",
			"A pattern is only for the format regex. Leave it out, or set format = \"regex\".")
	}
	return append(diags, validateTime(cfg)...)
}

func validateTime(cfg cty.Value) plugin.Diagnostics {
	key, format, zone := cfg.GetAttr("time_key"), cfg.GetAttr("time_format"), cfg.GetAttr("timezone")
	if !key.IsKnown() || key.IsNull() || !format.IsKnown() || !zone.IsKnown() || format.IsNull() || zone.IsNull() {
		return nil
	}
	if err := checkLayout(format.AsString()); err != nil {
		return plugin.Error(plugin.Attr("time_format"), "Invalid time format", "%s.", err)
	}
	if _, err := newClock(key.AsString(), format.AsString(), zone.AsString()); err != nil {
		return plugin.Error(plugin.Attr("timezone"), "Unknown time zone",
			"%s. Use UTC, Local or a name of the IANA database such as Europe/Vienna.", err)
	}
	return nil
}
