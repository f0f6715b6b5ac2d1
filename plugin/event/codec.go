package event

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"slices"
)

// The packed form of a batch, all numbers little-endian:
//
//	version byte, then as uint32: bytes of the arena, records, fields, names,
//	origins, families; the arena; names; origins as two strings; families as
//	two strings and a type; fields in the order of their records; records.
//	A string is a uint32 length and its bytes.
const (
	codecVersion    = 1
	headerBytes     = 1 + 6*4
	fieldBytes      = 4 + 1 + 8
	recordBytes     = 8 + 8 + 8 + 8 + 8 + 4 + 4 + 4 + 1 + 1
	leastNameBytes  = 4
	leastOriginSize = 4 + 4
	leastFamilySize = 4 + 4 + 1
)

// AppendBinary appends the packed form of b, which [Decode] reads.
func (b *Batch) AppendBinary(dst []byte) []byte {
	if b.live() < len(b.arena)/2 {
		compact := new(Batch) // most of the arena belongs to events dropped
		compact.Append(b)
		b = compact
	}
	count := 0
	for i := range b.records {
		count += int(b.records[i].count)
	}
	e := encoder{append(slices.Grow(dst, b.packedSize(count)), codecVersion)}
	e.uint32(len(b.arena))
	e.uint32(len(b.records))
	e.uint32(count)
	e.uint32(len(b.names))
	e.uint32(len(b.origins))
	e.uint32(len(b.families))
	e.dst = append(e.dst, b.arena...)
	for _, name := range b.names {
		e.string(name)
	}
	for _, o := range b.origins {
		e.string(o.Source)
		e.string(o.Path)
	}
	for _, f := range b.families {
		e.string(f.Name)
		e.string(f.Help)
		e.dst = append(e.dst, byte(f.Type))
	}
	for i := range b.records {
		for _, f := range b.fieldsOf(i) {
			e.field(f)
		}
	}
	for i := range b.records {
		e.record(&b.records[i])
	}
	return e.dst
}

// packedSize is the length of the packed form, with so many fields.
func (b *Batch) packedSize(fields int) int {
	n := headerBytes + len(b.arena) + fields*fieldBytes + len(b.records)*recordBytes
	for _, name := range b.names {
		n += leastNameBytes + len(name)
	}
	for _, o := range b.origins {
		n += leastOriginSize + len(o.Source) + len(o.Path)
	}
	for _, f := range b.families {
		n += leastFamilySize + len(f.Name) + len(f.Help)
	}
	return n
}

// live returns about how many bytes of the arena the events still need. What
// lies in the raw bytes of its event counts twice, which is good enough.
func (b *Batch) live() int {
	n := 0
	for i := range b.records {
		n += int(b.records[i].body.len + b.records[i].raw.len)
		for _, f := range b.fieldsOf(i) {
			if f.kind.hasBytes() {
				n += int(unpackSpan(f.num).len)
			}
		}
	}
	return n
}

type encoder struct{ dst []byte }

func (e *encoder) uint32(n int)    { e.dst = binary.LittleEndian.AppendUint32(e.dst, uint32(n)) }
func (e *encoder) uint64(n uint64) { e.dst = binary.LittleEndian.AppendUint64(e.dst, n) }

func (e *encoder) string(s string) {
	e.uint32(len(s))
	e.dst = append(e.dst, s...)
}

func (e *encoder) field(f field) {
	e.uint32(int(f.name))
	e.dst = append(e.dst, byte(f.kind))
	e.uint64(f.num)
}

func (e *encoder) record(r *record) {
	var p [recordBytes]byte
	binary.LittleEndian.PutUint64(p[0:], uint64(r.time))
	binary.LittleEndian.PutUint64(p[8:], uint64(r.offset))
	binary.LittleEndian.PutUint64(p[16:], math.Float64bits(r.value))
	binary.LittleEndian.PutUint64(p[24:], r.body.pack())
	binary.LittleEndian.PutUint64(p[32:], r.raw.pack())
	binary.LittleEndian.PutUint32(p[40:], r.count)
	binary.LittleEndian.PutUint32(p[44:], r.origin)
	binary.LittleEndian.PutUint32(p[48:], r.family)
	p[52], p[53] = byte(r.kind), r.flags
	e.dst = append(e.dst, p[:]...)
}

// ErrFormat is wrapped by every error of [Decode].
var ErrFormat = errors.New("not a packed batch of events")

// Decode reads what [Batch.AppendBinary] wrote. The texts of the batch are those
// of p, which must not be changed any more.
func Decode(p []byte) (*Batch, error) {
	b := new(Batch)
	if err := b.Decode(p); err != nil {
		return nil, err
	}
	return b, nil
}

// Decode is [Decode] into a batch whose memory is used again. It checks
// everything that the methods of a batch rely on, and takes no more memory than
// a small multiple of the length of p. After an error the batch is empty.
func (b *Batch) Decode(p []byte) error {
	b.Reset()
	b.names = b.names[:0]
	clear(b.nameIDs)
	if err := b.decode(p); err != nil {
		b.Reset()
		return err
	}
	return nil
}

