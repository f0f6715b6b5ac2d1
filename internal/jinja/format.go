package jinja

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// maxWidth bounds widths and precisions in formats.
const maxWidth = 10_000

// spec is how one value is formatted.
type spec struct {
	minus, plus, space, zero, alternate bool
	fill                                rune
	align                               byte // of < > = ^, 0 for none
	thousands                           byte
	width, precision                    int // -1 for none
	verb                                byte
}

// percentFormat is format % v of Python.
func (r *run) percentFormat(format string, v any) (any, error) {
	values := []any{v}
	if t, ok := v.(*list); ok && t.tuple {
		values = t.items
	}
	return r.percent(format, values, v)
}

// percent formats values one after another, or members of a dict by name.
func (r *run) percent(format string, values []any, whole any) (any, error) {
	var b strings.Builder
	next, byName := 0, false
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 || b.Len() > maxRepeat {
			break
		}
		b.WriteString(format[:i])
		name, s, rest, err := parsePercent(format[i+1:])
		if err != nil {
			return nil, err
		}
		format = rest
		if s.verb == '%' {
			b.WriteByte('%')
			continue
		}
		var v any
		if name != nil {
			d, ok := whole.(*dict)
			if !ok {
				return nil, errors.New("the format names a value, and there is no dict")
			}
			if v, ok = d.get(*name); !ok {
				return nil, fmt.Errorf("there is no value %q for the format", *name)
			}
			byName = true
		} else {
			if next >= len(values) {
				return nil, errors.New("there are not enough values for the format")
			}
			v = values[next]
			next++
		}
		text, err := r.percentValue(v, s)
		if err != nil {
			return nil, err
		}
		b.WriteString(text)
	}
	if _, isDict := whole.(*dict); next < len(values) && !byName && !isDict {
		return nil, errors.New("there are more values than the format has places for")
	}
	b.WriteString(format)
	return b.String(), r.takeString(b.Len())
}

// parsePercent reads what follows a %.
func parsePercent(s string) (name *string, out spec, rest string, err error) {
	out = spec{width: -1, precision: -1, fill: ' '}
	if strings.HasPrefix(s, "(") {
		inner, after, ok := strings.Cut(s[1:], ")")
		if !ok {
			return nil, out, "", errors.New("a name in the format is not closed")
		}
		name, s = &inner, after
	}
	for ; s != "" && strings.IndexByte("-+ 0#", s[0]) >= 0; s = s[1:] {
		switch s[0] {
		case '-':
			out.minus = true
		case '+':
			out.plus = true
		case ' ':
			out.space = true
		case '0':
			out.zero = true
		case '#':
			out.alternate = true
		}
	}
	if out.width, s, err = leadingNumber(s); err != nil {
		return nil, out, "", err
	}
	if strings.HasPrefix(s, ".") {
		if out.precision, s, err = leadingNumber(s[1:]); err != nil {
			return nil, out, "", err
		}
		out.precision = max(0, out.precision)
	}
	s = strings.TrimLeft(s, "hlL")
	if s == "" {
		return nil, out, "", errors.New("the format ends in a lone %; write %% for the character")
	}
	out.verb = s[0]
	return name, out, s[1:], nil
}

// leadingNumber returns -1 where there is none.
func leadingNumber(s string) (int, string, error) {
	n := 0
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	if n == 0 {
		return -1, s, nil
	}
	number, err := strconv.Atoi(s[:n])
	if err != nil || number > maxWidth {
		return 0, s, fmt.Errorf("a number in the format is larger than %d", maxWidth)
	}
	return number, s[n:], nil
}

func (r *run) percentValue(v any, s spec) (string, error) {
	if err := defined(v); err != nil {
		return "", err
	}
	switch s.verb {
	case 's', 'r', 'a':
		text, err := r.repr(v)
		if s.verb == 's' {
			text, err = r.text(v)
		}
		if s.precision >= 0 {
			text = firstRunes(text, s.precision)
		}
		s.zero = false
		return s.pad("", text, '>'), err
	case 'c':
		if text, ok := v.(string); ok && utf8.RuneCountInString(text) == 1 {
			return s.pad("", text, '>'), nil
		}
		n, err := asInt(v)
		return s.pad("", string(rune(n)), '>'), err
	case 'd', 'i', 'u':
		s.verb = 'd'
		if f, ok := v.(float64); ok && math.Abs(f) < 1<<63 {
			v = int64(f)
		}
	}
	if strings.IndexByte("doxXeEfFgG", s.verb) < 0 {
		return "", fmt.Errorf("the format has no verb %q", string(s.verb))
	}
	if s.minus {
		s.zero = false
	}
	return s.number(v)
}

