package syntax

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// Each file of the benchmarks holds this many tasks.
const benchBlocks = 1000

func benchSource(before, block, between, after string) []byte {
	blocks := make([]string, benchBlocks)
	for i := range blocks {
		blocks[i] = strings.ReplaceAll(block, "%d", fmt.Sprint(i))
	}
	return []byte(before + strings.Join(blocks, between) + after)
}

// benchContent asks for what is in each block, as every configuration is.
func benchContent(b *testing.B, file *hcl.File, diags hcl.Diagnostics) {
	b.Helper()
	content, contentDiags := file.Body.Content(testRoot)
	if diags = append(diags, contentDiags...); diags.HasErrors() || len(content.Blocks) != benchBlocks {
		b.Fatalf("%d blocks, %s", len(content.Blocks), diags)
	}
	for _, block := range content.Blocks {
		attributes, diags := block.Body.JustAttributes()
		if diags.HasErrors() || len(attributes) != 4 {
			b.Fatal(diags)
		}
		for _, a := range attributes {
			a.Expr.Variables()
		}
	}
}

func benchmark(b *testing.B, name string, src []byte) {
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		file, diags := testParser.Parse(src, name)
		benchContent(b, file, diags)
	}
}

func BenchmarkJSON(b *testing.B) {
	benchmark(b, "a.json", benchSource(`{"task": {"file": {`, `"f%d": {"path": "/etc/f%d", "content": "Hello ${var.env}\n", "mode": "0644", "args": [1, true, "x"]}`, ",\n", "}}}"))
}

func BenchmarkYAML(b *testing.B) {
	benchmark(b, "a.yaml", benchSource("task:\n  file:\n", "    f%d:\n      path: /etc/f%d\n      content: |\n        Hello ${var.env}\n      mode: 0644\n      args: [1, true, x]\n", "", ""))
}

func BenchmarkTOML(b *testing.B) {
	benchmark(b, "a.toml", benchSource("", "[task.file.f%d]\npath = \"/etc/f%d\"\ncontent = \"Hello ${var.env}\\n\"\nmode = '0644'\nargs = [1, true, \"x\"]\n", "\n", ""))
}

func BenchmarkNative(b *testing.B) {
	src := benchSource("", "task \"file\" \"f%d\" {\n  path = \"/etc/f%d\"\n  content = \"Hello ${var.env}\\n\"\n  mode = \"0644\"\n  args = [1, true, \"x\"]\n}\n", "\n", "")
	b.SetBytes(int64(len(src)))
	b.ReportAllocs()
	for b.Loop() {
		file, diags := hclsyntax.ParseConfig(src, "a.hcl", hcl.InitialPos)
		benchContent(b, file, diags)
	}
}
