package jinja

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// flowStyle is when a list or dict is written on one line.
type flowStyle int

const (
	flowLeaves flowStyle = iota // those without another list or dict within
	flowNever
	flowAlways
)

type yamlStyle struct {
	flow          flowStyle
	indent, width int
	sorted        bool
	start, end    bool // --- and ...
}

const maxSimpleKey = 128 // bytes of a key that stands before its colon

// yamlWriter writes YAML as PyYAML with libyaml does: it keeps the column, where a line
// may go on, and whether blanks were written last.
type yamlWriter struct {
	printer
	yamlStyle
	column int
	blank  bool // the last thing written is a blank
	clean  bool // the line has blanks, dashes and question marks only
	level  int  // of flow collections
}

func (r *run) toYAML(v any, style yamlStyle) (any, error) {
	if style.indent < 2 || style.indent > 9 {
		style.indent = 2
	}
	if style.width <= 2*style.indent {
		style.width = 80
	}
	w := &yamlWriter{printer: printer{run: r}, yamlStyle: style, blank: true, clean: true}
	if style.start {
		w.indicator("---", true, false, false)
	}
	err := w.node(v, -1, 0, false, false)
	w.newline()
	if style.end {
		w.put("...\n")
	}
	return w.out.String(), err
}

// put writes within a line. What it takes is accounted for at the next value.
func (w *yamlWriter) put(s string) {
	w.out.WriteString(s)
	w.column += utf8.RuneCountInString(s)
}

func (w *yamlWriter) newline() {
	w.out.WriteByte('\n')
	w.column, w.blank, w.clean = 0, true, true
}

func (w *yamlWriter) indentTo(indent int) {
	indent = max(0, indent)
	if !w.clean || w.column > indent || w.column == indent && !w.blank {
		w.newline()
	}
	if w.column < indent {
		w.blank = true
		w.put(strings.Repeat(" ", indent-w.column))
	}
}

func (w *yamlWriter) indicator(s string, needBlank, blank, clean bool) {
	if needBlank && !w.blank {
		s = " " + s
	}
	w.put(s)
	w.blank, w.clean = blank, w.clean && clean
}

// node writes a value. Indent is that of what holds it, -1 for nothing.
func (w *yamlWriter) node(v any, indent, depth int, inDict, isKey bool) error {
	if depth > maxDepth {
		return limitf("a value is nested more than %d deep", maxDepth)
	}
	if err := w.run.step(1); err != nil {
		return err
	}
	if err := defined(v); err != nil {
		return err
	}
	before := w.out.Len()
	var err error
	switch v := v.(type) {
	case *list:
		err = w.list(v, indent, depth, inDict)
	case *dict:
		err = w.dict(v, indent, depth)
	default:
		s, ok := w.scalarText(v)
		if !ok {
			return fmt.Errorf("a value of type %s has no form in YAML", typeName(v))
		}
		w.scalar(s, indent, isKey)
		err = w.run.take(w.out.Len() - before)
	}
	if err == nil && w.out.Len() > maxRepeat {
		err = w.run.takeString(w.out.Len())
	}
	return err
}

// onOneLine reports whether a collection is written in flow style.
func (w *yamlWriter) onOneLine(parts []any) bool {
	switch {
	case w.level > 0 || len(parts) == 0 || w.flow == flowAlways:
		return true
	case w.flow == flowNever:
		return false
	}
	for _, part := range parts {
		switch part.(type) {
		case *list, *dict:
			return false
		}
	}
	return true
}

func (w *yamlWriter) deeper(indent int, flow bool) int {
	switch {
	case indent >= 0:
		return indent + w.indent
	case flow:
		return w.indent
	}
	return 0
}

func (w *yamlWriter) list(l *list, indent, depth int, inDict bool) error {
	if w.onOneLine(l.items) {
		return w.flowed("[", "]", len(l.items), indent, func(i, inner int) error {
			return w.node(l.items[i], inner, depth+1, false, false)
		})
	}
	inner := indent
	if !inDict || w.clean || indent < 0 {
		inner = w.deeper(indent, false)
	}
	for _, item := range l.items {
		w.indentTo(inner)
		w.indicator("-", true, false, true)
		if err := w.node(item, inner, depth+1, false, false); err != nil {
			return err
		}
	}
	return nil
}

func (w *yamlWriter) flowed(opening, closing string, n, indent int, one func(i, inner int) error) error {
	w.indicator(opening, true, true, false)
	w.level++
	inner := w.deeper(indent, true)
	for i := range n {
		if i > 0 {
			w.indicator(",", false, false, false)
		}
		if w.column > w.width {
			w.indentTo(inner)
		}
		if err := one(i, inner); err != nil {
			return err
		}
	}
	w.level--
	w.indicator(closing, false, false, false)
	return nil
}

func (w *yamlWriter) dict(d *dict, indent, depth int) error {
	entries, parts, err := w.entries(d)
	if err != nil {
		return err
	}
	if w.onOneLine(parts) {
		return w.flowed("{", "}", len(entries), indent, func(i, inner int) error { return w.entry(entries[i], inner, depth) })
	}
	inner := w.deeper(indent, false)
	for _, e := range entries {
		w.indentTo(inner)
		if err := w.entry(e, inner, depth); err != nil {
			return err
		}
	}
	return nil
}

// entries returns the entries in order, and their keys and values.
func (w *yamlWriter) entries(d *dict) (entries []entry, parts []any, err error) {
	if err := w.run.takeList(2 * d.len()); err != nil {
		return nil, nil, err
	}
	keys := d.keys()
	if w.sorted {
		sorted, err := w.run.sorted(keys, nil, false)
		if _, limit := errors.AsType[*limitError](err); limit {
			return nil, nil, err
		}
		if err == nil { // keys of several types stay as they are
			keys = sorted
		}
	}
	for _, key := range keys {
		value, _ := d.get(key)
		entries = append(entries, entry{key, value})
		parts = append(parts, key, value)
	}
	return entries, parts, nil
}

func (w *yamlWriter) entry(e entry, indent, depth int) error {
	s, ok := w.scalarText(e.key)
	simple := ok && !s.multiline && len(s.text) <= maxSimpleKey
	if !simple {
		w.indicator("?", true, false, true)
	}
	if err := w.node(e.key, indent, depth+1, true, simple); err != nil {
		return err
	}
	if simple {
		w.indicator(":", false, false, false)
	} else {
		w.indentTo(indent)
		w.indicator(":", true, false, true)
	}
	return w.node(e.value, indent, depth+1, true, false)
}

// scalarText returns the text of a scalar and how it is quoted.
func (w *yamlWriter) scalarText(v any) (yamlText, bool) {
	plain := func(s string) (yamlText, bool) { return yamlText{text: s}, true }
	switch v := v.(type) {
	case nil:
		return plain("null")
	case bool:
		return plain(strconv.FormatBool(v))
	case int64:
		return plain(strconv.FormatInt(v, 10))
	case float64:
		return plain(yamlFloatText(v))
	case timestamp:
		return plain(v.String())
	case string:
		return w.analyze(v), true
	}
	return yamlText{}, false
}

func yamlFloatText(f float64) string {
	switch {
	case math.IsNaN(f):
		return ".nan"
	case math.IsInf(f, 1):
		return ".inf"
	case math.IsInf(f, -1):
		return "-.inf"
	}
	s := floatText(f)
	if !strings.Contains(s, ".") {
		s = strings.Replace(s, "e", ".0e", 1)
	}
	return s
}
