// Package event holds what moves through a pipeline: batches of events.
//
// A [Batch] is one arena of bytes and flat slices of records and fields that
// point into it. There is no map and no allocation per event, and the same
// packed form crosses to a plugin and lies in a disk queue.
//
//	var b event.Builder
//	b.Log(time.Now(), line)          // an event with a body
//	b.String("host", hostname)       // and a field
//	batch := b.Batch()
//	for i := range batch.Len() {
//		fmt.Printf("%s\n", batch.Body(i))
//	}
package event

import "time"

// Kind says what an event is about.
type Kind uint8

// The kinds of events.
const (
	Log       Kind = iota // a line of a log
	Metric                // one sample of a metric
	Change                // a task changed something
	Drift                 // something is not as declared
	Error                 // something failed
	Threshold             // a measure crossed a threshold
	Audit                 // who did what
)

var kindNames = [...]string{"log", "metric", "change", "drift", "error", "threshold", "audit"}

// String returns the kind as it is compared with in an expression.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return "unknown"
}

// Origin says where an event came from.
type Origin struct {
	Source string // the address of the block
	Path   string // the file it was read from, if any
}

// MetricType is the type of a metric, as in the exposition formats.
type MetricType uint8

// The types of metrics.
const (
	Untyped MetricType = iota
	Counter
	Gauge
)

var metricTypeNames = [...]string{"untyped", "counter", "gauge"}

// String returns the type as it stands behind # TYPE.
func (t MetricType) String() string {
	if int(t) < len(metricTypeNames) {
		return metricTypeNames[t]
	}
	return metricTypeNames[Untyped]
}

// Family describes the samples of one metric. It must not change once it has
// been used.
type Family struct {
	Name string
	Help string
	Type MetricType
}

// NameID stands for a field name within one batch.
type NameID uint32

type span struct{ off, len uint32 }

// record is one event. Its fields are fields[first : first+count].
type record struct {
	time   int64 // Unix nanoseconds; 0 is no time
	offset int64 // position in the origin's path, -1 is none
	value  float64
	body   span
	raw    span // the bytes the fields were parsed from
	first  uint32
	count  uint32
	origin uint32 // index into origins
	family uint32 // index into families, of a metric
	kind   Kind
	flags  uint8
}

const (
	hasBody   = 1 << iota // the body is an event's text, not yet parsed away
	unchanged             // raw still says the same as the fields do
	rawIsJSON             // raw is one JSON object
)

type field struct {
	num  uint64 // the value of a bool, int or float; else offset<<32 | length
	name NameID
	kind ValueKind
}

// Batch is a sequence of events. The zero value is an empty batch. It is not
// safe for concurrent use; reading it from several goroutines is.
type Batch struct {
	arena    []byte
	records  []record
	fields   []field
	names    []string
	nameIDs  map[string]NameID
	origins  []Origin
	families []*Family
}

// Len returns the number of events.
func (b *Batch) Len() int { return len(b.records) }

// Size returns the number of bytes that the batch holds on to, about.
func (b *Batch) Size() int {
	return len(b.arena) + 80*len(b.records) + 16*len(b.fields)
}

// Reset empties the batch and keeps its memory for the next events.
func (b *Batch) Reset() {
	b.arena = b.arena[:0]
	b.records = b.records[:0]
	b.fields = b.fields[:0]
	b.names = b.names[:0]
	clear(b.nameIDs)
	b.origins = b.origins[:0]
	b.families = b.families[:0]
}

// Kind returns the kind of event i.
func (b *Batch) Kind(i int) Kind { return b.records[i].kind }

// Time returns the time of event i, zero where it has none.
func (b *Batch) Time(i int) time.Time {
	if b.records[i].time == 0 {
		return time.Time{}
	}
	return time.Unix(0, b.records[i].time).UTC()
}

// SetTime sets the time of event i.
func (b *Batch) SetTime(i int, t time.Time) { b.records[i].time = t.UnixNano() }

