package plan_test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
)

// unchangedFiles makes files and a configuration that declares them as they
// are.
func unchangedFiles(b *testing.B, n int) (s *system, paths []string) {
	b.Helper()
	dir := b.TempDir()
	line := strings.Repeat("a line of a file that is as it should be\n", 20)
	var source strings.Builder
	for i := range n {
		name := fmt.Sprintf("d%02d/f%05d", i%50, i)
		write(b, dir, map[string]string{name: line})
		paths = append(paths, filepath.Join(dir, name))
		fmt.Fprintf(&source, "task \"file\" \"f%05d\" {\n  path    = \"DIR/%s\"\n  mode    = \"0644\"\n  content = %q\n}\n", i, name, line)
	}
	return load(b, source.String(), dir), paths
}

func cpuTime(b *testing.B) time.Duration {
	b.Helper()
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		b.Fatal(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// bareLoop is the least that has to be done to see that a file is unchanged.
func bareLoop(b *testing.B, paths []string) {
	b.Helper()
	for _, at := range paths {
		if _, err := os.Lstat(at); err != nil {
			b.Fatal(err)
		}
		if _, err := os.ReadFile(at); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkPlan1000UnchangedFiles plans 1,000 files of which none differs. It
// reports the processor time as a multiple of that of a bare loop over the
// same files.
func BenchmarkPlan1000UnchangedFiles(b *testing.B) {
	s, paths := unchangedFiles(b, 1000)
	const loops = 5
	began := cpuTime(b)
	for range loops {
		bareLoop(b, paths)
	}
	bare := (cpuTime(b) - began) / loops
	b.ReportAllocs()
	began = cpuTime(b)
	for b.Loop() {
		planUnchanged(b, s)
	}
	used := (cpuTime(b) - began) / time.Duration(b.N)
	b.ReportMetric(float64(used)/float64(bare), "cpu/bare-loop")
	b.ReportMetric(float64(bare.Microseconds())/1e3, "bare-ms")
}

func planUnchanged(b *testing.B, s *system) *plan.Plan {
	b.Helper()
	session := plan.NewSession(s.graph, s.catalog, s.opt)
	p, diags := session.Plan(b.Context())
	if diags.HasErrors() || p.Summary().HasChanges() {
		b.Fatal(diags, p.Summary())
	}
	if err := session.Close(b.Context()); err != nil {
		b.Fatal(err)
	}
	return p
}

// BenchmarkBareLoop1000 is what BenchmarkPlan1000UnchangedFiles is measured by.
func BenchmarkBareLoop1000(b *testing.B) {
	_, paths := unchangedFiles(b, 1000)
	for b.Loop() {
		bareLoop(b, paths)
	}
}

// BenchmarkPlan10000UnchangedFiles reports what a plan keeps in memory of each
// of 10,000 files, with 840 bytes of content, none of which differs.
func BenchmarkPlan10000UnchangedFiles(b *testing.B) {
	s, _ := unchangedFiles(b, 10_000)
	var p *plan.Plan
	for b.Loop() {
		p = planUnchanged(b, s)
	}
	n := len(p.Steps)
	with := heap()
	runtime.KeepAlive(p)
	p = nil
	b.ReportMetric(float64(with-heap())/float64(n), "B-kept/file")
	runtime.KeepAlive(s)
}

// heap is what is in use after a collection.
func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
