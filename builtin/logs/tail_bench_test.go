package logs

import (
	"bufio"
	"context"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

const benchSize = 64 << 20

// benchFile writes 64 MiB of lines like those of a web server.
func benchFile(b *testing.B) (path string, lines int) {
	b.Helper()
	path = filepath.Join(b.TempDir(), "access.log")
	file, err := os.Create(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	out := bufio.NewWriterSize(file, 1<<20)
	for written := 0; written < benchSize; lines++ {
		n, err := out.WriteString("192.0.2.17 - - [21/Nov/2026:10:00:00 +0000] \"GET /" + strings.Repeat("p", lines%120) + " HTTP/1.1\" 200 5123 \"-\" \"curl/8.5.0\"\n")
		if err != nil {
			b.Fatal(err)
		}
		written += n
	}
	if err := out.Flush(); err != nil {
		b.Fatal(err)
	}
	return path, lines
}

// counter takes batches and ends the run after so many events.
type counter struct {
	left int
	end  func()
}

func (c *counter) Emit(_ context.Context, batch *event.Batch, ack func(error)) error {
	ack(nil)
	if c.left -= batch.Len(); c.left <= 0 {
		c.end()
	}
	return nil
}

func BenchmarkTail(b *testing.B) {
	path, lines := benchFile(b)
	config := fileConfig{StartAt: "beginning", MaxLine: 1 << 20, Paths: []string{path}}
	measure(b, lines, func() {
		env := plugin.Env{Log: hclog.NewNullLogger(), Checkpoints: newMemory(), Now: time.Now}
		ctx, cancel := context.WithCancel(b.Context())
		out := &counter{left: lines, end: cancel}
		if err := newTailer(config, globs{patterns: config.Paths}, "source.file.bench", env).run(ctx, out, hints{}); err != nil {
			b.Fatal(err)
		}
		if out.left != 0 {
			b.Fatalf("%d lines too few came", out.left)
		}
	})
}

// BenchmarkScanner is what any reading of lines costs, to compare with.
func BenchmarkScanner(b *testing.B) {
	path, lines := benchFile(b)
	measure(b, lines, func() {
		file, err := os.Open(path)
		if err != nil {
			b.Fatal(err)
		}
		defer file.Close()
		scanner := bufio.NewScanner(file)
		scanner.Buffer(make([]byte, blockSize), 1<<20)
		left := lines
		for scanner.Scan() {
			left--
		}
		if scanner.Err() != nil || left != 0 {
			b.Fatal(scanner.Err(), left)
		}
	})
}

func measure(b *testing.B, lines int, read func()) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	b.SetBytes(benchSize)
	for b.Loop() {
		read()
	}
	runtime.ReadMemStats(&after)
	total := float64(lines) * float64(b.N)
	b.ReportMetric(total/b.Elapsed().Seconds(), "lines/s")
	b.ReportMetric(float64(after.Mallocs-before.Mallocs)/total, "allocs/line")
}