// Body returns the text of event i and whether it has one: an event that was
// parsed has fields instead. The bytes must not be changed or kept.
func (b *Batch) Body(i int) ([]byte, bool) {
	r := &b.records[i]
	return b.bytes(r.body), r.flags&hasBody != 0
}

// SetBody replaces the text of event i. The bytes are copied.
func (b *Batch) SetBody(i int, body []byte) {
	s := b.store(body)
	r := &b.records[i]
	r.body = s
	r.flags = r.flags&^unchanged | hasBody
}

// Raw returns the bytes that the fields of event i were parsed from, as long
// as the event was not changed since, and whether they are a JSON object.
// They are nil otherwise.
func (b *Batch) Raw(i int) (raw []byte, json bool) {
	r := &b.records[i]
	if r.flags&unchanged == 0 {
		return nil, false
	}
	return b.bytes(r.raw), r.flags&rawIsJSON != 0
}

// Parsed says that the fields of event i now stand for its whole body. The
// body becomes the raw bytes of the event; json says that it is a JSON object.
func (b *Batch) Parsed(i int, json bool) {
	r := &b.records[i]
	r.raw, r.body = r.body, span{}
	r.flags = r.flags&^(hasBody|rawIsJSON) | unchanged
	if json {
		r.flags |= rawIsJSON
	}
}

// Origin returns where event i came from, and the offset in its path; the
// offset is -1 where there is none.
func (b *Batch) Origin(i int) (Origin, int64) {
	r := &b.records[i]
	if int(r.origin) >= len(b.origins) {
		return Origin{}, -1
	}
	return b.origins[r.origin], r.offset
}

// Metric returns the family and the value of event i, a nil family where it
// is not a metric. The labels are its fields.
func (b *Batch) Metric(i int) (*Family, float64) {
	r := &b.records[i]
	if r.kind != Metric {
		return nil, 0
	}
	return b.families[r.family], r.value
}

// Intern returns the id of a field name in this batch.
func (b *Batch) Intern(name string) NameID {
	if id, ok := b.nameIDs[name]; ok {
		return id
	}
	if b.nameIDs == nil {
		b.nameIDs = make(map[string]NameID)
	}
	id := NameID(len(b.names))
	b.names = append(b.names, name)
	b.nameIDs[name] = id
	return id
}

// InternBytes is [Batch.Intern] without a conversion at the caller's.
func (b *Batch) InternBytes(name []byte) NameID {
	if id, ok := b.nameIDs[string(name)]; ok {
		return id
	}
	return b.Intern(string(name))
}

// Lookup returns the id of a field name, if any event of the batch has had a
// field of that name.
func (b *Batch) Lookup(name string) (NameID, bool) {
	id, ok := b.nameIDs[name]
	return id, ok
}

// Name returns the field name of an id.
func (b *Batch) Name(id NameID) string { return b.names[id] }

// NumFields returns the number of fields of event i.
func (b *Batch) NumFields(i int) int { return int(b.records[i].count) }

// FieldAt returns field j of event i, in the order in which they were set.
func (b *Batch) FieldAt(i, j int) (NameID, Value) {
	f := &b.fields[int(b.records[i].first)+j]
	return f.name, b.value(f)
}

// Field returns a field of event i, null where it has none of that name.
func (b *Batch) Field(i int, name NameID) Value {
	r := &b.records[i]
	for j := r.first; j < r.first+r.count; j++ {
		if b.fields[j].name == name {
			return b.value(&b.fields[j])
		}
	}
	return Value{}
}

// Set sets a field of event i. The bytes of the value are copied unless they
// lie in this batch.
func (b *Batch) Set(i int, name NameID, v Value) {
	f := b.newField(name, v)
	r := &b.records[i]
	r.flags &^= unchanged
	for j := r.first; j < r.first+r.count; j++ {
		if b.fields[j].name == name {
			b.fields[j] = f
			return
		}
	}
	b.addField(r, f)
}

// Add is [Batch.Set] for a field that the event doesn't have yet, and that is
// part of what it was parsed from.
func (b *Batch) Add(i int, name NameID, v Value) {
	b.addField(&b.records[i], b.newField(name, v))
}

