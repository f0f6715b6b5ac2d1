package redact

import (
	"bytes"
	"slices"
)

// index finds many patterns in one pass over a text. The first [MinLength]
// bytes of a pattern, its head, lead to the patterns that begin so; a filter
// of bits says for nearly every place of an ordinary text that none does.
type index struct {
	byHead  map[uint64][]pattern
	filter  []uint64
	starts  map[string]int // the beginnings shorter than a head, and how many patterns have it
	longest int
}

// pattern is counted, because two values may have a form in common.
type pattern struct {
	text  string
	count int
}

// span is a part of a text, from start to before end.
type span struct{ start, end int }

const (
	filterBits = 16
	headMask   = 1<<(8*MinLength) - 1
)

func newIndex() index {
	return index{
		byHead: make(map[uint64][]pattern),
		filter: make([]uint64, 1<<filterBits/64),
		starts: make(map[string]int),
	}
}

// slot is the place of a head in the filter. The factor spreads the bits.
func slot(head uint64) (word int, bit uint64) {
	at := head * 0x9e3779b97f4a7c15 >> (64 - filterBits)
	return int(at / 64), 1 << (at % 64)
}

// headOf reads the first bytes of a text that is long enough.
func headOf[T string | []byte](text T) uint64 {
	var head uint64
	for i := range MinLength {
		head = head<<8 | uint64(text[i])
	}
	return head
}

// add takes a pattern of at least MinLength bytes.
func (x *index) add(text string) {
	head := headOf(text)
	for n := 1; n < MinLength; n++ {
		x.starts[text[:n]]++
	}
	x.longest = max(x.longest, len(text))
	word, bit := slot(head)
	x.filter[word] |= bit
	same := x.byHead[head]
	if i := slices.IndexFunc(same, func(p pattern) bool { return p.text == text }); i >= 0 {
		same[i].count++
		return
	}
	x.byHead[head] = append(same, pattern{text, 1})
}

// remove undoes one add. The filter and the longest length keep what they
// know: that costs time, never a secret.
func (x *index) remove(text string) {
	head := headOf(text)
	same := x.byHead[head]
	i := slices.IndexFunc(same, func(p pattern) bool { return p.text == text })
	if i < 0 {
		return
	}
	for n := 1; n < MinLength; n++ {
		if x.starts[text[:n]]--; x.starts[text[:n]] == 0 {
			delete(x.starts, text[:n])
		}
	}
	if same[i].count--; same[i].count == 0 {
		same = slices.Delete(same, i, i+1)
	}
	if x.byHead[head] = same; len(same) == 0 {
		delete(x.byHead, head)
	}
}

// find returns where patterns lie in the text, in order. Patterns that overlap
// or touch make one span, so that none leaves a rest of another to be read.
func (x *index) find(text []byte) []span {
	if len(x.byHead) == 0 || len(text) < MinLength {
		return nil
	}
	var spans []span
	head := headOf(text) >> 8
	for start := 0; start+MinLength <= len(text); start++ {
		head = (head<<8 | uint64(text[start+MinLength-1])) & headMask
		if word, bit := slot(head); x.filter[word]&bit == 0 {
			continue
		}
		end := start + x.match(head, text[start:])
		switch last := len(spans) - 1; {
		case end == start:
		case last >= 0 && start <= spans[last].end:
			spans[last].end = max(spans[last].end, end)
		default:
			spans = append(spans, span{start, end})
		}
	}
	return spans
}

// match returns the length of the longest pattern that the text begins with.
func (x *index) match(head uint64, text []byte) int {
	longest := 0
	for _, p := range x.byHead[head] {
		if len(p.text) > longest && len(p.text) <= len(text) && string(text[:len(p.text)]) == p.text {
			longest = len(p.text)
		}
	}
	return longest
}

// unfinished returns where the text's end begins that may become a pattern
// with what follows, and the length of the text if there is none.
func (x *index) unfinished(text []byte) int {
	for start := max(0, len(text)-x.longest+1); start < len(text); start++ {
		rest := text[start:]
		if len(rest) < MinLength {
			if x.starts[string(rest)] > 0 {
				return start
			}
			continue
		}
		for _, p := range x.byHead[headOf(rest)] {
			if len(p.text) > len(rest) && bytes.Equal(rest, []byte(p.text[:len(rest)])) {
				return start
			}
		}
	}
	return len(text)
}
