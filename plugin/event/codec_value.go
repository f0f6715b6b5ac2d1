package event

import (
	"encoding/binary"
	"errors"
)

// AppendValues appends the packed form of values, which [DecodeValues] reads:
// for each its kind and, but for null, eight bytes of a number or the length
// of a text and its bytes. All numbers are little-endian.
func AppendValues(dst []byte, values ...Value) []byte {
	for _, v := range values {
		dst = append(dst, byte(v.kind))
		switch {
		case v.kind.hasBytes():
			dst = binary.LittleEndian.AppendUint64(dst, uint64(len(v.text)))
			dst = append(dst, v.text...)
		case v.kind != Null:
			dst = binary.LittleEndian.AppendUint64(dst, v.num)
		}
	}
	return dst
}

// DecodeValues reads the packed form of values. The texts of the result are
// those of p.
func DecodeValues(p []byte) ([]Value, error) {
	var values []Value
	for len(p) > 0 {
		v := Value{kind: ValueKind(p[0])}
		p = p[1:]
		if v.kind > JSON {
			return nil, errors.New("decode values: there is no such kind of value")
		}
		if v.kind == Null {
			values = append(values, v)
			continue
		}
		if len(p) < 8 {
			return nil, errors.New("decode values: a value is cut off")
		}
		n := binary.LittleEndian.Uint64(p)
		p = p[8:]
		if !v.kind.hasBytes() {
			v.num = n
		} else {
			if n > uint64(len(p)) {
				return nil, errors.New("decode values: a text is cut off")
			}
			v.text, p = p[:n:n], p[n:]
		}
		values = append(values, v)
	}
	return values, nil
}
