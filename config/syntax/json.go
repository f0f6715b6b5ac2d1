package syntax

import (
	"encoding/json"
	"strings"
)

// jsonReader descends through a JSON text. The grammar is small, and done here
// because no decoder of it tells where things are.
type jsonReader struct {
	*builder
	next int // the next byte
}

func readJSON(b *builder) (node, error) {
	r := &jsonReader{builder: b, next: b.first}
	if r.peek() == 0 {
		return nil, fault(r.here(), "Missing value", "The file is empty. A JSON file holds at least an empty object, {}.")
	}
	root, err := r.value(1)
	if err != nil {
		return nil, err
	}
	if r.peek() != 0 {
		return nil, fault(r.here(), "Invalid JSON", "There is more after the end of the value.")
	}
	return root, nil
}

// peek skips white space and returns the byte that follows, or 0 at the end.
func (r *jsonReader) peek() byte {
	for ; r.next < len(r.text); r.next++ {
		switch c := r.text[r.next]; c {
		case ' ', '\t', '\n', '\r':
		default:
			return c
		}
	}
	return 0
}

// here is the next character.
func (r *jsonReader) here() span {
	return span{r.next, r.next + characterLen(r.bytes[r.next:])}
}

func (r *jsonReader) value(depth int) (node, error) {
	switch c := r.peek(); c {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return r.string()
	case 0:
		return nil, fault(r.here(), "Invalid JSON", "The file ends where a value is expected.")
	default:
		return r.word()
	}
}

func (r *jsonReader) object(depth int) (node, error) {
	o := &objectNode{span: r.here()}
	if err := r.enter(depth, o.span); err != nil {
		return nil, err
	}
	r.next++
	for more := r.peek() != '}'; more; {
		if r.peek() != '"' {
			return nil, fault(r.here(), "Invalid JSON", "A property name in double quotes is expected here.")
		}
		key, err := r.string()
		if err != nil {
			return nil, err
		}
		if r.peek() != ':' {
			return nil, fault(r.here(), "Invalid JSON", "A colon is expected here, between a property name and its value.")
		}
		r.next++
		value, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if err := r.add(o, key, value); err != nil {
			return nil, err
		}
		if more, err = r.separator('}', o.span); err != nil {
			return nil, err
		}
	}
	r.next++
	o.end = r.next
	return o, nil
}

func (r *jsonReader) array(depth int) (node, error) {
	a := &arrayNode{span: r.here()}
	if err := r.enter(depth, a.span); err != nil {
		return nil, err
	}
	r.next++
	for more := r.peek() != ']'; more; {
		item, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, item)
		if more, err = r.separator(']', a.span); err != nil {
			return nil, err
		}
	}
	r.next++
	a.end = r.next
	return a, nil
}

// separator takes a comma and reports whether there was one. Otherwise the
// next byte closes what was opened.
func (r *jsonReader) separator(closing byte, opened span) (bool, error) {
	switch r.peek() {
	case closing:
		return false, nil
	case ',':
		comma := r.here()
		r.next++
		if r.peek() == closing {
			return false, fault(comma, "Invalid JSON", "JSON allows no comma after the last item.")
		}
		return true, nil
	case 0:
		return false, fault(opened, "Invalid JSON", "This is never closed: %q is missing.", closing)
	}
	return false, fault(r.here(), "Invalid JSON", "A comma or %q is expected here.", closing)
}

func (r *jsonReader) string() (*stringNode, error) {
	start := r.next
	end := start + 1
	escaped := false
	for ; end < len(r.text) && r.text[end] != '"'; end++ {
		switch r.text[end] {
		case '\\':
			escaped = true
			end++
		case '\n', '\r', '\t':
			return nil, fault(span{start, end}, "Invalid JSON", "A string can't hold a line break or a tab. Write \\n or \\t.")
		}
	}
	if end >= len(r.text) {
		return nil, fault(span{start, start + 1}, "Invalid JSON", "This string is never closed.")
	}
	r.next = end + 1
	s := &stringNode{span: span{start, r.next}, text: r.text[start+1 : end], content: start + 1}
	if escaped {
		s.escapes = backslash
		if err := json.Unmarshal(r.bytes[start:r.next], &s.text); err != nil {
			return nil, fault(s.span, "Invalid JSON", "The string has an escape that JSON doesn't have: %s.", err)
		}
	}
	return r.str(s)
}

// word reads a number or one of the three names.
func (r *jsonReader) word() (node, error) {
	at := span{r.next, r.next}
	for at.end < len(r.text) && !strings.ContainsRune(" \t\r\n,:[]{}\"", rune(r.text[at.end])) {
		at.end++
	}
	if at.start == at.end {
		return nil, fault(r.here(), "Invalid JSON", "A value is expected here.")
	}
	r.next = at.end
	switch text := r.text[at.start:at.end]; {
	case text == "true" || text == "false":
		return &boolNode{at, text == "true"}, r.count(1, at)
	case text == "null":
		return &nullNode{at}, r.count(1, at)
	case (text[0] == '-' || text[0] >= '0' && text[0] <= '9') && json.Valid(r.bytes[at.start:at.end]):
		return r.number(at, text)
	}
	return nil, fault(at, "Invalid JSON", "A value is a string in double quotes, a number, true, false, null, an object or an array.")
}
