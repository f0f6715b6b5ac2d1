package process

import (
	"bytes"
	"fmt"
	"strings"
)

// output keeps the beginning and the end of what is written to it. It never
// fails, so that a program with much to say isn't held up.
type output struct {
	half  int
	head  []byte
	tail  []byte // at most 2*half bytes; the last half of them count
	total int64
}

func newOutput(limit int) *output { return &output{half: max(limit/2, 1)} }

// Write implements [io.Writer].
func (o *output) Write(p []byte) (int, error) {
	n := len(p)
	o.total += int64(n)
	room := min(o.half-len(o.head), n)
	o.head = append(o.head, p[:room]...)
	p = p[room:]
	p = p[max(0, len(p)-o.half):]
	if len(o.tail)+len(p) > 2*o.half {
		o.tail = append(o.tail[:0], o.tail[len(o.tail)-o.half:]...)
	}
	o.tail = append(o.tail, p...)
	return n, nil
}

func (o *output) truncated() bool { return o.total > int64(2*o.half) }

// bytes returns what was written, with a line in place of what was left out.
func (o *output) bytes() []byte {
	tail := o.tail[max(0, len(o.tail)-o.half):]
	if !o.truncated() {
		return append(o.head, tail...)
	}
	left := o.total - int64(2*o.half)
	return fmt.Appendf(o.head, "\n[%d bytes left out]\n%s", left, tail)
}

// bytesOfError bounds a line that never ends.
const bytesOfError = 4 << 10

// LastLines returns the last n lines of a program's output for an error: at
// most 4 KiB, in valid UTF-8, without white space at the end.
func LastLines(text []byte, n int) string {
	text = bytes.TrimSpace(text)
	text = text[max(0, len(text)-bytesOfError):]
	start := len(text)
	for range n {
		start = bytes.LastIndexByte(text[:start], '\n')
		if start < 0 {
			break
		}
	}
	return strings.ToValidUTF8(string(text[start+1:]), "\uFFFD")
}
