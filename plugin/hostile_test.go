package plugin_test

import (
	"context"
	"net"
	"strings"
	"testing"

	goplugin "github.com/hashicorp/go-plugin"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// liar is a provider that speaks the protocol and answers with garbage.
type liar struct {
	protocol.UnimplementedProviderServer
	manifest *protocol.ManifestResponse
}

// garbage is no value, no type and no batch.
var garbage = []byte("garbage")

func (l liar) Manifest(context.Context, *protocol.ManifestRequest) (*protocol.ManifestResponse, error) {
	return l.manifest, nil
}

func (liar) Open(context.Context, *protocol.OpenRequest) (*protocol.OpenResponse, error) {
	return &protocol.OpenResponse{}, nil
}

func (liar) Close(context.Context, *protocol.CloseRequest) (*protocol.CloseResponse, error) {
	return &protocol.CloseResponse{}, nil
}

func (liar) Call(context.Context, *protocol.CallRequest) (*protocol.CallResponse, error) {
	return &protocol.CallResponse{Result: garbage}, nil
}

func (liar) Plan(context.Context, *protocol.PlanRequest) (*protocol.PlanResponse, error) {
	return &protocol.PlanResponse{Change: &protocol.Change{Action: "run", After: garbage}}, nil
}

func (liar) Apply(context.Context, *protocol.ApplyRequest) (*protocol.ApplyResponse, error) {
	return &protocol.ApplyResponse{}, nil
}

func (liar) Read(context.Context, *protocol.ReadRequest) (*protocol.ReadResponse, error) {
	return &protocol.ReadResponse{Value: garbage}, nil
}

func (liar) Collect(context.Context, *protocol.CollectRequest) (*protocol.CollectResponse, error) {
	return &protocol.CollectResponse{Events: garbage}, nil
}

func (liar) Process(context.Context, *protocol.ProcessRequest) (*protocol.ProcessResponse, error) {
	return &protocol.ProcessResponse{Events: garbage}, nil
}

func (liar) Run(stream grpc.BidiStreamingServer[protocol.RunRequest, protocol.RunResponse]) error {
	if err := stream.Send(&protocol.RunResponse{Batch: 1, Events: garbage}); err != nil {
		return err
	}
	<-stream.Context().Done()
	return nil
}

// serve serves the protocol within this process and returns a connection.
func serve(t *testing.T, p protocol.ProviderServer) *grpc.ClientConn {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	s := grpc.NewServer()
	protocol.RegisterProviderServer(s, p)
	go s.Serve(listener) //nolint:errcheck // it ends with the server, and calls fail then
	conn, err := grpc.NewClient("passthrough:liar", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		s.Stop()
	})
	return conn
}

// honest is the manifest of a stub.
func honest(t *testing.T) *protocol.ManifestResponse {
	t.Helper()
	block, err := protocol.PackSchema(stubSchema())
	if err != nil {
		t.Fatal(err)
	}
	m := &protocol.ManifestResponse{Name: "liar", Functions: []*protocol.Function{{Name: "f", Result: []byte(`"string"`)}}}
	m.Types = append(m.Types, &protocol.Type{Kind: "source", Name: "stub_data", Schema: block})
	for _, kind := range []string{"source", "task", "collector", "stage", "sink"} {
		m.Types = append(m.Types, &protocol.Type{Kind: kind, Name: "stub", Schema: block, Emits: kind == "source"})
	}
	return m
}

func TestGarbageOfAProviderIsAnError(t *testing.T) {
	c := plugin.NewClient(serve(t, liar{manifest: honest(t)}))
	t.Cleanup(func() { _ = c.Close() })
	opened := func(ref plugin.TypeRef) plugin.Instance {
		instance, diags := c.Open(t.Context(), plugin.OpenRequest{Type: ref, Addr: "a", Config: stubConfig()})
		if diags.HasErrors() {
			t.Fatal(diags.Err())
		}
		return instance
	}
	task := opened(stubRef(plugin.KindTask)).(plugin.Task)
	_, planned := task.Plan(t.Context(), nil)
	_, applied := task.Apply(t.Context(), plugin.Change{Action: plugin.Run, After: stubConfig()})
	_, misfit := task.Apply(t.Context(), plugin.Change{Action: plugin.Run, After: cty.True})
	_, read := opened(dataRef).(plugin.Data).Read(t.Context())
	_, called := c.Call(t.Context(), "f", nil)
	batch := lines("x")
	for name, err := range map[string]error{
		"plan": planned.Err(), "apply": applied.Err(), "a change that doesn't fit": misfit.Err(), "read": read.Err(), "call": called,
		"collect": opened(stubRef(plugin.KindCollector)).(plugin.Collector).Collect(t.Context(), new(event.Builder)),
		"process": opened(stubRef(plugin.KindStage)).(plugin.Stage).Process(t.Context(), batch),
		"write":   opened(stubRef(plugin.KindSink)).(plugin.Sink).Write(t.Context(), batch),
		"run": opened(stubRef(plugin.KindSource)).(plugin.Source).Run(t.Context(), emitter(func(*event.Batch, func(error)) error {
			t.Error("garbage was emitted")
			return nil
		})),
	} {
		if err == nil {
			t.Errorf("%s took it", name)
		}
	}
	if body, _ := batch.Body(0); string(body) != "x" {
		t.Errorf("the batch holds %q now", body)
	}
}

