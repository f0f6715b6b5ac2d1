package bus

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/driftless-hq/driftless/plugin/event"
)

// null takes everything.
type null struct{}

func (null) Close(context.Context) error               { return nil }
func (null) Write(context.Context, *event.Batch) error { return nil }

// BenchmarkBus moves events from a source through a pipeline without stages
// to a sink. The same batch is emitted again and again, so what is measured
// is the bus alone. One operation is one event.
func BenchmarkBus(b *testing.B) {
	tests := []struct {
		events   int // per batch
		emitters int
		sinks    int
		join     int // events that the sink wants at once
	}{
		{events: 512, emitters: 1, sinks: 1},
		{events: 512, emitters: 8, sinks: 1},
		{events: 512, emitters: 1, sinks: 3},
		{events: 16, emitters: 1, sinks: 1},
		{events: 512, emitters: 1, sinks: 1, join: 4096},
	}
	for _, test := range tests {
		name := fmt.Sprintf("events=%d/emitters=%d/sinks=%d/join=%d", test.events, test.emitters, test.sinks, test.join)
		b.Run(name, func(b *testing.B) {
			bus := New(Options{})
			topology := Topology{Emitters: make(map[string][]string), Pipelines: make(map[string][]string)}
			for i := range test.sinks {
				topology.Pipelines["pipeline"] = append(topology.Pipelines["pipeline"], fmt.Sprint("sink", i))
			}
			for i := range test.emitters {
				topology.Emitters[fmt.Sprint("source", i)] = []string{"pipeline"}
			}
			configure(b, bus, topology)
			pipeline(b, bus, "pipeline")
			for _, addr := range topology.Pipelines["pipeline"] {
				sink(b, bus, addr, null{}, SinkOptions{Batch: Batch{MaxEvents: max(test.join, 1)}})
			}
			var builder event.Builder
			for range test.events {
				builder.Log(at, []byte(`192.0.2.7 - - [01/Mar/2026:12:00:00 +0000] "GET /index.html HTTP/1.1" 200 5316`))
			}
			batch := builder.Batch()
			each := max(1, b.N/(test.events*test.emitters))

			b.ReportAllocs()
			b.ResetTimer()
			var emitting, acks sync.WaitGroup
			acks.Add(each * test.emitters)
			for addr := range topology.Emitters {
				emitting.Go(func() {
					out := bus.Emitter(addr)
					for range each {
						if err := out.Emit(b.Context(), batch, func(error) { acks.Done() }); err != nil {
							b.Error(err)
						}
					}
				})
			}
			emitting.Wait()
			acks.Wait()
			b.ReportMetric(float64(each*test.emitters*test.events)/b.Elapsed().Seconds()/1e6, "Mevents/s")
		})
	}
}
