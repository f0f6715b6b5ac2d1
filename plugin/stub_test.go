package plugin_test

import (
	"context"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// stub is a provider with one type of each kind, whose instances do what a test
// says.
type stub struct {
	open     func(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics)
	validate func(ctx context.Context) plugin.Diagnostics
	close    func() error
}

func stubSchema() *schema.Block {
	return &schema.Block{Doc: "A stub.", Attributes: []schema.Attribute{
		{Name: "text", Type: cty.String, Doc: "A text."},
		{Name: "until", Type: schema.SelfExpr, Doc: "Until when."},
	}}
}

func stubRef(kind plugin.Kind) plugin.TypeRef { return plugin.TypeRef{Kind: kind, Name: "stub"} }

var dataRef = plugin.TypeRef{Kind: plugin.KindSource, Name: "stub_data"}

// stubConfig is a configuration of a stub.
func stubConfig() cty.Value {
	return cty.ObjectVal(map[string]cty.Value{"text": cty.StringVal("x"), "until": cty.NullVal(schema.SelfExpr)})
}

func (stub) Manifest(context.Context) (plugin.Manifest, error) {
	m := plugin.Manifest{Name: "stub", Types: []plugin.Type{{Ref: dataRef, Schema: stubSchema()}}}
	m.Functions = []plugin.Function{{Name: "f", Doc: "A function.", Result: cty.String}}
	for _, kind := range []plugin.Kind{plugin.KindSource, plugin.KindTask, plugin.KindCollector, plugin.KindStage, plugin.KindSink} {
		m.Types = append(m.Types, plugin.Type{Ref: stubRef(kind), Schema: stubSchema(), Emits: kind == plugin.KindSource})
	}
	return m, nil
}

func (stub) Configure(context.Context, cty.Value) plugin.Diagnostics { return nil }

func (s stub) Validate(ctx context.Context, _ plugin.TypeRef, _ cty.Value) plugin.Diagnostics {
	if s.validate == nil {
		return nil
	}
	return s.validate(ctx)
}

func (s stub) Open(ctx context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
	return s.open(ctx, req)
}

func (stub) Call(context.Context, string, []cty.Value) (cty.Value, error) { panic("no function") }

func (s stub) Close() error {
	if s.close == nil {
		return nil
	}
	return s.close()
}

// closing is the Close of an instance that holds nothing.
type closing struct{}

func (closing) Close(context.Context) error { return nil }

// The instances of stubs are functions.
type (
	taskStub struct {
		closing
		plan  func(context.Context, plugin.Host) (plugin.Change, plugin.Diagnostics)
		apply func(context.Context, plugin.Change) (cty.Value, plugin.Diagnostics)
	}
	sourceStub struct {
		closing
		run func(context.Context, plugin.Emitter) error
	}
	dataStub struct {
		closing
		read func(context.Context) (cty.Value, plugin.Diagnostics)
	}
	collectorStub struct {
		closing
		collect func(context.Context, *event.Builder) error
	}
	flowStub struct { // a stage
		closing
		work func(context.Context, *event.Batch) error
	}
	sinkStub struct {
		closing
		work func(context.Context, *event.Batch) error
	}
)

func (s taskStub) Plan(ctx context.Context, h plugin.Host) (plugin.Change, plugin.Diagnostics) {
	return s.plan(ctx, h)
}

func (s taskStub) Apply(ctx context.Context, c plugin.Change) (cty.Value, plugin.Diagnostics) {
	return s.apply(ctx, c)
}

func (s sourceStub) Run(ctx context.Context, out plugin.Emitter) error { return s.run(ctx, out) }

func (s dataStub) Read(ctx context.Context) (cty.Value, plugin.Diagnostics) { return s.read(ctx) }

func (s collectorStub) Collect(ctx context.Context, b *event.Builder) error { return s.collect(ctx, b) }

func (s flowStub) Process(ctx context.Context, b *event.Batch) error { return s.work(ctx, b) }

func (s sinkStub) Write(ctx context.Context, b *event.Batch) error { return s.work(ctx, b) }

// connect reaches a stub over the wire.
func connect(t *testing.T, s stub) *plugin.Client {
	t.Helper()
	c, err := plugin.Connect(s, hclog.NewNullLogger())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Close() })
	return c
}

// remote opens an instance over the wire.
func remote[T plugin.Instance](t *testing.T, ref plugin.TypeRef, instance plugin.Instance, env plugin.Env) (T, *plugin.Client) {
	t.Helper()
	c := connect(t, stub{open: func(context.Context, plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) { return instance, nil }})
	opened, diags := c.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: ref.String() + ".a", Config: stubConfig(), Env: env})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return opened.(T), c
}

// lines is a batch of events with these bodies.
func lines(bodies ...string) *event.Batch {
	batch := new(event.Batch)
	b := event.NewBuilder(batch)
	for _, body := range bodies {
		b.Log(time.Unix(1, 0), []byte(body))
	}
	return batch
}
