package files

import (
	"bytes"
	"slices"
)

// lines is a text as its lines, with the ends of each as they were.
type lines []line

type line struct {
	text string
	end  string // "\n", "\r\n", or "" on a last line that has none
}

func parseLines(p []byte) lines {
	var out lines
	for raw := range bytes.Lines(p) {
		text, end := raw, ""
		if trimmed, ok := bytes.CutSuffix(raw, []byte("\n")); ok {
			text, end = trimmed, "\n"
			if trimmed, ok := bytes.CutSuffix(text, []byte("\r")); ok {
				text, end = trimmed, "\r\n"
			}
		}
		out = append(out, line{string(text), end})
	}
	return out
}

func (l lines) bytes() []byte {
	out := []byte{}
	for _, one := range l {
		out = append(out, one.text...)
		out = append(out, one.end...)
	}
	return out
}

// end is how most lines end, and so how a new one does.
func (l lines) end() string {
	unix, windows := 0, 0
	for _, one := range l {
		switch one.end {
		case "\n":
			unix++
		case "\r\n":
			windows++
		}
	}
	if windows > unix {
		return "\r\n"
	}
	return "\n"
}

// insert puts a new line before line i. Whether the last line ends in a
// newline stays as it is.
func (l lines) insert(i int, text string) lines {
	added := line{text, l.end()}
	out := slices.Insert(slices.Clone(l), i, added)
	if i > 0 && i == len(l) && l[i-1].end == "" {
		out[i-1].end, out[i].end = added.end, ""
	}
	return out
}

// remove drops the lines for which drop is true. Whether the last line ends
// in a newline stays as it is.
func (l lines) remove(drop func(text string) bool) lines {
	var out lines
	for _, one := range l {
		if !drop(one.text) {
			out = append(out, one)
		}
	}
	if len(out) > 0 && len(out) < len(l) && l[len(l)-1].end == "" {
		out[len(out)-1].end = ""
	}
	return out
}
