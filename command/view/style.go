package view

import (
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"
)

// style knows what a stream can show.
type style struct {
	color bool
	width int // columns at which text is wrapped; 0 for what is no terminal, where a search should find whole sentences
}

const (
	defaultWidth = 80
	maxWidth     = 120
	minWidth     = 30
)

func newStyle(w io.Writer, plain bool) style {
	var s style
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		s = style{color: !plain, width: defaultWidth}
		if width, _, err := term.GetSize(int(f.Fd())); err == nil && width > 0 {
			s.width = min(max(width, minWidth), maxWidth)
		}
	}
	return s
}

const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// paint wraps text in the codes of ECMA-48, where the stream shows colour.
func (s style) paint(code, text string) string {
	if !s.color || text == "" || code == "" {
		return text
	}
	return "\x1b[" + code + "m" + text + "\x1b[0m"
}

// wrap breaks prose into lines that leave room for a margin. Lines that begin
// with a space are kept as they are.
func (s style) wrap(text string, margin int) string {
	if s.width == 0 {
		return text
	}
	var out []string
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		if strings.HasPrefix(line, " ") {
			out = append(out, line)
			continue
		}
		out = append(out, wrapLine(line, s.width-margin)...)
	}
	return strings.Join(out, "\n")
}

// hang breaks prose into lines of which all but the first are indented by as
// many spaces as the first one has before it.
func (s style) hang(text string, indent int) string {
	if s.width == 0 {
		return text
	}
	return strings.Join(wrapLine(text, s.width-indent), "\n"+strings.Repeat(" ", indent))
}

// piece is a part of a line that is not broken, and what sets it apart from
// the one before.
type piece struct{ sep, text, code string }

// line joins pieces. What doesn't fit any more goes on in the next line,
// indented, and is broken between words where it doesn't fit there either.
func (s style) line(pieces []piece, indent int) string {
	var b strings.Builder
	length := 0
	for _, p := range pieces {
		n := utf8.RuneCountInString(p.text)
		if length > indent && s.width > 0 && length+len(p.sep)+n > s.width {
			p.sep = "\n" + strings.Repeat(" ", indent)
			length = -1 // of the line break
			if n > s.width-indent {
				p.text = s.hang(p.text, indent)
				n = utf8.RuneCountInString(p.text[strings.LastIndex(p.text, "\n")+1:])
			}
		}
		length += len(p.sep) + n
		b.WriteString(p.sep + s.paint(p.code, p.text))
	}
	return b.String()
}

// excerpt cuts a line down to what lies around a marked part of it, so that it
// fits beside a margin.
func (s style) excerpt(before, marked, after string, margin int) (string, string, string) {
	room := s.width - margin
	if s.width == 0 || utf8.RuneCountInString(before+marked+after) <= room {
		return before, marked, after
	}
	m := []rune(marked)
	if len(m) > room-2*ellipsis {
		marked = string(m[:max(room-2*ellipsis, 1)])
		return cutLeft(before, ellipsis), marked, strings.Repeat(".", ellipsis)
	}
	left := max((room-len(m))/2, room-len(m)-utf8.RuneCountInString(after))
	before = cutLeft(before, left)
	return before, marked, cutRight(after, room-len(m)-utf8.RuneCountInString(before))
}

const ellipsis = 3

func cutLeft(text string, room int) string {
	r := []rune(text)
	if len(r) <= room {
		return text
	}
	return strings.Repeat(".", ellipsis) + string(r[len(r)-max(room-ellipsis, 0):])
}

func cutRight(text string, room int) string {
	r := []rune(text)
	if len(r) <= room {
		return text
	}
	return string(r[:max(room-ellipsis, 0)]) + strings.Repeat(".", ellipsis)
}

func wrapLine(line string, width int) []string {
	var out []string
	var current strings.Builder
	length := 0
	for word := range strings.FieldsSeq(line) {
		n := len([]rune(word))
		if length > 0 && length+1+n > width {
			out = append(out, current.String())
			current.Reset()
			length = 0
		}
		if length > 0 {
			current.WriteByte(' ')
			length++
		}
		current.WriteString(word)
		length += n
	}
	return append(out, current.String())
}

// visible makes control characters visible, so that what is shown can't drive
// the terminal.
func visible(text string) string {
	if strings.IndexFunc(text, isControl) < 0 {
		return text
	}
	var b strings.Builder
	for _, r := range text {
		switch {
		case r == '\t' || !isControl(r):
			b.WriteRune(r)
		case r < 0x20:
			b.WriteRune(0x2400 + r) // the pictures of the control characters
		default:
			b.WriteRune('\uFFFD')
		}
	}
	return b.String()
}

// isControl reports what could drive a terminal, or turn the text around.
func isControl(r rune) bool {
	return r < 0x20 && r != '\t' || r >= 0x7f && r < 0xa0 || r >= 0x202a && r <= 0x202e || r >= 0x2066 && r <= 0x2069
}
