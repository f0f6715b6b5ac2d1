package logs

import "bytes"

// lines cuts a block into lines without copying.
type lines struct {
	rest []byte
	max  int // bytes of a line that are kept
}

// next returns the next complete line without its line end, and how many
// bytes it takes in the block. It returns false where no line ends any more.
func (l *lines) next() (body []byte, size int, truncated, ok bool) {
	end := bytes.IndexByte(l.rest, '\n')
	if end < 0 {
		return nil, 0, false, false
	}
	body, truncated = cutLine(l.rest[:end], end, l.max)
	l.rest = l.rest[end+1:]
	return body, end + 1, truncated, true
}

// cutLine takes a carriage return off the end of a line and keeps at most max
// bytes of it. The line is length bytes long; of one that is longer than
// max+1 the first max bytes are enough.
func cutLine(line []byte, length, max int) (body []byte, truncated bool) {
	if length > max+1 {
		return line[:max], true
	}
	if length > 0 && line[length-1] == '\r' {
		line, length = line[:length-1], length-1
	}
	if length > max {
		return line[:max], true
	}
	return line[:length], false
}
