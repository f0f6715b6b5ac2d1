// Package guard judges a text in the native syntax before HCL's lexer and parser
// see it: the lexer keeps all tokens at once, and the parser descends
// recursively, where a stack that overflows ends the process.
//
//	if diags := guard.Text(src, name, scanner.Config); diags.HasErrors() { ... }
package guard

import (
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/scanner"
)

// MaxDepth is how deep brackets, quotes, interpolations and template
// directives can be nested.
const MaxDepth = 200

// The other limits of one text.
const (
	maxTokens     = 500_000
	maxBlockDepth = 32
	maxOperators  = 1000    // in one expression
	maxElements   = 100_000 // of one list: a value may not have more
	maxForDepth   = 3
	maxLabels     = 100  // words and strings that follow each other
	maxInvalid    = 1000 // characters and line ends that can't be where they are

	maxDigits         = 1000
	maxExponentDigits = 3
)

// MinPiece is how many bytes of a file there are at least between two of its cuts.
const MinPiece = 16 << 10

// Text returns an error for the first token of a text beyond a limit. The name
// is used in positions.
func Text(src []byte, name string, mode scanner.Mode) hcl.Diagnostics {
	_, diags := Items(src, name, mode)
	return diags
}

// Items is Text that also returns where a file may be cut: after some of the
// arguments and blocks that aren't within others.
func Items(src []byte, name string, mode scanner.Mode) (cuts []int, diags hcl.Diagnostics) {
	if !utf8.Valid(src) {
		at := firstInvalid(src)
		return nil, limitError(rangeOf(src, name, at, at+1), "Invalid character encoding", "This byte, 0x%02x, is not UTF-8. Save the file as UTF-8.", src[at])
	}
	g := &guard{src: src, name: name, levels: make([]level, 1, MaxDepth+2)}
	s := scanner.New(src, mode)
	for {
		token := s.Next()
		if token.Type == hclsyntax.TokenEOF {
			return g.cuts, nil
		}
		if diags := g.next(token); diags != nil {
			return nil, diags
		}
	}
}

// ParseTemplate parses a template within the limits. The name is used in
// positions.
func ParseTemplate(src []byte, name string) (hclsyntax.Expression, hcl.Diagnostics) {
	if diags := Text(src, name, scanner.Template); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseTemplate(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	return expr, diags
}

func limitError(r hcl.Range, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: r.Ptr()}}
}
