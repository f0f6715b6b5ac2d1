package event

// Member returns a member of an object, null where v is not an object or has
// no member of that name.
func Member(v Value, name string) Value {
	var c Cursor
	return c.Member(v, name)
}

// Index returns an element of an array, counted from 0, null where v is not
// an array or has no such element.
func Index(v Value, n int) Value {
	var c Cursor
	return c.Index(v, n)
}

// Cursor looks into arrays and objects. It keeps the memory for strings with
// escapes, so the bytes of what it returns are valid until it is used again.
// The zero Cursor is ready for use, by one goroutine at a time.
type Cursor struct {
	buf []byte
}

// Member is the function of that name. Of members with the same name it
// returns the last.
func (c *Cursor) Member(v Value, name string) Value {
	p := v.text
	if v.kind != JSON || len(p) == 0 || p[0] != '{' {
		return Value{}
	}
	at, end := -1, -1
	for k := skipSpace(p, 1); k < len(p) && p[k] == '"'; {
		nameEnd, value, escaped, err := scanName(p, k)
		if err != nil {
			return Value{}
		}
		found := c.isName(p[k+1:nameEnd-1], escaped, name)
		if k, err = skipValue(p, value, 1); err != nil {
			return Value{}
		}
		if found {
			at, end = value, k
		}
		k = nextElement(p, k)
	}
	if at < 0 {
		return Value{}
	}
	return c.decode(p[at:end])
}

func (c *Cursor) isName(text []byte, escaped bool, name string) bool {
	if !escaped {
		return string(text) == name
	}
	c.buf = unescape(c.buf[:0], text)
	return string(c.buf) == name
}

// Index is the function of that name.
func (c *Cursor) Index(v Value, n int) (element Value) {
	c.Each(v, func(e Value) bool {
		if n == 0 {
			element = e
		}
		n--
		return n >= 0
	})
	return element
}

// Each calls yield with the elements of an array until it returns false. It
// reports whether v is an array.
func (c *Cursor) Each(v Value, yield func(Value) bool) bool {
	p := v.text
	if v.kind != JSON || len(p) == 0 || p[0] != '[' {
		return false
	}
	for k := skipSpace(p, 1); k < len(p) && p[k] != ']'; {
		end, err := skipValue(p, k, 1)
		if err != nil {
			return false
		}
		if !yield(c.decode(p[k:end])) {
			return true
		}
		k = nextElement(p, end)
	}
	return true
}

// nextElement returns where the element behind the comma at k begins, or the
// length of p where there is none.
func nextElement(p []byte, k int) int {
	k = skipSpace(p, k)
	if k >= len(p) || p[k] != ',' {
		return len(p)
	}
	return skipSpace(p, k+1)
}

// decode returns the value whose text, already checked, is p.
func (c *Cursor) decode(p []byte) Value {
	switch p[0] {
	case '{', '[':
		return JSONValue(p)
	case 't', 'f':
		return BoolValue(p[0] == 't')
	case 'n':
		return Value{}
	case '"':
		if _, escaped, _ := scanString(p, 0); !escaped {
			return BytesValue(p[1 : len(p)-1])
		}
		c.buf = unescape(c.buf[:0], p[1:len(p)-1])
		return BytesValue(c.buf)
	}
	_, whole, _ := scanNumber(p, 0)
	return numberValue(p, whole)
}