// addField appends to the fields of r, which are moved to the end of the
// slice when another event's follow them.
func (b *Batch) addField(r *record, f field) {
	switch {
	case r.count == 0:
		r.first = uint32(len(b.fields))
	case int(r.first+r.count) != len(b.fields):
		moved := b.fields[r.first : r.first+r.count]
		r.first = uint32(len(b.fields))
		b.fields = append(b.fields, moved...)
	}
	b.fields = append(b.fields, f)
	r.count++
}

// Unset removes a field of event i.
func (b *Batch) Unset(i int, name NameID) {
	r := &b.records[i]
	for j := r.first; j < r.first+r.count; j++ {
		if b.fields[j].name == name {
			copy(b.fields[j:r.first+r.count-1], b.fields[j+1:r.first+r.count])
			r.count--
			r.flags &^= unchanged
			return
		}
	}
}

// Keep drops the events for which keep returns false.
func (b *Batch) Keep(keep func(i int) bool) {
	n := 0
	for i := range b.records {
		if keep(i) {
			b.records[n] = b.records[i]
			n++
		}
	}
	b.records = b.records[:n]
}

// Append copies all events of other to the end of b.
func (b *Batch) Append(other *Batch) { b.AppendRange(other, 0, other.Len()) }

// AppendRange copies the events from lo up to hi of other to the end of b.
func (b *Batch) AppendRange(other *Batch, lo, hi int) {
	if lo >= hi {
		return
	}
	names := make([]NameID, len(other.names))
	for id, name := range other.names {
		names[id] = b.Intern(name)
	}
	origins := make([]uint32, len(other.origins))
	for k, o := range other.origins {
		origins[k] = b.origin(o)
	}
	families := make([]uint32, len(other.families))
	for k, f := range other.families {
		families[k] = b.family(f)
	}
	for _, r := range other.records[lo:hi] {
		fields := other.fields[r.first : r.first+r.count]
		r.first = uint32(len(b.fields))
		for _, f := range fields {
			f.name = names[f.name]
			if f.kind.hasBytes() {
				f.num = b.store(other.bytes(unpackSpan(f.num))).pack()
			}
			b.fields = append(b.fields, f)
		}
		r.body = b.store(other.bytes(r.body))
		r.raw = b.store(other.bytes(r.raw))
		if int(r.origin) < len(origins) {
			r.origin = origins[r.origin]
		}
		if r.kind == Metric {
			r.family = families[r.family]
		}
		b.records = append(b.records, r)
	}
}

// Clone returns a copy that shares nothing with b.
func (b *Batch) Clone() *Batch {
	c := new(Batch)
	c.arena = append(c.arena, b.arena...)
	c.records = append(c.records, b.records...)
	c.fields = append(c.fields, b.fields...)
	c.origins = append(c.origins, b.origins...)
	c.families = append(c.families, b.families...)
	for _, name := range b.names {
		c.Intern(name)
	}
	return c
}

func (b *Batch) bytes(s span) []byte { return b.arena[s.off : s.off+s.len : s.off+s.len] }

func (b *Batch) store(p []byte) span {
	s := span{uint32(len(b.arena)), uint32(len(p))}
	b.arena = append(b.arena, p...)
	return s
}

func (b *Batch) origin(o Origin) uint32 {
	for k := len(b.origins) - 1; k >= 0; k-- {
		if b.origins[k] == o {
			return uint32(k)
		}
	}
	b.origins = append(b.origins, o)
	return uint32(len(b.origins) - 1)
}

func (b *Batch) family(f *Family) uint32 {
	for k := len(b.families) - 1; k >= 0; k-- {
		if b.families[k] == f {
			return uint32(k)
		}
	}
	b.families = append(b.families, f)
	return uint32(len(b.families) - 1)
}

func (s span) pack() uint64 { return uint64(s.off)<<32 | uint64(s.len) }

func unpackSpan(n uint64) span { return span{uint32(n >> 32), uint32(n)} }
