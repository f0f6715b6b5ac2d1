// Package guard judges what the parser of the native syntax is about to see.
// The parser descends recursively and a stack that overflows ends the process,
// so a text is judged on its tokens first.
//
//	if diags := guard.Source(src, path); diags.HasErrors() { ... }
//	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos)
//	if diags := guard.Tokens(tokens); diags.HasErrors() { ... }
package guard

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// MaxDepth is how deep brackets, quotes, interpolations and template
// directives can be nested.
const MaxDepth = 200

// The other limits of one text.
const (
	maxTokens     = 500_000
	maxBlockDepth = 32
	maxOperators  = 1000 // in one expression
	maxForDepth   = 3

	maxDigits         = 1000
	maxExponentDigits = 3
)

// ParseTemplate parses a template within the limits. The name is used in
// positions.
func ParseTemplate(src []byte, name string) (hclsyntax.Expression, hcl.Diagnostics) {
	if diags := Source(src, name); diags.HasErrors() {
		return nil, diags
	}
	tokens, _ := hclsyntax.LexTemplate(src, name, hcl.InitialPos) // what is wrong with a token is the parser's to say
	if diags := Tokens(tokens); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseTemplate(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, diags
	}
	return expr, append(diags, Loops(expr)...)
}

func limitError(r hcl.Range, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: r.Ptr()}}
}
