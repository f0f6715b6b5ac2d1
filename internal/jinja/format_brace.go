package jinja

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// braceFormat is format.format(...) of Python.
func (r *run) braceFormat(format string, values []any, named *dict) (any, error) {
	var b strings.Builder
	next := 0
	for format != "" && b.Len() <= maxRepeat {
		i := strings.IndexAny(format, "{}")
		if i < 0 {
			break
		}
		b.WriteString(format[:i])
		if i+1 < len(format) && format[i+1] == format[i] {
			b.WriteByte(format[i])
			format = format[i+2:]
			continue
		}
		end := strings.IndexByte(format, '}')
		if format[i] == '}' || end < 0 {
			return nil, errors.New("a brace in the format has no other; write {{ or }} for the character")
		}
		field := format[i+1 : end]
		format = format[end+1:]
		if strings.ContainsRune(field, '{') {
			return nil, errors.New("a place in the format can't hold another")
		}
		text, err := r.braceField(field, values, named, &next)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	b.WriteString(format)
	return b.String(), r.takeString(b.Len())
}

// braceField formats one place: NAME, MEMBERS, !CONVERSION and :SPEC.
func (r *run) braceField(field string, values []any, named *dict, next *int) (string, error) {
	field, format, _ := strings.Cut(field, ":")
	field, conversion, _ := strings.Cut(field, "!")
	n := strings.IndexAny(field, ".[")
	if n < 0 {
		n = len(field)
	}
	name, members := field[:n], field[n:]
	if name == "" {
		name = strconv.Itoa(*next)
		*next++
	}
	var v any
	if i, err := strconv.Atoi(name); err == nil {
		if i < 0 || i >= len(values) {
			return "", errors.New("there are not enough values for the format")
		}
		v = values[i]
	} else {
		var ok bool
		if v, ok = named.get(name); !ok {
			return "", fmt.Errorf("there is no value %q for the format", name)
		}
	}
	for _, m := range strings.FieldsFunc(members, func(c rune) bool { return c == '.' || c == '[' || c == ']' }) {
		var key any = m
		if i, err := strconv.ParseInt(m, 10, 64); err == nil {
			key = i
		}
		v = r.item(v, key, place{})
	}
	if err := defined(v); err != nil {
		return "", err
	}
	if conversion == "r" || conversion == "s" {
		convert := map[string]func(any) (string, error){"r": r.repr, "s": r.text}[conversion]
		text, err := convert(v)
		if err != nil {
			return "", err
		}
		v = text
	}
	return r.braceValue(v, format)
}

func (r *run) braceValue(v any, format string) (string, error) {
	if format == "" {
		return r.text(v)
	}
	s, err := parseBraceSpec(format)
	if err != nil {
		return "", err
	}
	_, _, isInt, isNumber := number(v)
	switch {
	case !isNumber:
		if s.verb != 0 && s.verb != 's' {
			return "", fmt.Errorf("the format needs a number, and not a value of type %s", typeName(v))
		}
		text, err := r.text(v)
		if s.precision >= 0 {
			text = firstRunes(text, s.precision)
		}
		return s.pad("", text, '<'), err
	case s.verb == 0 && isInt && s.precision < 0:
		s.verb = 'd'
	case s.verb == 0:
		return s.plainFloat(v)
	case s.verb == 'n':
		s.verb = 'g'
	case strings.IndexByte("dbxXoeEfFgG%", s.verb) < 0:
		return "", fmt.Errorf("the format has no verb %q", string(s.verb))
	}
	return s.number(v)
}

// plainFloat formats a float for which the format has no verb.
func (s spec) plainFloat(v any) (string, error) {
	_, f, _, _ := number(v)
	digits := floatText(math.Abs(f))
	if s.precision >= 0 {
		digits = general(math.Abs(f), max(1, s.precision))
		if !strings.ContainsAny(digits, ".en") {
			digits += ".0"
		}
	}
	sign := ""
	switch {
	case f < 0:
		sign = "-"
	case s.plus:
		sign = "+"
	}
	if s.thousands != 0 {
		digits = grouped(digits, s.thousands)
	}
	return s.pad(sign, digits, '>'), nil
}

// parseBraceSpec reads [[fill]align][sign][#][0][width][,][.precision][verb].
func parseBraceSpec(f string) (s spec, err error) {
	s = spec{fill: ' ', width: -1, precision: -1}
	const aligns = "<>=^"
	if c, n := utf8.DecodeRuneInString(f); n < len(f) && strings.IndexByte(aligns, f[n]) >= 0 {
		s.fill, s.align, f = c, f[n], f[n+1:]
	} else if f != "" && strings.IndexByte(aligns, f[0]) >= 0 {
		s.align, f = f[0], f[1:]
	}
	skip := func(c byte) bool {
		if f != "" && f[0] == c {
			f = f[1:]
			return true
		}
		return false
	}
	s.plus = skip('+')
	s.space = skip(' ')
	skip('-')
	s.alternate = skip('#')
	s.zero = skip('0')
	if s.width, f, err = leadingNumber(f); err != nil {
		return s, err
	}
	if f != "" && (f[0] == ',' || f[0] == '_') {
		s.thousands, f = f[0], f[1:]
	}
	if skip('.') {
		if s.precision, f, err = leadingNumber(f); err != nil {
			return s, err
		}
	}
	if len(f) > 1 {
		return s, fmt.Errorf("the format %q is not valid", f)
	}
	if f != "" {
		s.verb = f[0]
	}
	return s, nil
}
