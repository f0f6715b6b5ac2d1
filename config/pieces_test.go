package config

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/guard"
	"github.com/driftless-hq/driftless/config/scanner"
)

// items says what a body holds, and where, as far down as there is something.
func items(b *hclsyntax.Body) []string {
	var out []string
	for _, name := range sortedNames(b.Attributes) {
		a := b.Attributes[name]
		out = append(out, fmt.Sprintf("%s %s %s", name, a.SrcRange, a.Expr.Range()))
	}
	for _, block := range b.Blocks {
		out = append(out, fmt.Sprintf("%s %q %s %s", block.Type, block.Labels, block.Range(), block.CloseBraceRange))
		out = append(out, items(block.Body)...)
	}
	return append(out, b.SrcRange.String())
}

func sortedNames(attributes hclsyntax.Attributes) []string {
	names := make([]string, 0, len(attributes))
	for _, a := range attributes {
		names = append(names, a.Name)
	}
	slices.Sort(names)
	return names
}

func TestAFileInPiecesIsTheSameFile(t *testing.T) {
	var src strings.Builder
	src.WriteString("\uFEFF")
	for i := range 2000 {
		fmt.Fprintf(&src, "a%d = [\n  1, # one\n  \"}\", \"${[\n2]}\"\n]\n# a } comment\nb \"c\" {\n  d = <<E\n}\nE\n  /* {\n */ f = {\n    g = 1\n  }\n}\r\n", i)
	}
	text := []byte(src.String())
	cuts, diags := guard.Items(text, "main.hcl", scanner.Config)
	if diags.HasErrors() || len(cuts) < 5 {
		t.Fatalf("%d cuts, %s", len(cuts), diags)
	}
	want, wantDiags := hclsyntax.ParseConfig(text, "main.hcl", hcl.InitialPos)
	got, gotDiags := parsePieces(text, "main.hcl", cuts)
	if wantDiags.HasErrors() || gotDiags.HasErrors() {
		t.Fatalf("%s; %s", wantDiags, gotDiags)
	}
	if diff := cmp.Diff(items(want.Body.(*hclsyntax.Body)), items(got.Body.(*hclsyntax.Body))); diff != "" {
		t.Errorf("(-whole +in pieces):\n%s", diff)
	}
	if block := got.OutermostBlockAtPos(hcl.Pos{Byte: len(text) - 5}); block == nil || block.Type != "b" {
		t.Errorf("the last block is not found: %v", block)
	}
}

func TestAnArgumentOfTwoPiecesIsRefused(t *testing.T) {
	text := []byte("a = 1\nb = \"" + strings.Repeat("x", guard.MinPiece) + "\"\na = 2\n")
	_, diags := parse(text, "main.hcl")
	if len(diags) != 1 || diags[0].Summary != "Attribute redefined" || diags[0].Subject.Start.Line != 3 {
		t.Errorf("got %s", diags)
	}
}

func TestAByteOrderMarkWithinAFileIsAMistake(t *testing.T) {
	text := []byte("a = \"" + strings.Repeat("x", guard.MinPiece) + "\"\n\uFEFFb = 2\n")
	if _, diags := parse(text, "main.hcl"); !diags.HasErrors() || diags[0].Subject.Start.Line != 2 {
		t.Errorf("got %s", diags)
	}
}
