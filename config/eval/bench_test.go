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
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%03d.hcl", f)), []byte(src.String()), 0o600); err != nil {
			tb.Fatal(err)
		}
	}
}
