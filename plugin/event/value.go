package event

import (
	"math"
	"unsafe"
)

// ValueKind is the type of a field's value.
type ValueKind uint8

// The types of values. JSON is an array or an object in its text form.
const (
	Null ValueKind = iota
	Bool
	Int
	Float
	String
	JSON
)

func (k ValueKind) hasBytes() bool { return k >= String }

// Value is the value of a field. The zero Value is null. It holds no memory
// of its own: the bytes of a string lie in a batch or at the caller's.
type Value struct {
	num  uint64
	text []byte
	kind ValueKind
}

// BoolValue returns a bool.
func BoolValue(v bool) Value {
	if v {
		return Value{num: 1, kind: Bool}
	}
	return Value{kind: Bool}
}

// IntValue returns a whole number.
func IntValue(v int64) Value { return Value{num: uint64(v), kind: Int} }

// FloatValue returns a number.
func FloatValue(v float64) Value { return Value{num: math.Float64bits(v), kind: Float} }

// BytesValue returns a string whose bytes are text.
func BytesValue(text []byte) Value { return Value{text: text, kind: String} }

// StringValue returns a string.
func StringValue(text string) Value {
	return Value{text: unsafe.Slice(unsafe.StringData(text), len(text)), kind: String}
}

// JSONValue returns an array or object; text must be valid JSON.
func JSONValue(text []byte) Value { return Value{text: text, kind: JSON} }

// Kind returns the type of the value.
func (v Value) Kind() ValueKind { return v.kind }

// IsNull reports whether there is no value.
func (v Value) IsNull() bool { return v.kind == Null }

// Bool returns the value of a Bool.
func (v Value) Bool() bool { return v.num != 0 }

// Int returns the value of an Int.
func (v Value) Int() int64 { return int64(v.num) }

// Float returns the value of a Float.
func (v Value) Float() float64 { return math.Float64frombits(v.num) }

// Number returns the value of an Int or a Float as a float.
func (v Value) Number() float64 {
	if v.kind == Int {
		return float64(v.Int())
	}
	return v.Float()
}

// Text returns the bytes of a String or JSON. They must not be changed.
func (v Value) Text() []byte { return v.text }

func (b *Batch) value(f *field) Value {
	if f.kind.hasBytes() {
		return Value{text: b.bytes(unpackSpan(f.num)), kind: f.kind}
	}
	return Value{num: f.num, kind: f.kind}
}

func (b *Batch) newField(name NameID, v Value) field {
	f := field{num: v.num, name: name, kind: v.kind}
	if !v.kind.hasBytes() {
		return f
	}
	f.num = b.place(v.text).pack()
	return f
}

// within returns the offset of p in the arena, if that is where it lies.
func (b *Batch) within(p []byte) (uint32, bool) {
	if len(p) == 0 || len(b.arena) == 0 {
		return 0, len(p) == 0
	}
	base := uintptr(unsafe.Pointer(unsafe.SliceData(b.arena)))
	at := uintptr(unsafe.Pointer(unsafe.SliceData(p)))
	if at < base || at+uintptr(len(p)) > base+uintptr(len(b.arena)) {
		return 0, false
	}
	return uint32(at - base), true
}