func TestAManifestThatIsNotSoundIsRefused(t *testing.T) {
	for name, m := range map[string]*protocol.ManifestResponse{
		"a config of no type":   {Config: &protocol.Block{Attributes: []*protocol.Attribute{{Name: "a", Type: garbage}}}},
		"a type of no type":     {Types: []*protocol.Type{{Kind: "task", Name: "a", Schema: &protocol.Block{Attributes: []*protocol.Attribute{{Name: "a"}}}}}},
		"a function of no type": {Functions: []*protocol.Function{{Name: "f"}}},
		"a parameter of none":   {Functions: []*protocol.Function{{Name: "f", Result: []byte(`"string"`), Parameters: []*protocol.Parameter{{}}}}},
	} {
		c := plugin.NewClient(serve(t, liar{manifest: m}))
		if _, err := c.Manifest(t.Context()); err == nil || !strings.Contains(err.Error(), "not sound") {
			t.Errorf("%s: got %v", name, err)
		}
		if diags := c.Validate(t.Context(), stubRef(plugin.KindTask), stubConfig()); !diags.HasErrors() {
			t.Errorf("%s: a configuration was validated", name)
		}
		_ = c.Close()
	}
}

func TestGarbageOfAHostIsAnError(t *testing.T) {
	conn := connectRaw(t, stub{open: func(context.Context, plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		return sinkStub{work: func(context.Context, *event.Batch) error { return nil }}, nil
	}})
	ctx := t.Context()
	config, _, err := protocol.PackConfig(stubSchema(), stubConfig())
	if err != nil {
		t.Fatal(err)
	}
	open := func(id uint64) error {
		_, err := conn.Open(ctx, &protocol.OpenRequest{Instance: id, Kind: "sink", Name: "stub", Config: config})
		return err
	}
	if err := open(1); err != nil {
		t.Fatal(err)
	}
	first := func(_ any, err error) error { return err }
	run, err := conn.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	_ = run.Send(&protocol.RunRequest{Instance: 1})
	for name, row := range map[string]struct {
		err  error
		code codes.Code
	}{
		"an unknown type":          {first(conn.Open(ctx, &protocol.OpenRequest{Instance: 2, Kind: "sink", Name: "none"})), codes.NotFound},
		"a type to validate":       {first(conn.Validate(ctx, &protocol.ValidateRequest{Kind: "none"})), codes.NotFound},
		"a configuration":          {first(conn.Validate(ctx, &protocol.ValidateRequest{Kind: "sink", Name: "stub", Config: &protocol.Config{Value: garbage}})), codes.InvalidArgument},
		"no configuration":         {first(conn.Open(ctx, &protocol.OpenRequest{Instance: 2, Kind: "sink", Name: "stub"})), codes.InvalidArgument},
		"a provider block":         {first(conn.Configure(ctx, &protocol.ConfigureRequest{Config: garbage})), codes.InvalidArgument},
		"a number twice":           {open(1), codes.InvalidArgument},
		"the number of none":       {open(0), codes.InvalidArgument},
		"an unknown instance":      {first(conn.Write(ctx, &protocol.WriteRequest{Instance: 9})), codes.NotFound},
		"counts of none":           {first(conn.Counts(ctx, &protocol.CountsRequest{Instance: 9})), codes.NotFound},
		"a sink that is planned":   {first(conn.Plan(ctx, &protocol.PlanRequest{Instance: 1})), codes.InvalidArgument},
		"a sink that is applied":   {first(conn.Apply(ctx, &protocol.ApplyRequest{Instance: 1})), codes.InvalidArgument},
		"a sink that is read":      {first(conn.Read(ctx, &protocol.ReadRequest{Instance: 1})), codes.InvalidArgument},
		"a sink that is collected": {first(conn.Collect(ctx, &protocol.CollectRequest{Instance: 1})), codes.InvalidArgument},
		"a sink that processes":    {first(conn.Process(ctx, &protocol.ProcessRequest{Instance: 1})), codes.InvalidArgument},
		"a sink that runs":         {first(run.Recv()), codes.InvalidArgument},
		"a batch":                  {first(conn.Write(ctx, &protocol.WriteRequest{Instance: 1, Events: garbage})), codes.InvalidArgument},
		"a column":                 {first(conn.Write(ctx, &protocol.WriteRequest{Instance: 1, Columns: []*protocol.Column{{Values: garbage}}})), codes.InvalidArgument},
		"an unknown function":      {first(conn.Call(ctx, &protocol.CallRequest{Function: "g"})), codes.NotFound},
		"too many arguments":       {first(conn.Call(ctx, &protocol.CallRequest{Function: "f", Arguments: [][]byte{garbage}})), codes.InvalidArgument},
	} {
		if status.Code(row.err) != row.code {
			t.Errorf("%s: got %v, want %s", name, row.err, row.code)
		}
	}
	if response, err := conn.Close(ctx, &protocol.CloseRequest{Instance: 9}); err != nil || response.GetError() != nil {
		t.Errorf("close what isn't open: %v, %v", err, response.GetError())
	}
	if _, err := conn.Write(ctx, &protocol.WriteRequest{Instance: 1, Events: lines("x").AppendBinary(nil)}); err != nil {
		t.Errorf("a batch after all that: %v", err)
	}
}

