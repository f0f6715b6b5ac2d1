package syntax

import (
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
)

// escapes says how a string is written where it is not written as it reads.
// White space may differ in any case, as where lines are folded or indented.
type escapes uint8

const (
	plain        escapes = iota
	backslash            // \n, \u00e9 and so on, in double quotes
	doubledQuote         // '' in single quotes
)

// An origin finds the bytes of a decoded string in the source.
type origin struct {
	*source
	runs []run
}

// A run is a part of a string that is written as it reads.
type run struct{ text, source int }

// originOf lays a string beside the source.
func (s *source) originOf(n *stringNode) origin {
	if n.verbatim(s.text) {
		return origin{s, []run{{0, n.content}}}
	}
	runs, _ := s.align(n.text, n.content, n.escapes)
	return origin{s, runs}
}

// verbatim reports whether a string is written as it reads.
func (n *stringNode) verbatim(source string) bool {
	return strings.HasPrefix(source[n.content:], n.text)
}

// align returns the runs of a decoded text that is written from a byte on, and
// the byte after it. The text was decoded by a real parser, so that nothing is
// checked again here; where text and source can't be brought together, the
// rest is taken to be where the last of it was found.
func (s *source) align(text string, from int, how escapes) ([]run, int) {
	runs := []run{{0, from}}
	i, j := 0, from
	for i < len(text) && j < len(s.text) {
		switch c := s.text[j]; {
		case how == backslash && c == '\\':
			written, decoded := escape(s.text[j:])
			i, j = i+decoded, j+written
			runs = append(runs, run{i, j})
		case c == text[i]:
			i, j = i+1, j+1
			if how == doubledQuote && c == '\'' {
				j++
				runs = append(runs, run{i, j})
			}
		case isSpace(c) || isSpace(text[i]):
			j += len(s.text[j:]) - len(strings.TrimLeft(s.text[j:], spaces))
			i += len(text[i:]) - len(strings.TrimLeft(text[i:], spaces))
			runs = append(runs, run{i, j})
		default:
			return runs, j
		}
	}
	return runs, j
}

const spaces = " \t\r\n"

func isSpace(c byte) bool { return strings.IndexByte(spaces, c) >= 0 }

// escape returns the written and the decoded length of the escape that s
// starts with, in any of the syntaxes: none gives one of them another length.
func escape(s string) (written, decoded int) {
	if len(s) < 2 {
		return len(s), 0
	}
	switch s[1] {
	case ' ', '\t', '\r', '\n':
		rest := strings.TrimLeft(s[1:], spaces)
		if gap := s[1 : len(s)-len(rest)]; strings.Contains(gap, "\n") {
			return 1 + len(gap), 0
		}
		return 2, 1
	case 'x':
		return 4, runeLen(hexRune(s, 2))
	case 'u':
		if r := utf16.DecodeRune(hexRune(s, 4), hexRune(s[min(6, len(s)):], 4)); r != utf8.RuneError {
			return 12, utf8.RuneLen(r)
		}
		return 6, runeLen(hexRune(s, 4))
	case 'U':
		return 10, runeLen(hexRune(s, 8))
	case 'N', '_': // in YAML a next line and a no-break space
		return 2, 2
	case 'L', 'P': // in YAML the separators of lines and paragraphs
		return 2, 3
	}
	return 2, 1
}

// hexRune reads the digits after a backslash and a letter.
func hexRune(s string, digits int) rune {
	if len(s) < 2+digits {
		return utf8.RuneError
	}
	n, err := strconv.ParseUint(s[2:2+digits], 16, 31)
	if err != nil {
		return utf8.RuneError
	}
	return rune(n)
}

// runeLen is the length of what the decoders write, which is the replacement
// character for a surrogate that stands alone.
func runeLen(r rune) int {
	if !utf8.ValidRune(r) {
		r = utf8.RuneError
	}
	return utf8.RuneLen(r)
}

// offset returns the byte of the source that a byte of the string is written at.
func (o origin) offset(i int) int {
	at, found := slices.BinarySearchFunc(o.runs, i, func(r run, i int) int { return r.text - i })
	if !found {
		at--
	}
	r := o.runs[at]
	return min(r.source+i-r.text, len(o.text))
}

func (o origin) relocate(r hcl.Range) hcl.Range {
	sp := span{start: o.offset(r.Start.Byte)}
	sp.end = sp.start
	if r.End.Byte > r.Start.Byte {
		sp.end = max(sp.start, o.offset(r.End.Byte-1)+1)
	}
	return o.at(sp)
}
