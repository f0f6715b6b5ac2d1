package event

import (
	"math"
	"strconv"
	"time"
)

// EncodeOptions say what an encoded event holds beside its own fields.
type EncodeOptions struct {
	// Metadata adds host, source, path and offset, as far as they are known.
	Metadata bool
	// Host is the name of the host in the metadata.
	Host string
}

// AppendRaw appends the text of event i as it came, even if its fields were
// changed since. An event that never had a text is appended as by
// [AppendText].
func AppendRaw(dst []byte, b *Batch, i int) []byte {
	if text := b.Original(i); text != nil {
		return append(dst, text...)
	}
	if _, ok := b.Body(i); ok {
		return dst
	}
	return AppendText(dst, b, i, EncodeOptions{})
}

// AppendText appends event i as a line for a person to read: its time, its
// kind if it is not a log, its message or sample, and its other fields.
func AppendText(dst []byte, b *Batch, i int, opts EncodeOptions) []byte {
	w := pairs{dst: dst, start: len(dst)}
	if t := b.Time(i); !t.IsZero() {
		w.dst = t.AppendFormat(w.space(), time.RFC3339Nano)
	}
	if k := b.Kind(i); k != Log {
		w.dst = append(w.space(), k.String()...)
	}
	message := b.message(i)
	if !message.IsNull() {
		w.dst = appendScalar(w.space(), message)
	}
	if f, value := b.Metric(i); f != nil {
		w.dst = append(append(w.space(), f.Name...), '=')
		w.dst = strconv.AppendFloat(w.dst, value, 'g', -1, 64)
	}
	w.fields(b, i, !message.IsNull())
	w.metadata(b, i, opts)
	return w.dst
}

// AppendLogfmt appends event i as pairs of a name and a value.
func AppendLogfmt(dst []byte, b *Batch, i int, opts EncodeOptions) []byte {
	w := pairs{dst: dst, start: len(dst)}
	taken := b.takenNames(i)
	if t := b.Time(i); !t.IsZero() && taken&takenTimestamp == 0 {
		w.dst = t.AppendFormat(w.name("timestamp"), time.RFC3339Nano)
	}
	if k := b.Kind(i); k != Log && taken&takenKind == 0 {
		w.dst = append(w.name("kind"), k.String()...)
	}
	if f, value := b.Metric(i); f != nil {
		w.pair("name", StringValue(f.Name))
		w.pair("type", StringValue(f.Type.String()))
		w.pair("value", FloatValue(value))
	}
	if body, ok := b.Body(i); ok && taken&takenMessage == 0 {
		w.pair("message", BytesValue(body))
	}
	w.fields(b, i, false)
	w.metadata(b, i, opts)
	return w.dst
}

// message returns the field of that name, or else the body.
func (b *Batch) message(i int) Value {
	if id, ok := b.Lookup("message"); ok {
		if v := b.Field(i, id); !v.IsNull() {
			return v
		}
	}
	if body, ok := b.Body(i); ok {
		return BytesValue(body)
	}
	return Value{}
}

// The names that an encoder gives a meaning. A field of such a name stays:
// it goes out in place of what the encoder would have added.
const (
	takenTimestamp = 1 << iota
	takenKind
	takenMessage
	takenHost
	takenSource
	takenPath
	takenOffset
)

func (b *Batch) takenNames(i int) (taken uint8) {
	for _, f := range b.fieldsOf(i) {
		switch b.names[f.name] {
		case "timestamp":
			taken |= takenTimestamp
		case "kind":
			taken |= takenKind
		case "message":
			taken |= takenMessage
		case "host":
			taken |= takenHost
		case "source":
			taken |= takenSource
		case "path":
			taken |= takenPath
		case "offset":
			taken |= takenOffset
		}
	}
	return taken
}

// metadata calls add for what is known about the origin of event i and has
// no field of its own.
func (b *Batch) metadata(i int, opts EncodeOptions, add func(name string, v Value)) {
	taken := b.takenNames(i)
	origin, offset := b.Origin(i)
	if opts.Host != "" && taken&takenHost == 0 {
		add("host", StringValue(opts.Host))
	}
	if origin.Source != "" && taken&takenSource == 0 {
		add("source", StringValue(origin.Source))
	}
	if origin.Path != "" && taken&takenPath == 0 {
		add("path", StringValue(origin.Path))
	}
	if offset >= 0 && taken&takenOffset == 0 {
		add("offset", IntValue(offset))
	}
}

// pairs writes name=value pairs with a space between them.
type pairs struct {
	dst   []byte
	start int
}

func (w *pairs) space() []byte {
	if len(w.dst) > w.start {
		return append(w.dst, ' ')
	}
	return w.dst
}

func (w *pairs) name(name string) []byte {
	w.dst = w.space()
	for k := range len(name) {
		c := name[k]
		if c <= ' ' || c == '=' || c == '"' || c == 0x7f {
			c = '_'
		}
		w.dst = append(w.dst, c)
	}
	return append(w.dst, '=')
}

func (w *pairs) pair(name string, v Value) {
	w.dst = w.name(name)
	text := v.Text()
	if v.kind.hasBytes() && !isBare(text) {
		w.dst = AppendQuoted(w.dst, text)
		return
	}
	w.dst = appendScalar(w.dst, v)
}

func (w *pairs) fields(b *Batch, i int, withoutMessage bool) {
	for _, f := range b.fieldsOf(i) {
		if name := b.names[f.name]; !withoutMessage || name != "message" {
			w.pair(name, b.value(&f))
		}
	}
}

func (w *pairs) metadata(b *Batch, i int, opts EncodeOptions) {
	if opts.Metadata {
		b.metadata(i, opts, w.pair)
	}
}

// isBare reports whether text needs no quotes in logfmt.
func isBare(text []byte) bool {
	for _, c := range text {
		if c <= ' ' || c >= 0x7f || c == '=' || c == '"' || c == '\\' {
			return false
		}
	}
	return len(text) > 0
}

// appendScalar appends a value as text without quotes.
func appendScalar(dst []byte, v Value) []byte {
	switch v.kind {
	case Null:
		return append(dst, "null"...)
	case Bool:
		return strconv.AppendBool(dst, v.Bool())
	case Int:
		return strconv.AppendInt(dst, v.Int(), 10)
	case Float:
		return appendFloat(dst, v.Float())
	}
	return append(dst, v.text...)
}

// appendFloat appends a number as encoding/json does, and null for what JSON
// has no number for.
func appendFloat(dst []byte, f float64) []byte {
	if math.IsNaN(f) || math.IsInf(f, 0) {
		return append(dst, "null"...)
	}
	format := byte('f')
	if abs := math.Abs(f); abs != 0 && (abs < 1e-6 || abs >= 1e21) {
		format = 'e'
	}
	dst = strconv.AppendFloat(dst, f, format, -1, 64)
	if n := len(dst); format == 'e' && n >= 4 && dst[n-4] == 'e' && dst[n-3] == '-' && dst[n-2] == '0' {
		dst[n-2] = dst[n-1] // e-09 becomes e-9
		dst = dst[:n-1]
	}
	return dst
}
