package protocol

import (
	"encoding/binary"
	"errors"
)

// errCut says that bytes end before what they announce.
var errCut = errors.New("it is cut short")

// checkMsgpack reads over one value in msgpack and returns an error unless all
// that its lists and maps announce is there. The library makes room for what is
// announced before it reads it, so that nine bytes could ask for all of the
// memory. It goes down without recursion, however deep the value is.
func checkMsgpack(p []byte) error {
	for pending := uint64(1); pending > 0; pending-- {
		if pending > uint64(len(p)) { // each value takes one byte at least
			return errCut
		}
		size, values, err := msgpackHead(p)
		if err != nil {
			return err
		}
		if size > uint64(len(p)) {
			return errCut
		}
		p = p[size:]
		pending += values
	}
	if len(p) > 0 {
		return errors.New("bytes follow its end")
	}
	return nil
}

// msgpackHead returns how many bytes the first value of p takes without the
// values in it, and how many values are in it.
func msgpackHead(p []byte) (size, values uint64, err error) {
	first := p[0]
	switch {
	case first <= 0x7f, first >= 0xe0, first == 0xc0, first == 0xc2, first == 0xc3: // small numbers, nil, bools
		return 1, 0, nil
	case first <= 0x8f:
		return 1, 2 * uint64(first&0x0f), nil // a small map
	case first <= 0x9f:
		return 1, uint64(first & 0x0f), nil // a small array
	case first <= 0xbf:
		return 1 + uint64(first&0x1f), 0, nil // a short string
	case first == 0xc1:
		return 0, 0, errors.New("it holds what is no msgpack")
	case first >= 0xca && first <= 0xd3:
		return 1 + numberSize(first), 0, nil
	case first >= 0xd4 && first <= 0xd8:
		return 2 + 1<<(first-0xd4), 0, nil // an extension of a fixed size
	}
	return msgpackSized(first, p[1:])
}

// numberSize is how many bytes follow the first one of a number.
func numberSize(first byte) uint64 {
	switch first {
	case 0xcc, 0xd0:
		return 1
	case 0xcd, 0xd1:
		return 2
	case 0xca, 0xce, 0xd2:
		return 4
	}
	return 8
}

// msgpackSized is [msgpackHead] of a value whose first byte is followed by a
// length.
func msgpackSized(first byte, p []byte) (size, values uint64, err error) {
	width := 0
	switch first {
	case 0xc4, 0xc7, 0xd9:
		width = 1
	case 0xc5, 0xc8, 0xda, 0xdc, 0xde:
		width = 2
	case 0xc6, 0xc9, 0xdb, 0xdd, 0xdf:
		width = 4
	}
	if len(p) < width {
		return 0, 0, errCut
	}
	var padded [8]byte
	copy(padded[8-width:], p[:width])
	length, head := binary.BigEndian.Uint64(padded[:]), uint64(1+width)
	switch first {
	case 0xdc, 0xdd:
		return head, length, nil // an array
	case 0xde, 0xdf:
		return head, 2 * length, nil // a map
	case 0xc7, 0xc8, 0xc9:
		return head + 1 + length, 0, nil // an extension, which has a type
	}
	return head + length, 0, nil // bytes or a string
}
