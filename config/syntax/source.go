package syntax

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/apparentlymart/go-textseg/v15/textseg"
	"github.com/hashicorp/hcl/v2"
)

// A span is a range of a source, in bytes. A node keeps only this much of its
// position, because most are never shown.
type span struct{ start, end int }

func (s span) where() span { return s }

// A source is the text of a file and the way from a byte to its line.
type source struct {
	name  string
	bytes []byte
	text  string // the same as bytes
	first int    // the byte after a byte order mark
	guard Guard
	marks []hcl.Pos // of some bytes, ascending
	// headed is true for TOML, where what belongs to a table is written after
	// each of its headers, and the tables of one name needn't be together.
	headed bool
}

// markEvery is the distance of two marks in bytes, and so the most that is
// read to find a position.
const markEvery = 512

func newSource(src []byte, name string, guard Guard) *source {
	s := &source{name: name, bytes: src, text: string(src), guard: guard}
	if bytes.HasPrefix(src, []byte("\uFEFF")) {
		s.first = len("\uFEFF")
	}
	at := hcl.Pos{Line: 1, Column: 1, Byte: s.first}
	for {
		s.marks = append(s.marks, at)
		next := s.walk(at, at.Byte+markEvery)
		if next.Byte == at.Byte {
			return s
		}
		at = next
	}
}

// walk goes on from a position to the first character that doesn't end before
// or at the given byte.
func (s *source) walk(at hcl.Pos, to int) hcl.Pos {
	for {
		n := characterLen(s.bytes[at.Byte:])
		if n == 0 || at.Byte+n > to {
			return at
		}
		if s.bytes[at.Byte+n-1] == '\n' {
			at.Line, at.Column = at.Line+1, 1
		} else {
			at.Column++
		}
		at.Byte += n
	}
}

// characterLen returns the length of the grapheme cluster that b starts with,
// which is what HCL counts columns in.
func characterLen(b []byte) int {
	if len(b) == 0 {
		return 0
	}
	alone := len(b) == 1 || b[1] < utf8.RuneSelf
	if b[0] < utf8.RuneSelf && b[0] != '\r' && alone {
		return 1
	}
	n, _, err := textseg.ScanGraphemeClusters(b, true)
	if err != nil || n == 0 {
		return 1
	}
	return n
}

func (s *source) pos(offset int) hcl.Pos {
	i, found := slices.BinarySearchFunc(s.marks, offset, func(m hcl.Pos, offset int) int { return m.Byte - offset })
	if !found {
		i = max(i-1, 0)
	}
	at := s.walk(s.marks[i], offset)
	at.Byte = offset
	return at
}

func (s *source) at(sp span) hcl.Range {
	return hcl.Range{Filename: s.name, Start: s.pos(sp.start), End: s.pos(sp.end)}
}

// skipSpace skips white space and the comments that YAML and TOML share.
func (s *source) skipSpace(at int) int {
	for at < len(s.text) {
		switch {
		case isSpace(s.text[at]):
			at++
		case s.text[at] == '#':
			at = s.lineEnd(at)
		default:
			return at
		}
	}
	return at
}

// lineEnd returns the line feed that ends the line of a byte, or the end of
// the file.
func (s *source) lineEnd(at int) int {
	if i := strings.IndexByte(s.text[at:], '\n'); i >= 0 {
		return at + i
	}
	return len(s.text)
}

// checkText refuses what no text has, and what the parsers disagree about.
func (s *source) checkText() error {
	for i := s.first; i < len(s.bytes); {
		c := s.bytes[i]
		if c >= utf8.RuneSelf {
			r, n := utf8.DecodeRune(s.bytes[i:])
			if r == utf8.RuneError && n == 1 {
				return fault(span{i, i + 1}, "Invalid character encoding", "This byte (0x%02x) is not UTF-8. Save the file as UTF-8.", c)
			}
			i += n
			continue
		}
		if c < ' ' && c != '\t' && c != '\n' && c != '\r' || c == 0x7f {
			return fault(span{i, i + 1}, "Invalid character", "The control character U+%04X can't be in a configuration file. Write it as an escape in a string.", c)
		}
		if c == '\r' && (i+1 == len(s.bytes) || s.bytes[i+1] != '\n') {
			return fault(span{i, i + 1}, "Invalid character", "A carriage return must be followed by a line feed.")
		}
		i++
	}
	return nil
}
