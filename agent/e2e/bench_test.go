package e2e

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	driftless "github.com/driftless-hq/driftless/agent"
	"github.com/driftless-hq/driftless/builtin"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
)

const benchBytes = 64 << 20

// benchFile writes 64 MiB of JSON lines and returns their number, and the
// size of those that the filter keeps.
func benchFile(b *testing.B, path string) (lines int, kept int64) {
	b.Helper()
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	out := bufio.NewWriterSize(file, 1<<20)
	for size := 0; size < benchBytes; lines++ {
		status := 200 + 100*(lines%4)
		n, err := fmt.Fprintf(out, `{"time":"2026-11-21T10:00:%02dZ","level":"info","status":%d,"method":"GET","path":"/api/v1/items/%d","remote":"192.0.2.%d","took":%d.25,"agent":"curl/8.5.0"}`+"\n",
			lines%60, status, lines, lines%256, lines%977)
		if err != nil {
			b.Fatal(err)
		}
		if size += n; status >= 300 {
			kept += int64(n)
		}
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	if err := file.Close(); err != nil {
		b.Fatal(err)
	}
	return lines, kept
}

// usage is what the process has used so far.
type usage struct {
	wall   time.Time
	cpu    time.Duration
	allocs uint64
}

func used(b *testing.B) usage {
	b.Helper()
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return usage{time.Now(), time.Duration(r.Utime.Nano() + r.Stime.Nano()), m.Mallocs}
}

func report(b *testing.B, before usage, lines int) {
	b.Helper()
	now := used(b)
	events := float64(lines) * float64(b.N)
	mb := float64(benchBytes) / 1e6 * float64(b.N)
	b.ReportMetric(events/now.wall.Sub(before.wall).Seconds(), "events/s")
	b.ReportMetric(mb/now.wall.Sub(before.wall).Seconds(), "MB/s")
	b.ReportMetric(mb/(now.cpu-before.cpu).Seconds(), "MB/cpu-s")
	b.ReportMetric(float64(now.allocs-before.allocs)/events, "allocs/event")
}

// BenchmarkFileToFile runs a whole agent over a file: tail, parse JSON,
// filter by an expression, write to a file.
func BenchmarkFileToFile(b *testing.B) {
	for _, stages := range []struct{ name, text string }{
		{"raw", ""},
		{"parsed", `stage "parse" { format = "json" }`},
		{"parsed and filtered", `
  stage "parse"  { format = "json" }
  stage "filter" { keep = event.status >= 300 }`},
	} {
		b.Run(stages.name, func(b *testing.B) {
			dir := b.TempDir()
			lines, want := benchFile(b, filepath.Join(dir, "app.log"))
			if stages.name != "parsed and filtered" {
				want = size(b, filepath.Join(dir, "app.log"))
			}
			before := used(b)
			for i := range b.N {
				run(b, filepath.Join(dir, fmt.Sprint(i)), filepath.Join(dir, "app.log"), stages.text, want)
			}
			report(b, before, lines)
		})
	}
}

// run runs an agent until the sink's file has the wanted size.
func run(b *testing.B, dir, log, stages string, want int64) {
	b.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		b.Fatal(err)
	}
	out := filepath.Join(dir, "out.ndjson")
	file := filepath.Join(dir, "main.hcl")
	text := fmt.Sprintf(`
agent { listen = "127.0.0.1:0" }
source "file" "app" {
  paths    = [%q]
  start_at = "beginning"
}
pipeline "app" {
  from = [source.file.app]
  %s
  to   = [sink.file.out]
}
sink "file" "out" {
  path   = %q
  format = "ndjson"
}
`, log, stages, out)
	if stages == "" {
		text = text[:len(text)-len("format = \"ndjson\"\n}\n")] + "format = \"raw\"\n}\n"
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer cancel()
	c, err := catalog.New(ctx, builtin.Providers(builtin.Parts{Stdout: io.Discard, Stderr: io.Discard, Tap: logs.NewTap(1, time.Now)})...)
	if err != nil {
		b.Fatal(err)
	}
	go func() {
		for size(b, out) < want && ctx.Err() == nil {
			time.Sleep(time.Millisecond)
		}
		cancel()
	}()
	err = driftless.Run(ctx, driftless.Options{
		Load: func(context.Context) (*eval.Graph, hcl.Diagnostics) {
			cfg, diags := config.Load(file)
			if diags.HasErrors() {
				return nil, diags
			}
			return eval.Build(cfg, c, eval.Inputs{})
		},
		Catalog: c,
		DataDir: filepath.Join(dir, "data"),
		Log:     hclog.NewNullLogger(),
		Now:     time.Now,
		Ready:   func(string) {},
	})
	if err != nil {
		b.Fatal(err)
	}
	if got := size(b, out); got != want {
		b.Fatalf("the file has %d bytes, want %d", got, want)
	}
	if err := os.Remove(out); err != nil {
		b.Fatal(err)
	}
}

func size(b *testing.B, path string) int64 {
	info, err := os.Stat(path)
	if err != nil {
		return -1
	}
	return info.Size()
}

// BenchmarkCopyLines is the least that there is to do: read lines, write lines.
func BenchmarkCopyLines(b *testing.B) {
	dir := b.TempDir()
	lines, _ := benchFile(b, filepath.Join(dir, "app.log"))
	before := used(b)
	for range b.N {
		in, err := os.Open(filepath.Join(dir, "app.log"))
		if err != nil {
			b.Fatal(err)
		}
		out, err := os.Create(filepath.Join(dir, "out"))
		if err != nil {
			b.Fatal(err)
		}
		r, w := bufio.NewScanner(in), bufio.NewWriterSize(out, 256<<10)
		for r.Scan() {
			if _, err := w.Write(append(r.Bytes(), '\n')); err != nil {
				b.Fatal(err)
			}
		}
		if err := w.Flush(); err != nil {
			b.Fatal(err)
		}
		in.Close()
		out.Close()
	}
	report(b, before, lines)
}
