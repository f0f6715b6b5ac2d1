// Package format lays out configuration files in the native syntax: two
// spaces for each open bracket, equals signs and comments of neighbouring
// lines in one column, no more than one blank line. It changes nothing but
// white space, and what it has laid out it leaves as it is.
//
//	out, diags := format.Source(src, "main.hcl")
package format

import (
	"bytes"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/config"
)

var byteOrderMark = []byte("\xef\xbb\xbf")

// Source returns src in the canonical layout. The name is used in positions.
// What is not a valid file of the native syntax, or is beyond the limits of
// one, is an error, and then there is no result.
//
// Comments stay where they are, without the white space at their end. A
// heredoc is left as it is from its first marker to its last, and so is the
// text between quotes. Lines keep the end they have, be it that of Unix or of
// Windows.
func Source(src []byte, name string) ([]byte, hcl.Diagnostics) {
	tokens, diags := lex(src, name)
	if diags.HasErrors() {
		return nil, diags
	}
	lines := layout(src, tokens)
	mark := src[:len(src)-len(bytes.TrimPrefix(src, byteOrderMark))]
	size := len(mark)
	for i := range lines {
		size += lines[i].size()
	}
	// A few bytes can ask for very many spaces, so the size is known before
	// anything is written.
	if size > config.MaxFileSize {
		return nil, tooLarge(name, size)
	}
	out := append(make([]byte, 0, size), mark...)
	for i := range lines {
		out = lines[i].appendTo(out)
	}
	if bytes.Equal(out, src) {
		return out, nil
	}
	if diags := verify(src, out, tokens, name); diags.HasErrors() {
		return nil, diags
	}
	return out, nil
}

// layout is a function of the tokens alone, and not of the spaces that were
// between them: that is why a second time changes nothing.
func layout(src []byte, tokens hclsyntax.Tokens) []line {
	lines := dropBlankLines(split(src, tokens))
	indent(lines)
	space(lines)
	alignAssignments(lines)
	alignComments(lines)
	return lines
}

func tooLarge(name string, size int) hcl.Diagnostics {
	return hcl.Diagnostics{{
		Severity: hcl.DiagError,
		Summary:  "File too large",
		Detail:   fmt.Sprintf("With its lines indented and aligned this file would have %d bytes, and a configuration file may have at most 1 MiB. Split it, or shorten its longest lines.", size),
		Subject:  &hcl.Range{Filename: name, Start: hcl.InitialPos, End: hcl.InitialPos},
	}}
}

// lex returns the tokens of a file that is valid and within the limits.
func lex(src []byte, name string) (hclsyntax.Tokens, hcl.Diagnostics) {
	if _, diags := config.ParseNative(src, name); diags.HasErrors() {
		return nil, diags
	}
	return hclsyntax.LexConfig(src, name, hcl.InitialPos)
}

// verify makes sure that a layout says what the file did.
func verify(src, out []byte, want hclsyntax.Tokens, name string) hcl.Diagnostics {
	got, diags := hclsyntax.LexConfig(out, name, hcl.InitialPos)
	if !bytes.HasSuffix(src, []byte("\n")) {
		got, diags = lex(out, name) // the newline at its end may be one token too many
	}
	if diags.HasErrors() {
		return diags
	}
	got, want = withoutNewlines(got), withoutNewlines(want)
	for i := range want {
		if i >= len(got) || got[i].Type != want[i].Type || !bytes.Equal(words(got[i]), words(want[i])) {
			return hcl.Diagnostics{{
				Severity: hcl.DiagError,
				Summary:  "File cannot be formatted",
				Detail:   "The layout of this place would change what it means, so the file is left as it is. This is a fault of driftless fmt: please report it with these lines.",
				Subject:  want[i].Range.Ptr(),
			}}
		}
	}
	return nil
}

func withoutNewlines(tokens hclsyntax.Tokens) hclsyntax.Tokens {
	kept := make(hclsyntax.Tokens, 0, len(tokens))
	for _, t := range tokens {
		if t.Type != hclsyntax.TokenNewline {
			kept = append(kept, t)
		}
	}
	return kept
}

// words are the bytes of a token that its meaning depends on.
func words(t hclsyntax.Token) []byte {
	if t.Type == hclsyntax.TokenComment {
		return trimEnd(t.Bytes)
	}
	return t.Bytes
}

func trimEnd(text []byte) []byte { return bytes.TrimRight(text, " \t\r\n") }
