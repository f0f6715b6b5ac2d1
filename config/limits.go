package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/guard"
	"github.com/driftless-hq/driftless/config/syntax"
)

// The limits of one file, beside those of the package guard.
const (
	maxFileSize = 1 << 20
	maxMistakes = 50 // of syntax, in one file, that are shown
)

// parse reads one file within the limits. The file is never nil.
func parse(src []byte, path string) (*hcl.File, hcl.Diagnostics) {
	if syntax.Known(path) {
		return syntax.Parser{Root: rootSchema, Guard: guard.Tokens}.Parse(src, path)
	}
	empty := &hcl.File{Body: hcl.EmptyBody(), Bytes: src}
	if diags := guard.Source(src, path); diags.HasErrors() {
		return empty, diags
	}
	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos) // what is wrong with a token is the parser's to say
	if diags := guard.Tokens(tokens); diags.HasErrors() {
		return empty, diags
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return file, shorten(diags)
	}
	return file, append(diags, guard.Loops(file.Body.(*hclsyntax.Body))...)
}

// ParseExpression parses an expression that stands alone, such as the value
// of a variable on the command line, within the limits of a file. The name is
// used in positions.
func ParseExpression(src []byte, name string) (hclsyntax.Expression, hcl.Diagnostics) {
	if len(src) > maxFileSize {
		return nil, pathError(name, "Expression too large", "An expression may have at most 1 MiB.")
	}
	if diags := guard.Source(src, name); diags.HasErrors() {
		return nil, diags
	}
	tokens, _ := hclsyntax.LexExpression(src, name, hcl.InitialPos)
	if diags := guard.Tokens(tokens); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseExpression(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, shorten(diags)
	}
	return expr, append(diags, guard.Loops(expr)...)
}

// shorten keeps the first mistakes of a file: after some, what follows is
// only noise.
func shorten(diags hcl.Diagnostics) hcl.Diagnostics {
	if len(diags) <= maxMistakes {
		return diags
	}
	more := len(diags) - maxMistakes
	return append(diags[:maxMistakes:maxMistakes], &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Too many mistakes",
		Detail:   fmt.Sprintf("There are %d more mistakes in this file. Correct those above first: the others may come from them.", more),
		Subject:  diags[maxMistakes].Subject,
	})
}
