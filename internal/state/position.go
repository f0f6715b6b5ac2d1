package state

import "encoding/binary"

// position is what a value is saved under.
type position struct{ address, key string }

// encodePosition makes the payload of a record of the positions: the address
// and the key, each behind its length as a uvarint, and the value behind a byte
// that is 1, or 0 and nothing for a value that was removed.
func encodePosition(at position, value []byte) []byte {
	var p []byte
	for _, s := range []string{at.address, at.key} {
		p = binary.AppendUvarint(p, uint64(len(s)))
		p = append(p, s...)
	}
	if value == nil {
		return append(p, 0)
	}
	return append(append(p, 1), value...)
}

func decodePosition(p []byte) (at position, value []byte, err error) {
	for _, field := range []*string{&at.address, &at.key} {
		length, n := binary.Uvarint(p)
		if n <= 0 || length > uint64(len(p)-n) {
			return at, nil, errDamaged
		}
		*field = string(p[n : n+int(length)])
		p = p[n+int(length):]
	}
	switch {
	case len(p) == 1 && p[0] == 0:
		return at, nil, nil
	case len(p) > 0 && p[0] == 1:
		return at, p[1:], nil
	}
	return at, nil, errDamaged
}

// recordSize is the length of the record of a value.
func recordSize(at position, value []byte) int64 {
	return int64(recordHeader + uvarintSize(len(at.address)) + len(at.address) + uvarintSize(len(at.key)) + len(at.key) + 1 + len(value))
}

func uvarintSize(n int) int { return len(binary.AppendUvarint(nil, uint64(n))) }
