package event

// NameID stands for a field name within one batch.
type NameID uint32

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

// Lookup returns the id of a field name, if the batch knows it. Where it does
// not, no event has a field of that name.
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
	f := &b.fieldsOf(i)[j]
	return f.name, b.value(f)
}

// Field returns a field of event i, null where it has none of that name.
func (b *Batch) Field(i int, name NameID) Value {
	fields := b.fieldsOf(i)
	for j := range fields {
		if fields[j].name == name {
			return b.value(&fields[j])
		}
	}
	return Value{}
}

func (b *Batch) fieldsOf(i int) []field {
	r := &b.records[i]
	return b.fields[r.first : r.first+r.count]
}

// Set sets a field of event i. The bytes of the value are copied unless they
// lie in this batch.
func (b *Batch) Set(i int, name NameID, v Value) {
	f := b.newField(name, v)
	b.records[i].flags &^= unchanged
	fields := b.fieldsOf(i)
	for j := range fields {
		if fields[j].name == name {
			fields[j] = f
			return
		}
	}
	b.addField(&b.records[i], f)
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
	fields := b.fieldsOf(i)
	for j := range fields {
		if fields[j].name == name {
			copy(fields[j:], fields[j+1:])
			b.records[i].count--
			b.records[i].flags &^= unchanged
			return
		}
	}
}

// Ref finds the field of one name in event after event. It remembers the
// name's id and the field's place, so that it is faster than a lookup and a
// search for each. It is not safe for concurrent use.
type Ref struct {
	name  string
	id    NameID
	place int
}

// NewRef returns a reference to the fields of that name.
func NewRef(name string) *Ref { return &Ref{name: name} }

// Field returns the field of event i, null where it has none of that name.
func (r *Ref) Field(b *Batch, i int) Value {
	if int(r.id) >= len(b.names) || b.names[r.id] != r.name {
		id, ok := b.Lookup(r.name)
		if !ok {
			return Value{}
		}
		r.id = id
	}
	fields := b.fieldsOf(i)
	if r.place < len(fields) && fields[r.place].name == r.id {
		return b.value(&fields[r.place])
	}
	for j := range fields {
		if fields[j].name == r.id {
			r.place = j
			return b.value(&fields[j])
		}
	}
	return Value{}
}
