package event

import "slices"

// ParseJSON parses the body of event i, one JSON object, into fields. Its
// values are not copied: they stay where they are in the batch, except for
// strings with escapes. Arrays and objects within it stay text. Of members
// with the same name the last one counts, and it replaces a field that the
// event had before.
//
// A text that is not one JSON object, or nested deeper than 64 levels, is an
// error that leaves the event as it was.
func ParseJSON(b *Batch, i int) error {
	r := &b.records[i]
	if r.flags&hasBody == 0 {
		return errNoText
	}
	alone := r.count == 0
	if err := b.parseObject(i, r.body, none); err != nil {
		return err
	}
	b.Parsed(i, true)
	if !alone {
		r.flags &^= unchanged // the raw bytes lack the fields from before
	}
	return nil
}

// ParseJSONField is [ParseJSON] for the text of a field. The members take the
// place of the field.
func ParseJSONField(b *Batch, i int, name NameID) error {
	fields := b.fieldsOf(i)
	for j := range fields {
		if fields[j].name == name && fields[j].kind.hasBytes() {
			if err := b.parseObject(i, unpackSpan(fields[j].num), name); err != nil {
				return err
			}
			b.records[i].flags &^= unchanged
			return nil
		}
	}
	return errNoText
}

// expectFields makes room for all events from i on at once, should each have
// as many fields as the one before it.
func (b *Batch) expectFields(i, each int) {
	if cap(b.fields)-len(b.fields) < each {
		b.fields = slices.Grow(b.fields, each*(len(b.records)-i))
	}
}

// parseObject adds the members of the object at s to the fields of r, but for
// the field of the name without.
func (b *Batch) parseObject(i int, s span, without NameID) error {
	r := &b.records[i]
	if int(s.len) > MaxBytes-len(b.arena) {
		return ErrTooLarge // no escape is shorter than what it stands for
	}
	p := objectParser{Batch: b, text: b.bytes(s), base: s.off, first: len(b.fields)}
	if i > 0 {
		p.likely, p.likelyEnd = int(b.records[i-1].first), int(b.records[i-1].first+b.records[i-1].count)
		b.expectFields(i, p.likelyEnd-p.likely)
	}
	room := len(b.arena)
	for _, f := range b.fields[r.first : r.first+r.count] {
		if f.name != without {
			p.put(f)
		}
	}
	if err := p.members(); err != nil {
		b.fields, b.arena = b.fields[:p.first], b.arena[:room]
		return err
	}
	r.first, r.count = uint32(p.first), uint32(len(b.fields)-p.first)
	return nil
}

// objectParser appends the members of one object to the fields of its batch.
type objectParser struct {
	*Batch
	text  []byte
	base  uint32 // where the text lies in the arena
	first int    // where the fields of the event begin

	// The fields of the event before: the lines of one log mostly have the
	// same names in the same order, and comparing is faster than looking up.
	likely, likelyEnd int
}

func (p *objectParser) members() error {
	k := skipSpace(p.text, 0)
	if k >= len(p.text) || p.text[k] != '{' {
		return errNotObject
	}
	k = skipSpace(p.text, k+1)
	if k < len(p.text) && p.text[k] == '}' {
		return p.end(k + 1)
	}
	for {
		end, value, escaped, err := scanName(p.text, k)
		if err != nil {
			return err
		}
		if k, err = p.member(p.name(p.text[k+1:end-1], escaped), value); err != nil {
			return err
		}
		k = skipSpace(p.text, k)
		if k >= len(p.text) {
			return errEnd
		}
		if p.text[k] == '}' {
			return p.end(k + 1)
		}
		if p.text[k] != ',' {
			return errCharacter
		}
		k = skipSpace(p.text, k+1)
	}
}

func (p *objectParser) end(k int) error {
	if skipSpace(p.text, k) < len(p.text) {
		return errAfterObject
	}
	return nil
}

// name returns the id of a name.
func (p *objectParser) name(text []byte, escaped bool) NameID {
	if escaped {
		room := len(p.arena)
		p.arena = unescape(p.arena, text)
		id := p.InternBytes(p.arena[room:])
		p.arena = p.arena[:room]
		return id
	}
	p.likely++
	if p.likely <= p.likelyEnd {
		if id := p.fields[p.likely-1].name; p.names[id] == string(text) {
			return id
		}
	}
	return p.InternBytes(text)
}

// member adds the member whose value begins at k, and returns where it ends.
func (p *objectParser) member(name NameID, k int) (end int, err error) {
	if k >= len(p.text) {
		return 0, errEnd
	}
	f := field{name: name}
	switch c := p.text[k]; {
	case c == '"':
		var escaped bool
		end, escaped, err = scanString(p.text, k)
		f.kind, f.num = String, p.span(k+1, end-1).pack()
		if err == nil && escaped {
			f.num = p.unescaped(k+1, end-1).pack()
		}
	case c == '{' || c == '[':
		end, err = skipNested(p.text, k, 2)
		f.kind, f.num = JSON, p.span(k, end).pack()
	case c == '-' || c-'0' <= 9:
		var whole bool
		end, whole, err = scanNumber(p.text, k)
		if err == nil {
			v := numberValue(p.text[k:end], whole)
			f.kind, f.num = v.kind, v.num
		}
	case c == 't' || c == 'f' || c == 'n':
		end, err = skipLiteral(p.text, k)
		if c != 'n' {
			f = field{name: name, kind: Bool, num: BoolValue(c == 't').num}
		}
	default:
		err = errCharacter
	}
	if err != nil {
		return 0, err
	}
	p.put(f)
	return end, nil
}

func (p *objectParser) span(from, to int) span { return span{p.base + uint32(from), uint32(to - from)} }

func (p *objectParser) unescaped(from, to int) span {
	start := len(p.arena)
	p.arena = unescape(p.arena, p.text[from:to])
	return span{uint32(start), uint32(len(p.arena) - start)}
}

// put appends f, or lets it replace the field of its name.
func (p *objectParser) put(f field) {
	for int(f.name) >= len(p.slots) {
		p.slots = append(p.slots, 0)
	}
	k := int(p.slots[f.name])
	if k >= p.first && k < len(p.fields) && p.fields[k].name == f.name {
		p.fields[k] = f
		return
	}
	p.slots[f.name] = uint32(len(p.fields))
	p.fields = append(p.fields, f)
}
