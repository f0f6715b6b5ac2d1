package config

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// parsePieces parses a file piece by piece, as the parser makes a hundred
// bytes of tokens out of each byte, which one piece after the other can use. It
// gives up when there is enough to correct.
func parsePieces(src []byte, path string, cuts []int) (*hcl.File, hcl.Diagnostics) {
	if len(cuts) == 0 || cuts[len(cuts)-1] < len(src) {
		cuts = append(cuts, len(src))
	}
	file, diags := hclsyntax.ParseConfig(src[:cuts[0]], path, hcl.InitialPos)
	whole := file.Body.(*hclsyntax.Body)
	file.Bytes = src
	line := 1
	for i, end := range cuts[1:] {
		if len(diags) > maxMistakes {
			break
		}
		start := cuts[i]
		line += bytes.Count(src[previous(cuts, i):start], []byte("\n"))
		piece, pieceDiags := hclsyntax.ParseConfig(src[start:end], path, hcl.Pos{Line: line, Column: 1, Byte: start})
		diags = append(diags, pieceDiags...)
		diags = append(diags, join(whole, piece.Body.(*hclsyntax.Body))...)
	}
	return file, diags
}

// previous is where the piece before a cut begins.
func previous(cuts []int, i int) int {
	if i == 0 {
		return 0
	}
	return cuts[i-1]
}

// join adds the items of a piece to those of the pieces before it.
func join(whole, piece *hclsyntax.Body) hcl.Diagnostics {
	var diags hcl.Diagnostics
	for name, attribute := range piece.Attributes {
		if first, exists := whole.Attributes[name]; exists {
			diags = append(diags, &hcl.Diagnostic{
				Severity: hcl.DiagError,
				Summary:  "Attribute redefined",
				Detail:   fmt.Sprintf("The argument %q was already set at %s. Each argument may be set only once.", name, first.NameRange),
				Subject:  &attribute.NameRange,
			})
			continue
		}
		whole.Attributes[name] = attribute
	}
	whole.Blocks = append(whole.Blocks, piece.Blocks...)
	whole.SrcRange.End = piece.SrcRange.End
	whole.EndRange = piece.EndRange
	return diags
}
