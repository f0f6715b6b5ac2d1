package exposition

import (
	"bytes"
	"hash/maphash"
	"math/bits"
	"strconv"
	"unicode/utf8"

	"github.com/driftless-hq/driftless/plugin/event"
)

// labels are those of one sample, in the order in which they were given.
type labels struct {
	list   []label
	number []byte // the text of those that are numbers
}

type label struct {
	name  string
	value []byte
}

// read takes the labels from the fields of a sample, or returns why they
// can't be written.
func (l *labels) read(s sample) (reason string) {
	l.list, l.number = l.list[:0], l.number[:0]
	for j := range s.batch.NumFields(s.index) {
		id, v := s.batch.FieldAt(s.index, j)
		name, value := s.batch.Name(id), l.text(v)
		switch {
		case !isLabelName(name):
			return "it has a label with the illegal name " + strconv.Quote(name)
		case !utf8.Valid(value):
			return "the value of label " + name + " is not valid UTF-8"
		case l.find(name) >= 0:
			return "it has two labels named " + name
		}
		l.list = append(l.list, label{name, value})
	}
	return ""
}

// text returns a field's value as that of a label. Null is an empty text.
func (l *labels) text(v event.Value) []byte {
	start := len(l.number)
	switch v.Kind() {
	case event.String, event.JSON:
		return v.Text()
	case event.Int:
		l.number = strconv.AppendInt(l.number, v.Int(), 10)
	case event.Float:
		l.number = appendFloat(l.number, v.Float())
	case event.Bool:
		l.number = strconv.AppendBool(l.number, v.Bool())
	}
	return l.number[start:]
}

// find returns the index of the label of that name, -1 if there is none.
func (l *labels) find(name string) int {
	for i := range l.list {
		if l.list[i].name == name {
			return i
		}
	}
	return -1
}

// within reports whether other has every label of l that has a value.
func (l *labels) within(other *labels) bool {
	for _, one := range l.list {
		if len(one.value) == 0 {
			continue
		}
		i := other.find(one.name)
		if i < 0 || !bytes.Equal(other.list[i].value, one.value) {
			return false
		}
	}
	return true
}

// hash is the same for labels in another order, and with more of them that
// have no value: these are the same series to Prometheus.
func (l *labels) hash(seed maphash.Seed) uint64 {
	var sum uint64
	for _, one := range l.list {
		if len(one.value) > 0 {
			sum += bits.RotateLeft64(maphash.String(seed, one.name), 1) ^ maphash.Bytes(seed, one.value)
		}
	}
	return sum
}

// seen is the set of the series of one family. It keeps hashes rather than
// copies of the labels, and compares the labels where two hashes agree.
type seen struct {
	seed    maphash.Seed
	samples map[uint64]sample
	other   labels
}

func newSeen() seen { return seen{seed: maphash.MakeSeed(), samples: map[uint64]sample{}} }

// add reports whether the series is new, and takes it down.
func (s *seen) add(l *labels, at sample) bool {
	for hash := l.hash(s.seed); ; hash++ {
		first, ok := s.samples[hash]
		if !ok {
			s.samples[hash] = at
			return true
		}
		s.other.read(first)
		if l.within(&s.other) && s.other.within(l) {
			return false
		}
	}
}
