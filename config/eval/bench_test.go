package eval_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
)

// BenchmarkLoadAndValidate reads a configuration of 100 files from the disk
// and checks all of it.
func BenchmarkLoadAndValidate(b *testing.B) {
	for _, blocks := range []int{1_000, 10_000} {
		b.Run(fmt.Sprintf("%d blocks", blocks), func(b *testing.B) {
			dir := b.TempDir()
			writeBlocks(b, dir, blocks, 100)
			b.ReportAllocs()
			for b.Loop() {
				cfg, diags := config.Load(dir)
				_, checkDiags := eval.Check(b.Context(), cfg, newFakes(), eval.Inputs{}, newFakes())
				if diags = append(diags, checkDiags...); diags.HasErrors() {
					b.Fatal(diags)
				}
			}
		})
	}
}

// writeBlocks writes tasks that refer to variables, to locals, and to each
// other.
func writeBlocks(tb testing.TB, dir string, blocks, files int) {
	tb.Helper()
	for f := range files {
		var src strings.Builder
		if f == 0 {
			src.WriteString("variable \"who\" {\n  default = \"you\"\n}\n\nlocals {\n  greeting = \"hello ${var.who}\"\n}\n\n")
		}
		for i := f * blocks / files; i < (f+1)*blocks/files; i++ {
			fmt.Fprintf(&src, "task \"file\" \"f%d\" {\n  path    = \"/etc/f%d\"\n  content = \"${local.greeting} %d\\n\"\n  mode    = \"0644\"\n", i, i, i)
			if i%10 > 0 {
				fmt.Fprintf(&src, "  pattern = task.file.f%d.checksum\n", i-1)
			}
			src.WriteString("  rule {\n    name = \"r\"\n  }\n}\n\n")
		}
		writeSource(tb, filepath.Join(dir, fmt.Sprintf("%03d.hcl", f)), src.String())
	}
}

// BenchmarkEdges checks a configuration of 100,000 dependencies: each task
// refers to the 50 before it, and depends on one of the instances of another.
func BenchmarkEdges(b *testing.B) {
	dir := b.TempDir()
	writeEdges(b, dir, 2_000, 50)
	b.ReportAllocs()
	for b.Loop() {
		cfg, diags := config.Load(dir)
		g, checkDiags := eval.Check(b.Context(), cfg, newFakes(), eval.Inputs{}, newFakes())
		if diags = append(diags, checkDiags...); diags.HasErrors() {
			b.Fatal(diags)
		}
		if n := len(g.Order()); n != 4_000 {
			b.Fatalf("%d instances", n)
		}
	}
}

func writeEdges(tb testing.TB, dir string, tasks, edges int) {
	tb.Helper()
	var keys, src strings.Builder
	for i := range tasks {
		fmt.Fprintf(&keys, "k%d = %d, ", i, i)
		fmt.Fprintf(&src, "task \"file\" \"f%d\" {\n  path = \"/etc/f%d\"\n  depends_on = [task.file.each[\"k%d\"]]\n  content = \"", i, i, i)
		for j := max(0, i-edges); j < i; j++ {
			fmt.Fprintf(&src, "${task.file.f%d.path}", j)
		}
		src.WriteString("\"\n}\n")
		if src.Len() > 1<<19 || i == tasks-1 {
			writeSource(tb, filepath.Join(dir, fmt.Sprintf("%04d.hcl", i)), src.String())
			src.Reset()
		}
	}
	writeSource(tb, filepath.Join(dir, "each.hcl"), "task \"file\" \"each\" {\n  for_each = { "+keys.String()+" }\n  path = \"/each/${each.key}\"\n}\n")
}

func writeSource(tb testing.TB, path, src string) {
	tb.Helper()
	if err := os.WriteFile(path, []byte(src), 0o600); err != nil {
		tb.Fatal(err)
	}
}
