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

import (
	"errors"
	"math"
	"time"
)

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

// MaxBytes is the most that the bodies and values of one batch may hold, in
// bytes. It keeps every offset within 32 bits.
const MaxBytes = 1 << 30

// ErrTooLarge says that a batch was asked to hold more than [MaxBytes].
var ErrTooLarge = errors.New("the batch of events is full: it can hold 1 GiB")

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
	origin uint32 // index into origins, or none
	family uint32 // index into families of a metric, or none
	kind   Kind
	flags  uint8
}

const (
	recordSize = 64
	fieldSize  = 16
	none       = math.MaxUint32
)

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

	// slots[name] is where the event being parsed may have a field of that
	// name. It is only a hint: what it points to has to be compared.
	slots    []uint32
	overflow bool
}

// Len returns the number of events.
func (b *Batch) Len() int { return len(b.records) }

// Size returns the number of bytes that the batch holds on to, about.
func (b *Batch) Size() int {
	return len(b.arena) + recordSize*len(b.records) + fieldSize*len(b.fields)
}

// Err returns [ErrTooLarge] once a body or a value did not fit and was left
// empty.
func (b *Batch) Err() error {
	if b.overflow {
		return ErrTooLarge
	}
	return nil
}

// maxKeptNames bounds the field names that a batch remembers when it is used
// again, so that a stream of ever new names can't fill the memory.
const maxKeptNames = 256

// Reset empties the batch and keeps its memory for the next events.
func (b *Batch) Reset() {
	b.arena = b.arena[:0]
	b.records = b.records[:0]
	b.fields = b.fields[:0]
	b.origins = b.origins[:0]
	b.families = b.families[:0]
	b.overflow = false
	if len(b.names) > maxKeptNames {
		b.names, b.nameIDs, b.slots = nil, nil, nil
	}
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

// SetTime sets the time of event i. The zero time takes it away, and so does
// one that nanoseconds since 1970 can't express in 64 bits.
func (b *Batch) SetTime(i int, t time.Time) { b.records[i].time = unixNano(t) }

func unixNano(t time.Time) int64 {
	if y := t.Year(); y < 1678 || y > 2261 {
		return 0
	}
	return t.UnixNano()
}

// Body returns the text of event i and whether it has one: an event that was
// parsed has fields instead. The bytes must not be changed or kept.
func (b *Batch) Body(i int) ([]byte, bool) {
	r := &b.records[i]
	return b.bytes(r.body), r.flags&hasBody != 0
}

// SetBody replaces the text of event i. The bytes are copied unless they lie
// in this batch.
func (b *Batch) SetBody(i int, body []byte) {
	s := b.place(body)
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

// Original returns the text of event i as it came: its body, or what its
// fields were parsed from, whether or not they were changed since. It is nil
// for an event that never had a text.
func (b *Batch) Original(i int) []byte {
	r := &b.records[i]
	if r.flags&hasBody != 0 {
		return b.bytes(r.body)
	}
	if r.raw.len == 0 {
		return nil
	}
	return b.bytes(r.raw)
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
	if r.kind != Metric || int(r.family) >= len(b.families) {
		return nil, 0
	}
	return b.families[r.family], r.value
}
