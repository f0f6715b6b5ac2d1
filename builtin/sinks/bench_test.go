package sinks

import (
	"fmt"
	"maps"
	"path/filepath"
	"testing"

	"github.com/driftless-hq/driftless/plugin/event"
)

// accessLog is a batch as a parsed access log makes it.
func accessLog(events int) *event.Batch {
	var b event.Builder
	for i := range events {
		b.Event(event.Log, at)
		b.String("remote_addr", "203.0.113.7")
		b.String("method", "GET")
		b.String("path", fmt.Sprintf("/assets/app-%d.js?v=17", i))
		b.Int("status", 200)
		b.Int("bytes", int64(1000+i))
		b.String("user_agent", "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0")
		b.String("host", fmt.Sprintf("web%d", i%4))
	}
	return b.Batch()
}

func bodies(events int) *event.Batch {
	var b event.Builder
	for i := range events {
		b.Log(at, fmt.Appendf(nil, `203.0.113.7 - - [04/Mar/2025:05:06:07 +0000] "GET /assets/app-%d.js?v=17 HTTP/1.1" 200 %d "-" "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Firefox/128.0"`, i, 1000+i))
	}
	return b.Batch()
}

func BenchmarkFile(b *testing.B) {
	benchmarks := []struct {
		name  string
		batch *event.Batch
		given body
	}{
		{"raw", bodies(512), body{"path": "a.log", "format": "raw"}},
		{"json", accessLog(512), body{"path": "a.log"}},
		{"json to four files by field and day", accessLog(512), body{"path": "{host}-%Y-%m-%d.log"}},
		{"json with rotation", accessLog(512), body{"path": "a.log", "rotate": body{"max_size": "16MiB", "max_files": 2}}},
		{"json with fsync", accessLog(512), body{"path": "a.log", "fsync": true}},
	}
	for _, bb := range benchmarks {
		b.Run(bb.name, func(b *testing.B) {
			given := body{"rotate": body{"max_size": "64MiB", "max_files": 1}} // spares the disk
			maps.Copy(given, bb.given)
			given["path"] = filepath.Join(b.TempDir(), given["path"].(string))
			sink := newWorld().open(b, "file", given).(*fileSink)
			write(b, sink, bb.batch)
			size := 0
			for _, group := range sink.groups {
				size += len(group.lines)
			}
			b.SetBytes(int64(size))
			b.ReportAllocs()
			for b.Loop() {
				write(b, sink, bb.batch)
			}
			events := float64(b.N) * float64(bb.batch.Len())
			b.ReportMetric(events/b.Elapsed().Seconds(), "events/s")
		})
	}
}
