package plugin_test

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// echoVariable tells this binary to serve a plain echo in place of a provider.
const echoVariable = "DRIFTLESS_TEST_ECHO"

// futureVariable tells it to speak only the next version of the protocol.
const futureVariable = "DRIFTLESS_TEST_FUTURE"

// TestMain serves the provider of these tests, or a plain echo, where the host
// has started this binary as one.
func TestMain(m *testing.M) {
	switch {
	case os.Getenv(plugin.Handshake().MagicCookieKey) == "":
		goleak.VerifyTestMain(m)
	case os.Getenv(echoVariable) != "":
		goplugin.Serve(&goplugin.ServeConfig{
			HandshakeConfig:  plugin.Handshake(),
			VersionedPlugins: plainPlugins(),
			GRPCServer: func(options []grpc.ServerOption) *grpc.Server {
				return grpc.NewServer(options...)
			},
			Logger: hclog.NewNullLogger(),
		})
	case os.Getenv(futureVariable) != "":
		goplugin.Serve(&goplugin.ServeConfig{
			HandshakeConfig:  plugin.Handshake(),
			VersionedPlugins: map[int]goplugin.PluginSet{plugin.ProtocolVersion + 1: plugin.Versions(echo{})[plugin.ProtocolVersion]},
			GRPCServer:       goplugin.DefaultGRPCServer,
			Logger:           hclog.NewNullLogger(),
		})
	default:
		plugin.Serve(echo{})
	}
}

// launch starts this binary as a process of its own and connects to it.
func launch(tb testing.TB, plugins map[int]goplugin.PluginSet, env ...string) (goplugin.ClientProtocol, error) {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), env...)
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  plugin.Handshake(),
		VersionedPlugins: plugins,
		Cmd:              cmd,
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true,
		GRPCDialOptions:  plugin.DialOptions(),
		Logger:           hclog.NewNullLogger(),
	})
	tb.Cleanup(client.Kill)
	return client.Client()
}

// start starts the provider of these tests as a process of its own.
func start(tb testing.TB) plugin.Provider {
	tb.Helper()
	wire, err := launch(tb, plugin.Versions(nil))
	if err != nil {
		tb.Fatal(err)
	}
	p, err := wire.Dispense("provider")
	if err != nil {
		tb.Fatal(err)
	}
	return p.(plugin.Provider)
}

// plain is the least that gRPC can do: bytes there and, for an echo, back. It is
// what the benchmarks of providers are measured against.
type plain struct {
	goplugin.NetRPCUnsupportedPlugin
}

func plainPlugins() map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{plugin.ProtocolVersion: {"plain": plain{}}}
}

func (plain) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	method := func(name string, answer func(*wrapperspb.BytesValue) *wrapperspb.BytesValue) grpc.MethodDesc {
		return grpc.MethodDesc{MethodName: name, Handler: func(_ any, _ context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			in := new(wrapperspb.BytesValue)
			err := decode(in)
			return answer(in), err
		}}
	}
	s.RegisterService(&grpc.ServiceDesc{ServiceName: "plain", Methods: []grpc.MethodDesc{
		method("Echo", func(in *wrapperspb.BytesValue) *wrapperspb.BytesValue { return in }),
		method("Take", func(*wrapperspb.BytesValue) *wrapperspb.BytesValue { return new(wrapperspb.BytesValue) }),
	}}, nil)
	return nil
}

func (plain) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return conn, nil
}

// startPlain starts a plain server as a process of its own, and returns what
// sends it bytes.
func startPlain(tb testing.TB, method string) func(p []byte) error {
	tb.Helper()
	wire, err := launch(tb, plainPlugins(), echoVariable+"=1")
	if err != nil {
		tb.Fatal(err)
	}
	conn, err := wire.Dispense("plain")
	if err != nil {
		tb.Fatal(err)
	}
	return func(p []byte) error {
		return conn.(*grpc.ClientConn).Invoke(tb.Context(), "/plain/"+method, wrapperspb.Bytes(p), new(wrapperspb.BytesValue))
	}
}

// batch makes 512 events of 200 bytes.
func batch() *event.Batch {
	b := event.NewBuilder(new(event.Batch))
	for range 512 {
		b.Log(time.Unix(1, 0), bytes.Repeat([]byte("x"), 200))
	}
	return b.Batch()
}

func open[T plugin.Instance](tb testing.TB, p plugin.Provider, kind plugin.Kind) T {
	tb.Helper()
	if _, err := p.Manifest(tb.Context()); err != nil {
		tb.Fatal(err)
	}
	instance, diags := p.Open(tb.Context(), plugin.OpenRequest{
		Type: plugin.TypeRef{Kind: kind, Name: "echo"}, Addr: "bench",
		Config: cty.ObjectVal(map[string]cty.Value{"text": cty.StringVal("x"), "keep": cty.NullVal(schema.EventExpr)}),
	})
	if diags.HasErrors() {
		tb.Fatal(diags)
	}
	return instance.(T)
}

// measure times what is done with a batch, directly and in a process. There
// each time is followed by a plain call with the same bytes, so that whatever
// else the machine does weighs on both: of-plain is how fast it is of what gRPC
// can do.
func measure(b *testing.B, method string, open func(p plugin.Provider) func(*event.Batch) error) {
	events := batch()
	packed := events.AppendBinary(nil)
	b.Run("direct", func(b *testing.B) {
		do := open(echo{})
		for b.Loop() {
			if err := do(events); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("process", func(b *testing.B) {
		do, send := open(start(b)), startPlain(b, method)
		var ours, plain time.Duration
		b.ReportAllocs()
		for b.Loop() {
			begin := time.Now()
			err := do(events)
			between := time.Now()
			err = errors.Join(err, send(packed))
			ours += between.Sub(begin)
			plain += time.Since(between)
			if err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*events.Len())/ours.Seconds(), "events/s")
		b.ReportMetric(plain.Seconds()/ours.Seconds(), "of-plain")
	})
}

func BenchmarkSink(b *testing.B) {
	measure(b, "Take", func(p plugin.Provider) func(*event.Batch) error {
		sink := open[plugin.Sink](b, p, plugin.KindSink)
		return func(events *event.Batch) error { return sink.Write(b.Context(), events) }
	})
}

func BenchmarkStage(b *testing.B) {
	measure(b, "Echo", func(p plugin.Provider) func(*event.Batch) error {
		stage := open[plugin.Stage](b, p, plugin.KindStage)
		return func(events *event.Batch) error { return stage.Process(b.Context(), events) }
	})
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if _, err := start(b).Manifest(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
