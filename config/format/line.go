package format

import (
	"bytes"
	"slices"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// piece is what is written in one go: a token, or a heredoc as a whole.
type piece struct {
	kind   hclsyntax.TokenType // TokenOHeredoc for a heredoc
	text   []byte
	width  int  // in columns; of no meaning where it is tall
	tall   bool // it goes over more than one line
	spaces int  // before it
}

// line is a line of code. A piece that goes over several lines makes them one.
type line struct {
	pieces []piece
	end    []byte // a newline of Unix or of Windows
}

// split makes lines of the tokens of a file. The last one ends as the first
// does if the file has no newline there.
func split(src []byte, tokens hclsyntax.Tokens) []line {
	var lines []line
	pieces := make([]piece, 0, len(tokens))
	first := 0 // piece of the current line
	finish := func(end []byte) {
		lines = append(lines, line{pieces: pieces[first:len(pieces):len(pieces)], end: end})
		first = len(pieces)
	}
	for i := 0; i < len(tokens); i++ {
		switch t := tokens[i]; t.Type {
		case hclsyntax.TokenNewline:
			finish(t.Bytes)
		case hclsyntax.TokenEOF:
		case hclsyntax.TokenOHeredoc:
			i = heredocEnd(tokens, i)
			text := src[t.Range.Start.Byte:tokens[i].Range.End.Byte]
			pieces = append(pieces, piece{kind: t.Type, text: text, tall: true})
		case hclsyntax.TokenComment:
			pieces = append(pieces, newComment(t))
			if bytes.HasSuffix(t.Bytes, []byte("\n")) {
				finish(newline(t.Bytes))
			}
		default:
			pieces = append(pieces, piece{kind: t.Type, text: t.Bytes, width: columns(t)})
		}
	}
	if len(pieces) > first {
		finish(newline(src[:bytes.IndexByte(src, '\n')+1]))
	}
	return lines
}

// heredocEnd returns where the heredoc that begins at i ends. Others may lie
// within its interpolations.
func heredocEnd(tokens hclsyntax.Tokens, i int) int {
	depth := 0
	for ; ; i++ {
		switch tokens[i].Type {
		case hclsyntax.TokenOHeredoc:
			depth++
		case hclsyntax.TokenCHeredoc:
			if depth--; depth == 0 {
				return i
			}
		}
	}
}

func newComment(t hclsyntax.Token) piece {
	p := piece{kind: t.Type, text: trimEnd(t.Bytes), width: columns(t)}
	p.tall = bytes.IndexByte(p.text, '\n') >= 0
	return p
}

func columns(t hclsyntax.Token) int { return t.Range.End.Column - t.Range.Start.Column }

// newline is the kind of newline that text ends with; that of Unix if none.
func newline(text []byte) []byte {
	if bytes.HasSuffix(text, []byte("\r\n")) {
		return []byte("\r\n")
	}
	return []byte("\n")
}

func (l *line) blank() bool { return len(l.pieces) == 0 }

func (l *line) size() int {
	size := len(l.end)
	for _, p := range l.pieces {
		size += p.spaces + len(p.text)
	}
	return size
}

func (l *line) appendTo(out []byte) []byte {
	for _, p := range l.pieces {
		for range p.spaces {
			out = append(out, ' ')
		}
		out = append(out, p.text...)
	}
	return append(out, l.end...)
}

// dropBlankLines leaves one blank line where there are several, and none
// within a bracket at its ends, nor at the ends of the file.
func dropBlankLines(lines []line) []line {
	kept := lines[:0]
	for i := range lines {
		l := lines[i]
		if l.blank() && (len(kept) == 0 || kept[len(kept)-1].blank() || kept[len(kept)-1].opens()) {
			continue
		}
		if n := len(kept); n > 0 && kept[n-1].blank() && !l.blank() && isCloser(l.pieces[0].kind) {
			kept = kept[:n-1]
		}
		kept = append(kept, l)
	}
	if n := len(kept); n > 0 && kept[n-1].blank() {
		kept = kept[:n-1]
	}
	return kept
}

// opens reports whether a bracket is open at the very end of the line, which
// a comment may follow.
func (l *line) opens() bool {
	for _, p := range slices.Backward(l.pieces) {
		if p.kind != hclsyntax.TokenComment {
			return isOpener(p.kind)
		}
	}
	return false
}

// indent moves each line two columns in from the line that opens the bracket
// it is in. A line that begins with closing brackets goes where their line is.
func indent(lines []line) {
	var open []int // for each open bracket, the level of its line
	for i := range lines {
		if lines[i].blank() {
			continue
		}
		pieces := lines[i].pieces
		closers := 0
		for closers < len(pieces) && isCloser(pieces[closers].kind) {
			closers++
		}
		level := 0
		switch n := len(open); {
		case closers > 0:
			level = open[n-closers]
		case n > 0:
			level = open[n-1] + 1
		}
		pieces[0].spaces = 2 * level
		for _, p := range pieces {
			switch {
			case isOpener(p.kind):
				open = append(open, level)
			case isCloser(p.kind):
				open = open[:len(open)-1]
			}
		}
	}
}

func isOpener(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenOBrace, hclsyntax.TokenOBrack, hclsyntax.TokenOParen, hclsyntax.TokenTemplateInterp, hclsyntax.TokenTemplateControl:
		return true
	}
	return false
}

func isCloser(t hclsyntax.TokenType) bool {
	switch t {
	case hclsyntax.TokenCBrace, hclsyntax.TokenCBrack, hclsyntax.TokenCParen, hclsyntax.TokenTemplateSeqEnd:
		return true
	}
	return false
}