// connectRaw reaches a stub over the wire, below the client.
func connectRaw(t *testing.T, s stub) protocol.ProviderClient {
	t.Helper()
	listener := bufconn.Listen(1 << 16)
	server := grpc.NewServer()
	if err := plugin.Versions(s)[plugin.ProtocolVersion]["provider"].(goplugin.GRPCPlugin).GRPCServer(nil, server); err != nil {
		t.Fatal(err)
	}
	go server.Serve(listener) //nolint:errcheck // it ends with the server, and calls fail then
	conn, err := grpc.NewClient("passthrough:stub", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = conn.Close()
		server.Stop()
	})
	return protocol.NewProviderClient(conn)
}

func TestExpressionsOverSelfSeeWhatTheTaskHasLearnt(t *testing.T) {
	until := &schema.Self{Text: "self.text == \"x\"", Eval: func(self cty.Value) (cty.Value, error) {
		return self.GetAttr("text").Equals(cty.StringVal("x")), nil
	}}
	config := cty.ObjectVal(map[string]cty.Value{"text": cty.StringVal("x"), "until": cty.CapsuleVal(schema.SelfExpr, until)})
	c := connect(t, stub{open: func(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		ask := req.Config.GetAttr("until").EncapsulatedValue().(*schema.Self)
		early, err := ask.Eval(req.Config) // while it is being opened
		if err != nil || early.False() {
			return nil, plugin.Error(nil, "Not so", "%v %v.", early, err)
		}
		return dataStub{read: func(context.Context) (cty.Value, plugin.Diagnostics) {
			v, err := ask.Eval(req.Config) // which holds the expression itself
			if err != nil || v.False() {
				return cty.NilVal, plugin.Error(nil, "Not so", "%v %v.", v, err)
			}
			return req.Config, nil
		}}, nil
	}})
	data, diags := c.Open(t.Context(), plugin.OpenRequest{Type: dataRef, Addr: "a", Config: config})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if _, diags := data.(plugin.Data).Read(t.Context()); diags.HasErrors() {
		t.Error(diags.Err())
	}
}

func TestAProviderOfAnotherVersionIsRefused(t *testing.T) {
	_, err := launch(t, plugin.Versions(nil), futureVariable+"=1")
	if err == nil || !strings.Contains(err.Error(), "Plugin version: 2, Client versions: [1]") {
		t.Errorf("got %v", err)
	}
}

func TestAProviderRunsAsAProcess(t *testing.T) {
	p := start(t)
	m, err := p.Manifest(t.Context())
	if err != nil || m.Name != "echo" {
		t.Errorf("got %v, %v", m.Name, err)
	}
	if err := p.Close(); err != nil {
		t.Error(err)
	}
}
