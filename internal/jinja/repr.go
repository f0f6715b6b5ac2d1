package jinja

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode"
)

// text is what str() of Python returns.
func (r *run) text(v any) (string, error) {
	switch v := v.(type) {
	case string:
		return v, nil
	case timestamp:
		return v.String(), nil
	case duration:
		return v.String(), nil
	}
	p := printer{run: r}
	err := p.print(v, 0)
	return p.out.String(), err
}

// repr is what repr() of Python returns.
func (r *run) repr(v any) (string, error) {
	p := printer{run: r}
	err := p.print(v, 0)
	return p.out.String(), err
}

// printer writes values as Python does. It pays as it goes, since a small
// value that holds others many times over prints as a large text.
type printer struct {
	run *run
	out strings.Builder
}

func (p *printer) write(s string) error {
	if p.out.Len()+len(s) > maxRepeat {
		return p.run.takeString(p.out.Len() + len(s))
	}
	p.out.WriteString(s)
	return p.run.take(len(s))
}

func (p *printer) print(v any, depth int) error {
	if depth > maxDepth {
		return limitf("a value is nested more than %d deep", maxDepth)
	}
	if err := p.run.step(1); err != nil {
		return err
	}
	switch v := v.(type) {
	case nil:
		return p.write("None")
	case bool:
		if v {
			return p.write("True")
		}
		return p.write("False")
	case int64:
		return p.write(strconv.FormatInt(v, 10))
	case float64:
		return p.write(floatText(v))
	case string:
		return p.write(quotePython(v))
	case *list:
		return p.list(v, depth)
	case *dict:
		return p.dict(v, depth)
	case undefined:
		return defined(v)
	case timestamp:
		return p.write(fmt.Sprintf("datetime.datetime(%d, %d, %d, %d, %d)", v.Year(), v.Month(), v.Day(), v.Hour(), v.Minute()))
	}
	return fmt.Errorf("a value of type %s has no text", typeName(v))
}

func (p *printer) list(l *list, depth int) error {
	opening, closing := "[", "]"
	if l.tuple {
		opening, closing = "(", ")"
		if len(l.items) == 1 {
			closing = ",)"
		}
	}
	if err := p.write(opening); err != nil {
		return err
	}
	for i, item := range l.items {
		if i > 0 {
			if err := p.write(", "); err != nil {
				return err
			}
		}
		if err := p.print(item, depth+1); err != nil {
			return err
		}
	}
	return p.write(closing)
}

func (p *printer) dict(d *dict, depth int) error {
	if err := p.write("{"); err != nil {
		return err
	}
	for i, e := range d.entries {
		if i > 0 {
			if err := p.write(", "); err != nil {
				return err
			}
		}
		if err := p.print(e.key, depth+1); err != nil {
			return err
		}
		if err := p.write(": "); err != nil {
			return err
		}
		if err := p.print(e.value, depth+1); err != nil {
			return err
		}
	}
	return p.write("}")
}

// floatText is the shortest text that reads back as f, as Python writes it.
func floatText(f float64) string {
	switch {
	case math.IsInf(f, 1):
		return "inf"
	case math.IsInf(f, -1):
		return "-inf"
	case math.IsNaN(f):
		return "nan"
	}
	if abs := math.Abs(f); abs != 0 && (abs < 1e-4 || abs >= 1e16) {
		return strconv.FormatFloat(f, 'e', -1, 64)
	}
	s := strconv.FormatFloat(f, 'f', -1, 64)
	if !strings.Contains(s, ".") {
		s += ".0"
	}
	return s
}

// quotePython quotes a string as Python does: with ' unless that is in it and
// " is not.
func quotePython(s string) string {
	quote := '\''
	if strings.ContainsRune(s, '\'') && !strings.ContainsRune(s, '"') {
		quote = '"'
	}
	var b strings.Builder
	b.WriteRune(quote)
	for _, c := range s {
		switch {
		case c == quote || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case c == '\n':
			b.WriteString(`\n`)
		case c == '\r':
			b.WriteString(`\r`)
		case c == '\t':
			b.WriteString(`\t`)
		case c == ' ' || unicode.IsGraphic(c) && !unicode.IsSpace(c):
			b.WriteRune(c)
		case c < 0x100:
			fmt.Fprintf(&b, `\x%02x`, c)
		case c < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, c)
		default:
			fmt.Fprintf(&b, `\U%08x`, c)
		}
	}
	b.WriteRune(quote)
	return b.String()
}
