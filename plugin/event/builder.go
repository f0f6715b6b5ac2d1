package event

import "time"

// Builder adds events to a batch. The zero value is ready for use.
type Builder struct {
	batch *Batch
}

// NewBuilder returns a builder that appends to batch.
func NewBuilder(batch *Batch) *Builder { return &Builder{batch: batch} }

// Batch returns what was built and starts anew.
func (b *Builder) Batch() *Batch {
	batch := b.current()
	b.batch = nil
	return batch
}

// Len returns the number of events built so far.
func (b *Builder) Len() int { return b.current().Len() }

// Size returns the size of what was built so far, see [Batch.Size].
func (b *Builder) Size() int { return b.current().Size() }

// Append copies all events of a batch behind those built so far.
func (b *Builder) Append(batch *Batch) { b.current().Append(batch) }

func (b *Builder) current() *Batch {
	if b.batch == nil {
		b.batch = new(Batch)
	}
	return b.batch
}

// Event begins an event without a body.
func (b *Builder) Event(kind Kind, at time.Time) {
	batch := b.current()
	batch.records = append(batch.records, record{time: unixNano(at), offset: -1, origin: none, family: none, kind: kind})
}

// Log begins a log event with a body, which is copied.
func (b *Builder) Log(at time.Time, body []byte) {
	b.Event(Log, at)
	batch := b.current()
	r := &batch.records[len(batch.records)-1]
	r.body = batch.store(body)
	r.flags = hasBody
}

// Metric adds one sample. Labels are pairs of a name and a value.
func (b *Builder) Metric(f *Family, at time.Time, value float64, labels ...string) {
	b.Event(Metric, at)
	batch := b.current()
	r := &batch.records[len(batch.records)-1]
	r.family = batch.family(f)
	r.value = value
	for i := 0; i+1 < len(labels); i += 2 {
		b.String(labels[i], labels[i+1])
	}
}

// Origin says where the event begun last came from; offset is -1 for none.
func (b *Builder) Origin(o Origin, offset int64) {
	batch := b.current()
	r := &batch.records[len(batch.records)-1]
	r.origin = batch.origin(o)
	r.offset = offset
}

// Field adds a field to the event begun last.
func (b *Builder) Field(name string, v Value) {
	batch := b.current()
	batch.Add(len(batch.records)-1, batch.Intern(name), v)
}

// String adds a string to the event begun last.
func (b *Builder) String(name, v string) { b.Field(name, StringValue(v)) }

// Int adds a whole number to the event begun last.
func (b *Builder) Int(name string, v int64) { b.Field(name, IntValue(v)) }

// Float adds a number to the event begun last.
func (b *Builder) Float(name string, v float64) { b.Field(name, FloatValue(v)) }

// Bool adds a bool to the event begun last.
func (b *Builder) Bool(name string, v bool) { b.Field(name, BoolValue(v)) }
