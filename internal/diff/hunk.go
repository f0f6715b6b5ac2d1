package diff

import (
	"fmt"
	"strings"
)

// Op says which side of a difference a line is on.
type Op byte

// The sides, as the marks they have in a unified diff.
const (
	Equal  Op = ' '
	Delete Op = '-'
	Insert Op = '+'
)

// Line is one line of a hunk.
type Line struct {
	Op   Op
	Text string // without its newline
	// NoNewline says that the line is the last of its file and that the file
	// doesn't end in a newline.
	NoNewline bool
}

// Hunk is a run of changes with unchanged lines around it. Lines are counted
// from 1; where a count is 0 the line is the one before the hunk.
type Hunk struct {
	FromLine, FromCount int
	ToLine, ToCount     int
	Lines               []Line
}

// Hunks returns the changes that make b of a, each with that many unchanged
// lines around it; 0 is [Context], negative is none. It doesn't look whether
// the two are text.
func Hunks(a, b []byte, context int) []Hunk {
	switch {
	case context == 0:
		context = Context
	case context < 0:
		context = 0
	}
	from, to := splitLines(a), splitLines(b)
	var hunks []Hunk
	changes := compare(from, to)
	for len(changes) > 0 {
		n := 1
		for n < len(changes) && changes[n].fromLow-changes[n-1].fromHigh <= 2*context {
			n++
		}
		hunks = append(hunks, newHunk(from, to, changes[:n], context))
		changes = changes[n:]
	}
	return hunks
}

// splitLines splits after every newline, so that a last line without one
// differs from the same line with one.
func splitLines(p []byte) []string {
	if len(p) == 0 {
		return nil
	}
	lines := strings.SplitAfter(string(p), "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return lines
}

func newHunk(from, to []string, changes []change, context int) Hunk {
	first, last := changes[0], changes[len(changes)-1]
	before := min(context, first.fromLow)
	after := min(context, len(from)-last.fromHigh)
	h := Hunk{
		FromLine: first.fromLow - before, FromCount: last.fromHigh + after - first.fromLow + before,
		ToLine: first.toLow - before, ToCount: last.toHigh + after - first.toLow + before,
	}
	at := h.FromLine
	for _, c := range changes {
		h.add(Equal, from[at:c.fromLow])
		h.add(Delete, from[c.fromLow:c.fromHigh])
		h.add(Insert, to[c.toLow:c.toHigh])
		at = c.fromHigh
	}
	h.add(Equal, from[at:at+after])
	if h.FromCount > 0 {
		h.FromLine++
	}
	if h.ToCount > 0 {
		h.ToLine++
	}
	return h
}

func (h *Hunk) add(op Op, lines []string) {
	for _, line := range lines {
		text, ended := strings.CutSuffix(line, "\n")
		h.Lines = append(h.Lines, Line{Op: op, Text: text, NoNewline: !ended})
	}
}

// Header returns the line that begins the hunk in a unified diff.
func (h *Hunk) Header() string {
	return fmt.Sprintf("@@ -%s +%s @@", lineRange(h.FromLine, h.FromCount), lineRange(h.ToLine, h.ToCount))
}

func lineRange(line, count int) string {
	if count == 1 {
		return fmt.Sprint(line)
	}
	return fmt.Sprintf("%d,%d", line, count)
}

func (h *Hunk) write(out *strings.Builder) {
	out.WriteString(h.Header())
	out.WriteByte('\n')
	for _, line := range h.Lines {
		out.WriteByte(byte(line.Op))
		out.WriteString(line.Text)
		out.WriteByte('\n')
		if line.NoNewline {
			out.WriteString("\\ No newline at end of file\n")
		}
	}
}
