package config

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config/syntax"
)

// The limits of one file. The parser descends recursively and a stack that
// overflows ends the process, so a file is judged on its tokens before the
// parser sees it.
const (
	maxFileSize   = 1 << 20
	maxTokens     = 500_000
	maxDepth      = 200 // brackets, quotes, interpolations and template directives
	maxBlockDepth = 32
	maxOperators  = 1000 // in one expression
	maxForDepth   = 3
	maxMistakes   = 50 // of syntax, in one file, that are shown

	maxDigits         = 1000
	maxExponentDigits = 3
)

// parse reads one file within the limits. The file is never nil.
func parse(src []byte, path string) (*hcl.File, hcl.Diagnostics) {
	if syntax.Known(path) {
		return syntax.Parser{Root: rootSchema, Guard: checkTokens}.Parse(src, path)
	}
	empty := &hcl.File{Body: hcl.EmptyBody(), Bytes: src}
	if diags := checkSource(src, path); diags.HasErrors() {
		return empty, diags
	}
	tokens, _ := hclsyntax.LexConfig(src, path, hcl.InitialPos) // what is wrong with a token is the parser's to say
	if diags := checkTokens(tokens); diags.HasErrors() {
		return empty, diags
	}
	file, diags := hclsyntax.ParseConfig(src, path, hcl.InitialPos)
	if diags.HasErrors() {
		return file, shorten(diags)
	}
	return file, append(diags, checkForDepth(file.Body.(*hclsyntax.Body))...)
}

// ParseExpression parses an expression that stands alone, such as the value
// of a variable on the command line, within the limits of a file. The name is
// used in positions.
func ParseExpression(src []byte, name string) (hclsyntax.Expression, hcl.Diagnostics) {
	if len(src) > maxFileSize {
		return nil, pathError(name, "Expression too large", "An expression may have at most 1 MiB.")
	}
	if diags := checkSource(src, name); diags.HasErrors() {
		return nil, diags
	}
	tokens, _ := hclsyntax.LexExpression(src, name, hcl.InitialPos)
	if diags := checkTokens(tokens); diags.HasErrors() {
		return nil, diags
	}
	expr, diags := hclsyntax.ParseExpression(src, name, hcl.InitialPos)
	if diags.HasErrors() {
		return nil, shorten(diags)
	}
	return expr, append(diags, checkForDepth(expr)...)
}

// checkSource refuses what would cost the lexer too much memory, as it keeps
// all tokens of a file at once. A word or another character is at most one
// token, so counting them never counts too few; what it counts too many, in
// comments and in quotes, matters only in a file that is full of punctuation.
func checkSource(src []byte, path string) hcl.Diagnostics {
	if !utf8.Valid(src) {
		at := firstInvalid(src)
		return limitError(rangeAt(src, at, path), "Invalid character encoding", "A configuration is written in UTF-8, and this byte, 0x%02x, is not part of it.", src[at])
	}
	count, inWord := 0, false
	for i, c := range src {
		word := isWord(c)
		isMore := c == ' ' || c == '\t' || c == '\r' || c&0xc0 == 0x80 || word && inWord
		inWord = word
		if isMore {
			continue
		}
		if count++; count > maxTokens {
			return limitError(rangeAt(src, i, path), "Too many tokens", "A file may hold at most %d words and punctuation marks. Split it, or move data into files of its own that file() reads.", maxTokens)
		}
	}
	return nil
}

func isWord(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
}

func firstInvalid(src []byte) int {
	for i := 0; i < len(src); {
		r, size := utf8.DecodeRune(src[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(src)
}

// rangeAt is the range of the character at an offset.
func rangeAt(src []byte, at int, path string) hcl.Range {
	line := src[bytes.LastIndexByte(src[:at], '\n')+1 : at]
	start := hcl.Pos{Line: bytes.Count(src[:at], []byte("\n")) + 1, Column: utf8.RuneCount(line) + 1, Byte: at}
	end := hcl.Pos{Line: start.Line, Column: start.Column + 1, Byte: at + 1}
	return hcl.Range{Filename: path, Start: start, End: end}
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

func limitError(r hcl.Range, summary, detail string, args ...any) hcl.Diagnostics {
	return hcl.Diagnostics{{Severity: hcl.DiagError, Summary: summary, Detail: fmt.Sprintf(detail, args...), Subject: r.Ptr()}}
}

// checkForDepth reports for expressions that are nested too deep: each level
// multiplies the work.
func checkForDepth(node hclsyntax.Node) hcl.Diagnostics {
	w := &forWalker{}
	hclsyntax.Walk(node, w) //nolint:errcheck // the walker collects its diagnostics itself
	return w.diags
}

type forWalker struct {
	depth int
	diags hcl.Diagnostics
}

func (w *forWalker) Enter(node hclsyntax.Node) hcl.Diagnostics {
	loop, ok := node.(*hclsyntax.ForExpr)
	if !ok {
		return nil
	}
	if w.depth++; w.depth == maxForDepth+1 {
		w.diags = append(w.diags, limitError(loop.Range(), "Nesting too deep", "For expressions may be nested at most %d deep. Name parts of it with locals.", maxForDepth)...)
	}
	return nil
}

func (w *forWalker) Exit(node hclsyntax.Node) hcl.Diagnostics {
	if _, ok := node.(*hclsyntax.ForExpr); ok {
		w.depth--
	}
	return nil
}
