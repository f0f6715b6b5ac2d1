package jinja

import (
	"crypto/sha512"
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"slices"
)

// chanceFilters need a seed, with which they return what Ansible does: a
// template renders to the same text at every run.
func chanceFilters() map[string]builtin {
	return map[string]builtin{
		"random":  {params: []param{opt("start", nil), opt("step", nil), opt("seed", nil)}, f: random},
		"shuffle": ofList(shuffle, opt("seed", nil)),
	}
}

var errNoSeed = errors.New("it needs a seed, as chance would change the result at every run; give it one, as in seed=host")

func random(r *run, v any, a args) (any, error) {
	twister, err := seeded(r, a.values[2])
	if err != nil {
		return nil, err
	}
	end, _, isInt, ok := number(v)
	if !ok || !isInt {
		items, err := r.asList(v)
		if err != nil {
			return nil, err
		}
		if a.values[0] != nil || a.values[1] != nil {
			return nil, errors.New("start and step go with an integer, and not with a list")
		}
		if len(items) == 0 {
			return nil, errors.New("the list is empty")
		}
		return items[twister.below(uint64(len(items)))], nil
	}
	start, step := int64(0), int64(1)
	for i, field := range []*int64{&start, &step} {
		if a.values[i] == nil {
			continue
		}
		n, err := a.int(i)
		if err != nil {
			return nil, err
		}
		*field = int64(n)
	}
	if step <= 0 || end <= start || end > maxArgument {
		return nil, fmt.Errorf("there is no integer from %d to below %d with the step %d", start, end, step)
	}
	n := (end - start + step - 1) / step
	return start + step*int64(twister.below(uint64(n))), nil
}

func shuffle(r *run, items []any, a args) (any, error) {
	twister, err := seeded(r, a.values[0])
	if err != nil {
		return nil, err
	}
	for i := len(items) - 1; i > 0; i-- {
		j := twister.below(uint64(i + 1))
		items[i], items[j] = items[j], items[i]
	}
	return newList(items...), nil
}

// seeded returns the generator that Python has for a seed.
func seeded(r *run, seed any) (*twister, error) {
	var key []uint32
	switch s := seed.(type) {
	case nil:
		return nil, errNoSeed
	case undefined:
		return nil, &missingError{s}
	case string:
		sum := sha512.Sum512([]byte(s))
		key = bigEndianWords(append([]byte(s), sum[:]...))
	case int64:
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], magnitude(s))
		key = bigEndianWords(b[:])
	default:
		return nil, fmt.Errorf("the seed is a string or an integer, and not a value of type %s", typeName(seed))
	}
	if err := r.step(2*twisterSize + len(key)); err != nil {
		return nil, err
	}
	return newTwister(key), nil
}

// bigEndianWords are the words of a large number, the least first.
func bigEndianWords(b []byte) []uint32 {
	b = slices.Clone(b)
	slices.Reverse(b)
	for len(b)%4 != 0 {
		b = append(b, 0)
	}
	var words []uint32
	for i := 0; i < len(b); i += 4 {
		words = append(words, binary.LittleEndian.Uint32(b[i:]))
	}
	for len(words) > 1 && words[len(words)-1] == 0 {
		words = words[:len(words)-1]
	}
	return words
}

const twisterSize = 624 // words

// twister is the Mersenne Twister MT19937, the generator of Python.
type twister struct {
	state [twisterSize]uint32
	next  int
}

func newTwister(key []uint32) *twister {
	t := &twister{next: twisterSize}
	s := &t.state
	s[0] = 19650218
	for i := 1; i < twisterSize; i++ {
		s[i] = 1812433253*(s[i-1]^s[i-1]>>30) + uint32(i)
	}
	i, j := 1, 0
	advance := func() {
		if i++; i == twisterSize {
			s[0], i = s[twisterSize-1], 1
		}
	}
	for range max(twisterSize, len(key)) {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1664525) + key[j] + uint32(j)
		advance()
		j = (j + 1) % len(key)
	}
	for range twisterSize - 1 {
		s[i] = (s[i] ^ (s[i-1]^s[i-1]>>30)*1566083941) - uint32(i)
		advance()
	}
	s[0] = 1 << 31
	return t
}

func (t *twister) word() uint32 {
	if t.next == twisterSize {
		s := &t.state
		for i := range s {
			y := s[i]&(1<<31) | s[(i+1)%twisterSize]&(1<<31-1)
			s[i] = s[(i+397)%twisterSize] ^ y>>1 ^ y&1*0x9908b0df
		}
		t.next = 0
	}
	y := t.state[t.next]
	t.next++
	y ^= y >> 11
	y ^= y << 7 & 0x9d2c5680
	y ^= y << 15 & 0xefc60000
	return y ^ y>>18
}

// below returns a number from 0 to below n, which is at most 32 bits long.
func (t *twister) below(n uint64) int {
	for {
		if w := uint64(t.word()) >> (32 - bits.Len64(n)); w < n {
			return int(w)
		}
	}
}
