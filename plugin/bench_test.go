package plugin_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// TestMain serves the provider of these tests where the host has started this
// binary as one.
func TestMain(m *testing.M) {
	if os.Getenv(plugin.Handshake().MagicCookieKey) != "" {
		plugin.Serve(echo{})
		return
	}
	os.Exit(m.Run())
}

// start starts the provider of these tests as a process of its own.
func start(tb testing.TB) plugin.Provider {
	tb.Helper()
	client := goplugin.NewClient(&goplugin.ClientConfig{
		HandshakeConfig:  plugin.Handshake(),
		VersionedPlugins: plugin.Versions(nil),
		Cmd:              exec.Command(os.Args[0]),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true,
		GRPCDialOptions:  plugin.DialOptions(),
		Logger:           hclog.NewNullLogger(),
	})
	tb.Cleanup(client.Kill)
	wire, err := client.Client()
	if err != nil {
		tb.Fatal(err)
	}
	p, err := wire.Dispense("provider")
	if err != nil {
		tb.Fatal(err)
	}
	return p.(plugin.Provider)
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

// providers are the ways to reach a provider that the benchmarks compare.
func providers(b *testing.B, run func(b *testing.B, p plugin.Provider)) {
	b.Run("direct", func(b *testing.B) { run(b, echo{}) })
	b.Run("process", func(b *testing.B) { run(b, start(b)) })
}

func BenchmarkSink(b *testing.B) {
	providers(b, func(b *testing.B, p plugin.Provider) {
		sink, events := open[plugin.Sink](b, p, plugin.KindSink), batch()
		b.ReportAllocs()
		for b.Loop() {
			if err := sink.Write(b.Context(), events); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*events.Len())/b.Elapsed().Seconds(), "events/s")
	})
}

func BenchmarkStage(b *testing.B) {
	providers(b, func(b *testing.B, p plugin.Provider) {
		stage, events := open[plugin.Stage](b, p, plugin.KindStage), batch()
		b.ReportAllocs()
		for b.Loop() {
			if err := stage.Process(context.WithoutCancel(b.Context()), events); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.N*events.Len())/b.Elapsed().Seconds(), "events/s")
	})
}

func BenchmarkStart(b *testing.B) {
	for b.Loop() {
		if _, err := start(b).Manifest(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