func (b *Batch) decode(p []byte) error {
	if len(p) < headerBytes {
		return fmt.Errorf("%w: %d bytes are too few", ErrFormat, len(p))
	}
	if p[0] != codecVersion {
		return fmt.Errorf("%w: its version is %d, want %d", ErrFormat, p[0], codecVersion)
	}
	d := decoder{p: p[1:]}
	arena, records, fields := d.uint32(), d.uint32(), d.uint32()
	names, origins, families := d.uint32(), d.uint32(), d.uint32()
	least := arena + records*recordBytes + fields*fieldBytes +
		names*leastNameBytes + origins*leastOriginSize + families*leastFamilySize
	if least > uint64(len(d.p)) || arena > MaxBytes {
		return fmt.Errorf("%w: its header asks for %d bytes, %d follow", ErrFormat, least, len(d.p))
	}
	b.arena = slices.Clip(d.bytes(arena)) // what is added to it later goes elsewhere
	d.names(b, names)
	d.origins(b, origins)
	d.families(b, families)
	d.fields(b, fields)
	d.records(b, records)
	if d.reason == "" && len(d.p) > 0 {
		d.fail("bytes follow its end")
	}
	if d.reason != "" {
		return fmt.Errorf("%w: %s", ErrFormat, d.reason)
	}
	return nil
}

// decoder reads from the front of p. After the first failure it reads zeros.
type decoder struct {
	p      []byte
	total  uint64 // bytes of all bodies and values
	reason string
}

func (d *decoder) fail(reason string) {
	if d.reason == "" {
		d.reason = reason
	}
	d.p = nil
}

func (d *decoder) bytes(n uint64) []byte {
	if n > uint64(len(d.p)) {
		d.fail("it is cut short")
		return nil
	}
	p := d.p[:n]
	d.p = d.p[n:]
	return p
}

func (d *decoder) byte() byte {
	if p := d.bytes(1); p != nil {
		return p[0]
	}
	return 0
}

func (d *decoder) uint32() uint64 {
	if p := d.bytes(4); p != nil {
		return uint64(binary.LittleEndian.Uint32(p))
	}
	return 0
}

func (d *decoder) uint64() uint64 {
	if p := d.bytes(8); p != nil {
		return binary.LittleEndian.Uint64(p)
	}
	return 0
}

func (d *decoder) string() string { return string(d.bytes(d.uint32())) }

// span reads a span of b's arena. A few bytes that all values share could
// stand for far more than was sent, so their sum is bounded, too.
func (d *decoder) span(b *Batch, packed uint64) span {
	s := unpackSpan(packed)
	d.total += uint64(s.len)
	if uint64(s.off)+uint64(s.len) > uint64(len(b.arena)) || d.total > MaxBytes {
		d.fail("a value lies outside of it")
		return span{}
	}
	return s
}

func (d *decoder) names(b *Batch, n uint64) {
	b.names = slices.Grow(b.names, int(n))
	for range n {
		name := d.string()
		if _, ok := b.nameIDs[name]; ok {
			d.fail("a field name occurs twice")
			return
		}
		b.Intern(name)
	}
}

func (d *decoder) origins(b *Batch, n uint64) {
	b.origins = slices.Grow(b.origins, int(n))
	for range n {
		source := d.string()
		b.origins = append(b.origins, Origin{Source: source, Path: d.string()})
	}
}

func (d *decoder) families(b *Batch, n uint64) {
	b.families = slices.Grow(b.families, int(n))
	for range n {
		name := d.string()
		f := &Family{Name: name, Help: d.string(), Type: MetricType(d.byte())}
		if int(f.Type) >= len(metricTypeNames) {
			d.fail("a metric has an unknown type")
		}
		b.families = append(b.families, f)
	}
}

func (d *decoder) fields(b *Batch, n uint64) {
	b.fields = slices.Grow(b.fields, int(n))
	for range n {
		name := d.uint32()
		f := field{name: NameID(name), kind: ValueKind(d.byte()), num: d.uint64()}
		if name >= uint64(len(b.names)) || f.kind > JSON {
			d.fail("a field has an unknown name or type")
			return
		}
		if f.kind.hasBytes() {
			d.span(b, f.num)
		}
		b.fields = append(b.fields, f)
	}
}

func (d *decoder) records(b *Batch, n uint64) {
	b.records = slices.Grow(b.records, int(n))
	first := uint64(0)
	for range n {
		p := d.bytes(recordBytes)
		if p == nil {
			return
		}
		r := record{
			time:   int64(binary.LittleEndian.Uint64(p[0:])),
			offset: int64(binary.LittleEndian.Uint64(p[8:])),
			value:  math.Float64frombits(binary.LittleEndian.Uint64(p[16:])),
			body:   d.span(b, binary.LittleEndian.Uint64(p[24:])),
			raw:    d.span(b, binary.LittleEndian.Uint64(p[32:])),
			first:  uint32(first),
			count:  binary.LittleEndian.Uint32(p[40:]),
			origin: binary.LittleEndian.Uint32(p[44:]),
			family: binary.LittleEndian.Uint32(p[48:]),
			kind:   Kind(p[52]),
			flags:  p[53],
		}
		if int(r.kind) >= len(kindNames) || r.flags >= rawIsJSON<<1 {
			d.fail("an event has an unknown kind")
		}
		if first += uint64(r.count); first > uint64(len(b.fields)) {
			d.fail("an event has more fields than there are")
			return
		}
		b.records = append(b.records, r)
	}
	if first != uint64(len(b.fields)) {
		d.fail("there are fields of no event")
	}
}
