package main

import (
	"context"
	"os"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// data reads a note.
type data struct {
	inNotebook
	Key  string `schema:"key,required" doc:"What the note is found by."`
	Text string `schema:"text,computed" doc:"What the note says, null where there is none."`
}

// collector counts the notes of a notebook.
type collector struct{ inNotebook }

// stage tags events.
type stage struct {
	block
	Tag   string     `schema:"tag,required" doc:"The tag."`
	Match event.Expr `schema:"match" doc:"Which events are tagged; all where it is left out."`
}

// sink makes notes of events.
type sink struct{ inNotebook }

var (
	_ plugin.Data      = (*data)(nil)
	_ plugin.Collector = (*collector)(nil)
	_ plugin.Stage     = (*stage)(nil)
	_ plugin.Sink      = (*sink)(nil)
)

// Read implements [plugin.Data].
func (d *data) Read(context.Context) (cty.Value, plugin.Diagnostics) {
	content, err := os.ReadFile(d.Notebook)
	if err != nil {
		return cty.NilVal, plugin.Error(plugin.Attr("notebook"), "Unreadable notebook", "%s.", err)
	}
	v := d.Config.AsValueMap()
	v["text"] = cty.NullVal(cty.String)
	if found := latest(content, d.Key); found != nil {
		v["text"] = cty.StringVal(found.Text)
	}
	return cty.ObjectVal(v), nil
}

// Collect implements [plugin.Collector].
func (c *collector) Collect(_ context.Context, out *event.Builder) error {
	content, err := os.ReadFile(c.Notebook)
	if err != nil {
		return err
	}
	keys := make(map[string]bool)
	for _, n := range parse(content) {
		keys[n.Key] = true
	}
	count := &event.Family{Name: "notes_count", Help: "Notes in a notebook, counted by their keys.", Type: event.Gauge}
	out.Metric(count, c.Env.Now(), float64(len(keys)), "notebook", c.Notebook)
	return nil
}

// Process implements [plugin.Stage].
func (s *stage) Process(_ context.Context, batch *event.Batch) error {
	tag := batch.Intern("tag")
	for i := range batch.Len() {
		if !s.Match.IsSet() || s.Match.True(batch, i) {
			batch.Set(i, tag, event.StringValue(s.Tag))
		}
	}
	return nil
}

// Write implements [plugin.Sink]. A batch may come twice, when it got lost
// that it was written. That does no harm: of a key the last note counts.
func (s *sink) Write(_ context.Context, batch *event.Batch) error {
	key, tag := event.NewRef("key"), event.NewRef("tag")
	notes := make([]note, batch.Len())
	for i := range notes {
		body, _ := batch.Body(i)
		notes[i] = note{Key: string(key.Field(batch, i).Text()), Text: string(body), Tag: string(tag.Field(batch, i).Text()), Time: batch.Time(i)}
		if notes[i].Key == "" {
			notes[i].Key = slug(notes[i].Text)
		}
	}
	return add(s.Notebook, notes...)
}
