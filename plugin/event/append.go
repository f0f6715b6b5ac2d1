package event

import (
	"maps"
	"slices"
)

// Keep drops the events for which keep returns false. It may change the event
// that it is asked about, but no other.
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
	b.records = slices.Grow(b.records, hi-lo)
	names := translation{ids: make([]NameID, 0, 32)}
	for _, r := range other.records[lo:hi] {
		fields := other.fields[r.first : r.first+r.count]
		raw := r.raw
		r.raw = b.store(other.bytes(raw))
		r.body = b.store(other.bytes(r.body))
		r.first = uint32(len(b.fields))
		for _, f := range fields {
			f.name = names.of(b, other, f.name)
			if f.kind.hasBytes() {
				f.num = b.copySpan(other, unpackSpan(f.num), raw, r.raw).pack()
			}
			b.fields = append(b.fields, f)
		}
		r.origin = b.copyOrigin(other, r.origin)
		r.family = b.copyFamily(other, r.family)
		b.records = append(b.records, r)
	}
}

// copySpan copies the bytes of s to b. Those that lie within raw were copied
// with it, to copied.
func (b *Batch) copySpan(other *Batch, s, raw, copied span) span {
	if s.off >= raw.off && s.off+s.len <= raw.off+raw.len && copied.len == raw.len {
		return span{copied.off + s.off - raw.off, s.len}
	}
	return b.store(other.bytes(s))
}

func (b *Batch) copyOrigin(other *Batch, k uint32) uint32 {
	if int(k) >= len(other.origins) {
		return none
	}
	return b.origin(other.origins[k])
}

func (b *Batch) copyFamily(other *Batch, k uint32) uint32 {
	if int(k) >= len(other.families) {
		return none
	}
	return b.family(other.families[k])
}

// translation maps the names of one batch to those of another, as far as they
// were asked for: what is copied may have far fewer names than its batch.
type translation struct {
	ids []NameID // by the other's id: ours plus one, 0 for not asked yet
}

func (t *translation) of(b, other *Batch, id NameID) NameID {
	if int(id) >= maxKeptNames {
		return b.Intern(other.names[id])
	}
	for int(id) >= len(t.ids) {
		t.ids = append(t.ids, 0)
	}
	if t.ids[id] == 0 {
		t.ids[id] = b.Intern(other.names[id]) + 1
	}
	return t.ids[id] - 1
}

// Clone returns a copy that shares nothing with b.
func (b *Batch) Clone() *Batch {
	return &Batch{
		arena:    slices.Clone(b.arena),
		records:  slices.Clone(b.records),
		fields:   slices.Clone(b.fields),
		names:    slices.Clone(b.names),
		nameIDs:  maps.Clone(b.nameIDs),
		origins:  slices.Clone(b.origins),
		families: slices.Clone(b.families),
		overflow: b.overflow,
	}
}

func (b *Batch) bytes(s span) []byte { return b.arena[s.off : s.off+s.len : s.off+s.len] }

// store copies p to the arena, see [Batch.Err] for when there is no room.
func (b *Batch) store(p []byte) span {
	if len(p) > MaxBytes-len(b.arena) {
		b.overflow = true
		return span{}
	}
	s := span{uint32(len(b.arena)), uint32(len(p))}
	b.arena = append(b.arena, p...)
	return s
}

// place is store for bytes that may lie in the arena already.
func (b *Batch) place(p []byte) span {
	if off, ok := b.within(p); ok {
		return span{off, uint32(len(p))}
	}
	return b.store(p)
}

func (b *Batch) origin(o Origin) uint32 {
	for k, known := range slices.Backward(b.origins) {
		if known == o {
			return uint32(k)
		}
	}
	b.origins = append(b.origins, o)
	return uint32(len(b.origins) - 1)
}

func (b *Batch) family(f *Family) uint32 {
	for k, known := range slices.Backward(b.families) {
		if known == f || *known == *f {
			return uint32(k)
		}
	}
	b.families = append(b.families, f)
	return uint32(len(b.families) - 1)
}

func (s span) pack() uint64 { return uint64(s.off)<<32 | uint64(s.len) }

func unpackSpan(n uint64) span { return span{uint32(n >> 32), uint32(n)} }
