package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// echo is a provider whose source emits ten batches and whose stage keeps the
// events that an expression is true for.
type echo struct{}

var text = &schema.Block{Attributes: []schema.Attribute{
	{Name: "text", Type: cty.String, Doc: "Text."},
	{Name: "keep", Type: schema.EventExpr, Doc: "Which to keep."},
}}

func (echo) Manifest(context.Context) (plugin.Manifest, error) {
	types := []plugin.Type{{Ref: plugin.TypeRef{Kind: plugin.KindSource, Name: "echo"}, Schema: text, Emits: true}}
	for _, kind := range []plugin.Kind{plugin.KindStage, plugin.KindSink, plugin.KindCollector} {
		types = append(types, plugin.Type{Ref: plugin.TypeRef{Kind: kind, Name: "echo"}, Schema: text})
	}
	return plugin.Manifest{Name: "echo", Types: types}, nil
}
func (echo) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }
func (echo) Validate(context.Context, plugin.TypeRef, cty.Value) plugin.Diagnostics {
	return plugin.Warning(plugin.Attr("text"), "Loud", "It is loud.")
}
func (echo) Close() error { return nil }

func (echo) Open(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	var e echoed
	if err := schema.Decode(req.Config, &e); err != nil {
		return nil, plugin.Error(nil, "Bad configuration", "%s", err)
	}
	e.checkpoints = req.Env.Checkpoints
	return &e, nil
}

type echoed struct {
	Text        string     `schema:"text"`
	Keep        event.Expr `schema:"keep"`
	checkpoints plugin.Checkpoints
	mu          sync.Mutex
	settled     int
}

func (*echoed) Close(context.Context) error { return nil }

func (e *echoed) Run(ctx context.Context, out plugin.Emitter) error {
	for i := range 10 {
		b := event.NewBuilder(new(event.Batch))
		b.Log(time.Unix(int64(i), 0), fmt.Appendf(nil, "%s %d", e.Text, i))
		err := out.Emit(ctx, b.Batch(), func(err error) {
			e.mu.Lock()
			defer e.mu.Unlock()
			if e.settled++; err == nil && e.settled == 10 {
				_ = e.checkpoints.Save(context.Background(), "at", []byte("end"))
			}
		})
		if err != nil {
			return err
		}
	}
	<-ctx.Done()
	return nil
}

func (e *echoed) Process(_ context.Context, batch *event.Batch) error {
	if e.Keep.IsSet() {
		batch.Keep(func(i int) bool { return e.Keep.True(batch, i) })
	}
	return nil
}

// Write counts what it is given.
func (e *echoed) Write(_ context.Context, batch *event.Batch) error {
	e.settled += batch.Len()
	return nil
}

// Collect measures what it counts.
func (e *echoed) Collect(_ context.Context, out *event.Builder) error {
	out.Metric(&event.Family{Name: "echo_settled", Type: event.Counter}, time.Unix(1, 0), float64(e.settled))
	return nil
}

// measured is a source of values that measures its reads.
type measured struct{ dataStub }

func (measured) Measure(_ context.Context, out *event.Builder) error {
	out.Metric(&event.Family{Name: "reads_total", Type: event.Counter}, time.Unix(1, 0), 7)
	return nil
}

func TestTheFiguresOfASourceCrossTheWire(t *testing.T) {
	for name, test := range map[string]struct {
		instance plugin.Instance
		want     int
	}{
		"a source that measures its reads": {measured{}, 1},
		"a source that measures nothing":   {dataStub{}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			source, _ := remote[plugin.Measurer](t, dataRef, test.instance, plugin.Env{})
			var b event.Builder
			if err := source.Measure(t.Context(), &b); err != nil {
				t.Fatal(err)
			}
			if n := b.Batch().Len(); n != test.want {
				t.Errorf("there are %d figures, want %d", n, test.want)
			}
		})
	}
}

type emitter func(*event.Batch, func(error)) error

func (e emitter) Emit(_ context.Context, b *event.Batch, ack func(error)) error { return e(b, ack) }

type memory struct{ saved chan string }

func (memory) Load(context.Context, string) ([]byte, error) { return nil, nil }
func (m memory) Save(_ context.Context, key string, value []byte) error {
	m.saved <- key + "=" + string(value)
	return nil
}

func TestSourceAndStageOverTheWire(t *testing.T) {
	c, err := plugin.Connect(echo{}, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Manifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	keep := event.Expr{Text: "odd", Eval: func(b *event.Batch, i int) event.Value { return event.BoolValue(b.Time(i).Unix()%2 == 1) }}
	cfg := cty.ObjectVal(map[string]cty.Value{"text": cty.StringVal("hello"), "keep": cty.CapsuleVal(schema.EventExpr, &keep)})
	ref := plugin.TypeRef{Kind: plugin.KindStage, Name: "echo"}
	if diags := c.Validate(t.Context(), ref, cfg); len(diags) != 1 || diags[0].Severity != plugin.SeverityWarning {
		t.Errorf("%v", diags)
	}
	stage, diags := c.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: "stage", Config: cfg})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	m := memory{make(chan string, 1)}
	source, diags := c.Open(t.Context(), plugin.OpenRequest{Type: plugin.TypeRef{Kind: plugin.KindSource, Name: "echo"}, Addr: "source", Config: cfg, Env: plugin.Env{Checkpoints: m}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ctx, stop := context.WithCancel(t.Context())
	var all event.Batch
	err = source.(plugin.Source).Run(ctx, emitter(func(b *event.Batch, ack func(error)) error {
		all.Append(b)
		if all.Len() == 10 {
			stop()
		}
		ack(nil)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	if got := <-m.saved; got != "at=end" {
		t.Errorf("saved %s", got)
	}
	if err := stage.(plugin.Stage).Process(t.Context(), &all); err != nil {
		t.Fatal(err)
	}
	if body, _ := all.Body(0); all.Len() != 5 || string(body) != "hello 1" {
		t.Errorf("%d events, the first is %q", all.Len(), body)
	}
	if err := errors.Join(stage.Close(t.Context()), source.Close(t.Context())); err != nil {
		t.Error(err)
	}
}

func TestWhatIsCollectedOverTheWireIsAddedToWhatWasBuiltBefore(t *testing.T) {
	c, err := plugin.Connect(echo{}, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if _, err := c.Manifest(t.Context()); err != nil {
		t.Fatal(err)
	}
	cfg := cty.ObjectVal(map[string]cty.Value{"text": cty.StringVal(""), "keep": cty.NullVal(schema.EventExpr)})
	collector, diags := c.Open(t.Context(), plugin.OpenRequest{Type: plugin.TypeRef{Kind: plugin.KindCollector, Name: "echo"}, Config: cfg})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	var b event.Builder
	for range 2 {
		if err := collector.(plugin.Collector).Collect(t.Context(), &b); err != nil {
			t.Fatal(err)
		}
	}
	if n := b.Batch().Len(); n != 2 {
		t.Errorf("the builder holds %d events after two measurements of one each", n)
	}
}
