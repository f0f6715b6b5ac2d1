package jinja

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// jsonStyle is how JSON is written.
type jsonStyle struct {
	indent          string
	pretty          bool // each element on a line of its own
	comma, colon    string
	sorted          bool
	ascii, htmlSafe bool
}

// jsonWriter writes JSON as json.dumps of Python does.
type jsonWriter struct {
	printer
	jsonStyle
}

func (r *run) toJSON(v any, style jsonStyle) (any, error) {
	w := jsonWriter{printer{run: r}, style}
	err := w.value(v, 0)
	return w.out.String(), err
}

func (w *jsonWriter) value(v any, depth int) error {
	if depth > maxDepth {
		return limitf("a value is nested more than %d deep", maxDepth)
	}
	if err := w.run.step(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return w.write("null")
	case bool:
		return w.write(strconv.FormatBool(v))
	case int64:
		return w.write(strconv.FormatInt(v, 10))
	case float64:
		return w.write(jsonFloat(v))
	case string:
		return w.write(w.quote(v))
	case timestamp:
		return w.write(w.quote(v.Format("2006-01-02T15:04:05")))
	case undefined:
		return &missingError{v}
	case *list:
		return w.all("[", "]", len(v.items), depth, func(i int) error { return w.value(v.items[i], depth+1) })
	case *dict:
		return w.dict(v, depth)
	}
	return fmt.Errorf("a value of type %s has no form in JSON", typeName(v))
}

func (w *jsonWriter) dict(d *dict, depth int) error {
	entries := d.entries
	if w.sorted {
		items, err := w.run.sorted(d.keys(), nil, false)
		if err != nil {
			return err
		}
		entries = make([]entry, len(items))
		for i, key := range items {
			value, _ := d.get(key)
			entries[i] = entry{key, value}
		}
	}
	return w.all("{", "}", len(entries), depth, func(i int) error {
		key, err := jsonKey(entries[i].key)
		if err == nil {
			err = w.write(w.quote(key) + w.colon)
		}
		if err != nil {
			return err
		}
		return w.value(entries[i].value, depth+1)
	})
}

func (w *jsonWriter) all(opening, closing string, n, depth int, one func(i int) error) error {
	if n == 0 {
		return w.write(opening + closing)
	}
	newline := func(depth int) string {
		if !w.pretty {
			return ""
		}
		return "\n" + strings.Repeat(w.indent, depth)
	}
	if err := w.write(opening); err != nil {
		return err
	}
	for i := range n {
		before := newline(depth + 1)
		if i > 0 {
			before = w.comma + before
		}
		if err := w.write(before); err != nil {
			return err
		}
		if err := one(i); err != nil {
			return err
		}
	}
	return w.write(newline(depth) + closing)
}

func jsonKey(key any) (string, error) {
	switch k := key.(type) {
	case nil:
		return "null", nil
	case string:
		return k, nil
	case bool:
		return strconv.FormatBool(k), nil
	case int64:
		return strconv.FormatInt(k, 10), nil
	case float64:
		return jsonFloat(k), nil
	}
	return "", fmt.Errorf("a value of type %s can't be a key in JSON", typeName(key))
}

func jsonFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	}
	return floatText(f)
}

func (w *jsonWriter) quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, c := range s {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == '\b':
			b.WriteString(`\b`)
		case c == '\f':
			b.WriteString(`\f`)
		case c < 0x20, w.htmlSafe && strings.ContainsRune("<>&'", c), w.ascii && c >= 0x7f && c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		case w.ascii && c >= 0x10000:
			c -= 0x10000
			fmt.Fprintf(&b, `\u%04x\u%04x`, 0xd800+c>>10, 0xdc00+c&0x3ff)
		default:
			b.WriteRune(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// fromJSON reads JSON, of which the keys keep their order.
func (r *run) fromJSON(s string) (any, error) {
	if err := r.take(len(s) * 2); err != nil {
		return nil, err
	}
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	v, err := r.readJSON(d, 0)
	if err == nil {
		if _, err = d.Token(); errors.Is(err, io.EOF) {
			return v, nil
		}
		if err == nil {
			err = errors.New("more follows the value")
		}
	}
	if _, limit := errors.AsType[*limitError](err); limit {
		return nil, err
	}
	return nil, fmt.Errorf("the string is not valid JSON after %d bytes", d.InputOffset())
}

func (r *run) readJSON(d *json.Decoder, depth int) (any, error) {
	if depth > maxDepth {
		return nil, limitf("the JSON is nested more than %d deep", maxDepth)
	}
	if err := r.step(1); err != nil {
		return nil, err
	}
	t, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch t := t.(type) {
	case json.Number:
		return jsonNumber(t)
	case json.Delim:
		if t == '[' {
			return r.readJSONList(d, depth)
		}
		return r.readJSONDict(d, depth)
	}
	return t, nil // nil, a bool or a string
}

func jsonNumber(n json.Number) (any, error) {
	if !strings.ContainsAny(n.String(), ".eE") {
		i, err := n.Int64()
		if err != nil {
			return nil, errOverflow
		}
		return i, nil
	}
	f, err := n.Float64()
	if err != nil && !math.IsInf(f, 0) {
		return nil, err
	}
	return f, nil
}

func (r *run) readJSONList(d *json.Decoder, depth int) (any, error) {
	l := newList()
	for d.More() {
		v, err := r.readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		l.items = append(l.items, v)
	}
	_, err := d.Token()
	return l, errors.Join(err, r.takeList(len(l.items)))
}

func (r *run) readJSONDict(d *json.Decoder, depth int) (any, error) {
	out := newDict()
	for d.More() {
		key, err := d.Token()
		if err != nil {
			return nil, err
		}
		v, err := r.readJSON(d, depth+1)
		if err != nil {
			return nil, err
		}
		out.setString(strings.ToValidUTF8(key.(string), string(utf8.RuneError)), v)
	}
	_, err := d.Token()
	return out, errors.Join(err, r.takeList(out.len()))
}