func firstRunes(s string, n int) string {
	for i := range s {
		if n == 0 {
			return s[:i]
		}
		n--
	}
	return s
}

// number formats a number.
func (s spec) number(v any) (string, error) {
	i, f, isInt, ok := number(v)
	if !ok {
		return "", fmt.Errorf("the format needs a number, and not a value of type %s", typeName(v))
	}
	var digits, prefix string
	negative := f < 0 || !isInt && math.Signbit(f)
	switch s.verb {
	case 'd', 'x', 'X', 'o', 'b':
		if !isInt {
			return "", fmt.Errorf("the format needs an integer, and not a value of type %s", typeName(v))
		}
		digits, prefix = s.integer(i)
	default:
		digits = s.float(math.Abs(f))
	}
	sign := ""
	switch {
	case negative:
		sign = "-"
	case s.plus:
		sign = "+"
	case s.space:
		sign = " "
	}
	if s.thousands != 0 {
		digits = grouped(digits, s.thousands)
	}
	return s.pad(sign+prefix, digits, '>'), nil
}

func (s spec) integer(i int64) (digits, prefix string) {
	base := map[byte]int{'d': 10, 'x': 16, 'X': 16, 'o': 8, 'b': 2}[s.verb]
	digits = strconv.FormatUint(magnitude(i), base)
	if s.verb == 'X' {
		digits = strings.ToUpper(digits)
	}
	if s.precision > len(digits) {
		digits = strings.Repeat("0", s.precision-len(digits)) + digits
	}
	if s.alternate && base != 10 {
		prefix = "0" + string(s.verb)
	}
	return digits, prefix
}

func (s spec) float(f float64) string {
	precision := s.precision
	if precision < 0 {
		precision = 6
	}
	verb := s.verb
	if verb == '%' {
		return strconv.FormatFloat(f*100, 'f', precision, 64) + "%"
	}
	if math.IsInf(f, 0) {
		return "inf"
	}
	if math.IsNaN(f) {
		return "nan"
	}
	text := ""
	switch verb {
	case 'g', 'G':
		text = general(f, max(1, precision))
	default:
		text = strconv.FormatFloat(f, verb|0x20, precision, 64)
	}
	if verb >= 'A' && verb <= 'Z' {
		text = strings.ToUpper(text)
	}
	return text
}

// general is the verb g of C: as short as it can be.
func general(f float64, precision int) string {
	text := strconv.FormatFloat(f, 'e', precision-1, 64)
	mantissa, exponent, _ := strings.Cut(text, "e")
	e, _ := strconv.Atoi(exponent) // as strconv wrote it
	if e >= -4 && e < precision {
		text = strconv.FormatFloat(f, 'f', precision-1-e, 64)
		if strings.Contains(text, ".") {
			text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
		}
		return text
	}
	if strings.Contains(mantissa, ".") {
		mantissa = strings.TrimRight(strings.TrimRight(mantissa, "0"), ".")
	}
	return mantissa + "e" + exponent
}

// grouped puts a separator after every third digit before the point.
func grouped(digits string, sep byte) string {
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".e%"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	var b strings.Builder
	for i := range len(whole) {
		if i > 0 && (len(whole)-i)%3 == 0 {
			b.WriteByte(sep)
		}
		b.WriteByte(whole[i])
	}
	return b.String() + rest
}

// pad fills a text up to the width.
func (s spec) pad(sign, text string, align byte) string {
	n := s.width - utf8.RuneCountInString(sign) - utf8.RuneCountInString(text)
	if n <= 0 {
		return sign + text
	}
	switch {
	case s.align != 0:
		align = s.align
	case s.minus:
		align = '<'
	case s.zero:
		align, s.fill = '=', '0'
	}
	fill := string(s.fill)
	switch align {
	case '<':
		return sign + text + strings.Repeat(fill, n)
	case '=':
		return sign + strings.Repeat(fill, n) + text
	case '^':
		return strings.Repeat(fill, n/2) + sign + text + strings.Repeat(fill, n-n/2)
	}
	return strings.Repeat(fill, n) + sign + text
}
