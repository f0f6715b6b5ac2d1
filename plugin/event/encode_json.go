package event

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"strconv"
	"time"
	"unicode/utf8"
)

// AppendJSON appends event i as a JSON object on one line: its fields at the
// top level, "timestamp" where it has a time, "kind" where it is not a log,
// and "message" for a body that was not parsed away. A metric has "name",
// "type", "value" and, as an object, "labels".
//
// An event that was not changed since it was parsed from JSON goes out with
// its original bytes. Invalid UTF-8 becomes U+FFFD.
func AppendJSON(dst []byte, b *Batch, i int, opts EncodeOptions) []byte {
	if raw := b.verbatim(i); raw != nil {
		w := jsonObject{dst: append(dst, raw[:len(raw)-1]...), count: b.NumFields(i)}
		w.metadata(b, i, opts)
		return append(w.dst, '}')
	}
	w := jsonObject{dst: append(dst, '{')}
	if family, value := b.Metric(i); family != nil {
		w.metric(b, i, family, value)
	} else {
		w.event(b, i)
	}
	w.metadata(b, i, opts)
	return append(w.dst, '}')
}

// verbatim returns the object that event i was parsed from if it can go out
// as it is.
func (b *Batch) verbatim(i int) []byte {
	raw, isJSON := b.Raw(i)
	if !isJSON {
		return nil
	}
	raw = bytes.Trim(raw, " \t\r\n")
	if len(raw) < 2 || !isOneLine(raw) {
		return nil
	}
	return raw
}

func isOneLine(p []byte) bool {
	return bytes.IndexByte(p, '\n') < 0 && bytes.IndexByte(p, '\r') < 0 && utf8.Valid(p)
}

// jsonObject writes the members of one object.
type jsonObject struct {
	dst   []byte
	count int // members written
}

// name begins a member, whose name needs no escape.
func (w *jsonObject) name(name string) []byte {
	if w.count > 0 {
		w.dst = append(w.dst, ',')
	}
	w.count++
	w.dst = append(w.dst, '"')
	w.dst = append(w.dst, name...)
	return append(w.dst, '"', ':')
}

func (w *jsonObject) add(name string, v Value) { w.dst = AppendValue(w.name(name), v) }

func (w *jsonObject) field(name string, v Value) {
	if w.count > 0 {
		w.dst = append(w.dst, ',')
	}
	w.count++
	w.dst = append(AppendQuoted(w.dst, StringValue(name).text), ':')
	w.dst = AppendValue(w.dst, v)
}

func (w *jsonObject) time(t time.Time) {
	w.dst = append(w.name("timestamp"), '"')
	w.dst = append(t.AppendFormat(w.dst, time.RFC3339Nano), '"')
}

func (w *jsonObject) event(b *Batch, i int) {
	taken := b.takenNames(i)
	if b.records[i].time != 0 && taken&takenTimestamp == 0 {
		w.time(b.Time(i))
	}
	if kind := b.Kind(i); kind != Log && taken&takenKind == 0 {
		w.add("kind", StringValue(kind.String()))
	}
	if body, ok := b.Body(i); ok && taken&takenMessage == 0 {
		w.add("message", BytesValue(body))
	}
	w.fields(b, i)
}

func (w *jsonObject) fields(b *Batch, i int) {
	fields := b.fieldsOf(i)
	for j := range fields {
		w.field(b.names[fields[j].name], b.value(&fields[j]))
	}
}

func (w *jsonObject) metric(b *Batch, i int, family *Family, value float64) {
	if b.records[i].time != 0 {
		w.time(b.Time(i))
	}
	w.add("kind", StringValue(Metric.String()))
	w.add("name", StringValue(family.Name))
	w.add("type", StringValue(family.Type.String()))
	w.add("value", FloatValue(value))
	labels := jsonObject{dst: append(w.name("labels"), '{')}
	labels.fields(b, i)
	w.dst = append(labels.dst, '}')
}

func (w *jsonObject) metadata(b *Batch, i int, opts EncodeOptions) {
	if opts.Metadata {
		b.metadata(i, opts, w.add)
	}
}

// AppendValue appends a value as JSON, on one line.
func AppendValue(dst []byte, v Value) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Float:
		return appendFloat(dst, v.Float())
	case JSON:
		return appendOneLine(dst, v.text)
	}
	return AppendQuoted(dst, v.text)
}

// appendOneLine appends valid JSON without its line breaks.
func appendOneLine(dst, text []byte) []byte {
	if isOneLine(text) {
		return append(dst, text...)
	}
	for k := 0; k < len(text); {
		if text[k] == '\n' || text[k] == '\r' { // never within a string
			k++
			continue
		}
		_, size := utf8.DecodeRune(text[k:])
		dst = appendRune(dst, text[k:k+size])
		k += size
	}
	return dst
}

// appendRune appends one encoded rune, U+FFFD for a byte that is none.
func appendRune(dst, p []byte) []byte {
	if len(p) == 1 && p[0] >= utf8.RuneSelf {
		return append(dst, "\uFFFD"...)
	}
	return append(dst, p...)
}

// AppendQuoted appends text as a JSON string.
func AppendQuoted(dst, text []byte) []byte {
	dst = append(dst, '"')
	for k := 0; ; {
		end := asciiEnd(text, k)
		dst = append(dst, text[k:end]...)
		if end == len(text) {
			return append(dst, '"')
		}
		size := 1
		if text[end] < utf8.RuneSelf {
			dst = appendEscape(dst, text[end])
		} else {
			_, size = utf8.DecodeRune(text[end:])
			dst = appendRune(dst, text[end:end+size])
		}
		k = end + size
	}
}

// asciiEnd returns where the first byte at or after k stands that is not
// ASCII, or needs an escape, or the length of p.
func asciiEnd(p []byte, k int) int {
	for ; k+8 <= len(p); k += 8 {
		w := binary.LittleEndian.Uint64(p[k:])
		if found := special(w) | w&highs; found != 0 {
			return k + bits.TrailingZeros64(found)/8
		}
	}
	for k < len(p) && p[k] != '"' && p[k] != '\\' && p[k] >= ' ' && p[k] < utf8.RuneSelf {
		k++
	}
	return k
}

func appendEscape(dst []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(dst, '\\', c)
	case '\b':
		return append(dst, '\\', 'b')
	case '\f':
		return append(dst, '\\', 'f')
	case '\n':
		return append(dst, '\\', 'n')
	case '\r':
		return append(dst, '\\', 'r')
	case '\t':
		return append(dst, '\\', 't')
	}
	const digits = "0123456789abcdef"
	return append(dst, '\\', 'u', '0', '0', digits[c>>4], digits[c&15])
}
