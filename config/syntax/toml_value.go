package syntax

import (
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2/unstable"
)

// value reads the value that is written at a byte. The parser doesn't tell
// where arrays and inline tables begin and end.
func (r *tomlReader) value(n *unstable.Node, start, depth int) (node, error) {
	switch n.Kind {
	case unstable.Array:
		return r.array(n, start, depth)
	case unstable.InlineTable:
		return r.inlineTable(n, start, depth)
	case unstable.String:
		return r.quoted(n)
	}
	at := r.raw(n)
	text := r.text[at.start:at.end]
	switch n.Kind {
	case unstable.Bool:
		return &boolNode{at, text == "true"}, r.count(1, at)
	case unstable.Integer:
		return r.number(at, strings.ReplaceAll(text, "_", ""))
	case unstable.Float:
		if strings.HasSuffix(text, "inf") || strings.HasSuffix(text, "nan") {
			return nil, fault(at, "Number out of range", "A number must be finite. Write %q in quotes if a string is meant.", text)
		}
		return r.number(at, strings.ReplaceAll(text, "_", ""))
	}
	if !isTOMLTime(text) {
		return nil, fault(at, "Invalid TOML", "There is no such date or time. Write it in quotes if a string is meant.")
	}
	return &stringNode{span: at, text: text, content: at.start}, r.count(1, at)
}

func (r *tomlReader) raw(n *unstable.Node) span {
	start := r.first + int(n.Raw.Offset)
	return span{start, start + int(n.Raw.Length)}
}

// quoted reads a key or a string.
func (r *tomlReader) quoted(n *unstable.Node) (*stringNode, error) {
	s := &stringNode{span: r.raw(n), text: string(n.Data)}
	s.content = s.start
	if quote := r.text[s.start]; quote == '"' || quote == '\'' {
		s.content++
		if quote == '"' {
			s.escapes = backslash
		}
		if s.end-s.start >= 6 && strings.HasPrefix(r.text[s.start:], strings.Repeat(string(quote), 3)) {
			inside := strings.TrimPrefix(r.text[s.start+3:], "\r")
			s.content = len(r.text) - len(strings.TrimPrefix(inside, "\n")) // a first line break is left out
		}
	}
	return r.str(s)
}

func (r *tomlReader) array(n *unstable.Node, start, depth int) (node, error) {
	a := &arrayNode{span: span{start, start + 1}}
	if err := r.enter(depth, a.span); err != nil {
		return nil, err
	}
	for it := n.Children(); it.Next(); {
		item, err := r.value(it.Node(), r.skipCommas(a.end), depth+1)
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, item)
		a.end = item.where().end
	}
	a.end = r.skipCommas(a.end) + len("]")
	return a, nil
}

func (r *tomlReader) inlineTable(n *unstable.Node, start, depth int) (node, error) {
	o := &objectNode{span: span{start, start + 1}}
	if err := r.enter(depth, o.span); err != nil {
		return nil, err
	}
	for it := n.Children(); it.Next(); {
		end, err := r.keyValue(o, it.Node(), depth+1)
		if err != nil {
			return nil, err
		}
		o.end = end
	}
	o.end = r.skipCommas(o.end) + len("}")
	return o, nil
}

// skipCommas goes on to the next value, or to the closing bracket.
func (r *tomlReader) skipCommas(at int) int {
	at = r.skipSpace(at)
	for at < len(r.text) && r.text[at] == ',' {
		at = r.skipSpace(at + 1)
	}
	return at
}

// isTOMLTime reports whether a text is a date, a time of day or both.
func isTOMLTime(text string) bool {
	text = strings.Replace(strings.ToUpper(text), " ", "T", 1)
	for _, date := range []string{"", "2006-01-02T"} {
		for _, clock := range []string{"15:04:05", "15:04"} {
			for _, zone := range []string{"", "Z07:00"} {
				if _, err := time.Parse(date+clock+zone, text); err == nil && (date != "" || zone == "") {
					return true
				}
			}
		}
	}
	_, err := time.Parse(time.DateOnly, text)
	return err == nil
}
