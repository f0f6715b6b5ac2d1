package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// source follows a notebook.
type source struct{ inNotebook }

// Run implements [plugin.Source]. After an error it is called again, later and
// later, unless the error is permanent.
func (s *source) Run(ctx context.Context, out plugin.Emitter) error {
	const maxRead = 64 << 10 // bytes at once
	saved, err := s.Env.Checkpoints.Load(ctx, "offset")
	if err != nil {
		return err
	}
	offset, _ := strconv.ParseInt(string(saved), 10, 64) // from the beginning where nothing was saved
	save := func(ctx context.Context) error { return s.Env.Checkpoints.Save(ctx, "offset", fmt.Append(nil, offset)) }
	f, err := os.Open(s.Notebook)
	if err != nil {
		return err
	}
	defer f.Close()
	for ctx.Err() == nil {
		text, err := io.ReadAll(io.NewSectionReader(f, offset, maxRead))
		whole := bytes.LastIndexByte(text, '\n') + 1
		switch {
		case err != nil:
			return err
		case whole > 0:
			offset += int64(whole)
			var b event.Builder
			for _, n := range parse(text[:whole]) {
				b.Log(n.Time, []byte(n.Text))
				b.String("key", n.Key)
			}
			if err := plugin.Deliver(ctx, out, b.Batch(), save); err != nil {
				return err
			}
		case len(text) == maxRead:
			return plugin.Permanent(fmt.Errorf("%s: the line at byte %d is longer than %d bytes: shorten it", f.Name(), offset, maxRead))
		default:
			plugin.Sleep(ctx, 200*time.Millisecond)
		}
	}
	return nil
}

// collector counts the notes of a notebook.
type collector struct{ inNotebook }

func (c *collector) Collect(_ context.Context, out *event.Builder) error {
	content, err := os.ReadFile(c.Notebook)
	if err != nil {
		return err
	}
	count := &event.Family{Name: "notes_count", Help: "Notes in a notebook, counted by their keys.", Type: event.Gauge}
	out.Metric(count, c.Env.Now(), float64(len(byKey(content))), "notebook", c.Notebook)
	return nil
}

// stage tags events.
type stage struct {
	plugin.Opened
	Tag   string     `schema:"tag,required" doc:"The tag."`
	Match event.Expr `schema:"match" doc:"Which events are tagged; all where it is left out."`
}

func (s *stage) Process(_ context.Context, batch *event.Batch) error {
	tag := batch.Intern("tag")
	for i := range batch.Len() {
		if !s.Match.IsSet() || s.Match.True(batch, i) {
			batch.Set(i, tag, event.StringValue(s.Tag))
		}
	}
	return nil
}

// sink makes notes of events.
type sink struct{ inNotebook }

// Write implements [plugin.Sink]. A batch may come twice, when it got lost
// that it was written. That does no harm: of a key the last note counts.
func (s *sink) Write(_ context.Context, batch *event.Batch) error {
	key, tag := event.NewRef("key"), event.NewRef("tag")
	notes := make([]note, batch.Len())
	for i := range notes {
		body, _ := batch.Body(i)
		notes[i] = note{Key: string(key.Field(batch, i).Text()), Text: string(body), Tag: string(tag.Field(batch, i).Text()), Time: batch.Time(i)}
		notes[i].Key = cmp.Or(notes[i].Key, slug(notes[i].Text))
	}
	return add(s.Notebook, notes...)
}
