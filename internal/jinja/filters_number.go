package jinja

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"strconv"
	"strings"
)

func numberFilters() map[string]builtin {
	return map[string]builtin{
		"abs":            simple(abs),
		"int":            {params: []param{opt("default", int64(0)), opt("base", int64(10))}, f: intFilter},
		"float":          {params: []param{opt("default", 0.0)}, f: floatFilter},
		"round":          {params: []param{opt("precision", int64(0)), opt("method", "common")}, f: round},
		"log":            {params: []param{opt("base", math.E)}, f: ofFloats(logarithm)},
		"pow":            {params: []param{need("y")}, f: ofFloats(func(x, y float64) float64 { return math.Pow(x, y) })},
		"root":           {params: []param{opt("base", int64(2))}, f: ofFloats(root)},
		"filesizeformat": {params: []param{opt("binary", false)}, f: fileSize},
		"human_readable": {params: []param{opt("isbits", false), opt("unit", nil)}, f: humanReadable},
		"human_to_bytes": {params: []param{opt("default_unit", nil), opt("isbits", false)}, f: humanToBytes},
	}
}

func abs(_ *run, v any) (any, error) {
	i, f, isInt, ok := number(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("a number is needed, and not a value of type %s", typeName(v))
	case isInt && i < 0:
		return negate(i)
	case isInt:
		return i, nil
	}
	return math.Abs(f), nil
}

// toInt is int() of Python.
func toInt(v any, base int) (any, bool) {
	switch v := v.(type) {
	case string:
		s := strings.ReplaceAll(strings.TrimSpace(v), "_", "")
		if base != 0 && base != 10 {
			s = withoutPrefix(s, base)
		}
		n, err := strconv.ParseInt(s, base, 64)
		return n, err == nil
	case float64:
		if math.Abs(v) >= 1<<63 || math.IsNaN(v) {
			return nil, false
		}
		return int64(v), true
	}
	i, _, isInt, ok := number(v)
	return i, ok && isInt
}

func withoutPrefix(s string, base int) string {
	prefix := map[int]string{16: "0x", 8: "0o", 2: "0b"}[base]
	sign := ""
	if s != "" && (s[0] == '-' || s[0] == '+') {
		sign, s = s[:1], s[1:]
	}
	if prefix != "" && len(s) > 2 && strings.EqualFold(s[:2], prefix) {
		s = s[2:]
	}
	return sign + s
}

func toFloat(v any) (float64, bool) {
	if s, ok := v.(string); ok {
		s = strings.TrimSpace(s)
		if strings.ContainsAny(s, "xXpP") {
			return 0, false
		}
		f, err := strconv.ParseFloat(strings.ReplaceAll(s, "_", ""), 64)
		return f, err == nil || math.IsInf(f, 0)
	}
	_, f, _, ok := number(v)
	return f, ok
}

func intFilter(_ *run, v any, a args) (any, error) {
	base, err := a.int(1)
	if err != nil {
		return nil, err
	}
	if base == 1 || base < 0 || base > 36 {
		return nil, errors.New("the base is between 2 and 36")
	}
	if n, ok := toInt(v, base); ok {
		return n, nil
	}
	if f, ok := toFloat(v); ok {
		if n, ok := toInt(f, 10); ok {
			return n, nil
		}
	}
	return a.values[0], nil
}

func floatFilter(_ *run, v any, a args) (any, error) {
	if f, ok := toFloat(v); ok {
		return f, nil
	}
	return a.values[0], nil
}

func round(_ *run, v any, a args) (any, error) {
	_, f, isInt, ok := number(v)
	if !ok {
		return nil, fmt.Errorf("a number is needed, and not a value of type %s", typeName(v))
	}
	precision, err := a.int(0)
	if err != nil {
		return nil, err
	}
	if precision < -308 || precision > 308 {
		return nil, errors.New("the precision is between -308 and 308")
	}
	scale := math.Pow(10, float64(precision))
	switch a.values[1] {
	case "common":
		if isInt && precision >= 0 {
			return v, nil
		}
		rounded := roundEven(f, precision)
		if isInt {
			return int64(rounded), nil
		}
		return rounded, nil
	case "ceil":
		return math.Ceil(f*scale) / scale, nil
	case "floor":
		return math.Floor(f*scale) / scale, nil
	}
	return nil, errors.New(`the method is "common", "ceil" or "floor"`)
}

// roundEven rounds the exact value of f, half to even, as Python does.
func roundEven(f float64, precision int) float64 {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return f
	}
	if precision >= 0 {
		rounded, err := strconv.ParseFloat(new(big.Float).SetFloat64(f).Text('f', precision), 64)
		if err != nil {
			return f
		}
		return rounded
	}
	scale := math.Pow(10, float64(-precision))
	return math.RoundToEven(f/scale) * scale
}

// ofFloats makes a filter of two numbers.
func ofFloats(f func(x, y float64) float64) func(*run, any, args) (any, error) {
	return func(_ *run, v any, a args) (any, error) {
		_, x, _, okX := number(v)
		y, err := a.any(0)
		if err != nil {
			return nil, err
		}
		_, z, _, okY := number(y)
		if !okX || !okY {
			return nil, errors.New("a number is needed")
		}
		out := f(x, z)
		if math.IsNaN(out) || math.IsInf(out, 0) {
			return nil, errors.New("the result is not a number")
		}
		return out, nil
	}
}

func logarithm(x, base float64) float64 {
	switch base {
	case 10:
		return math.Log10(x)
	case math.E:
		return math.Log(x)
	}
	return math.Log(x) / math.Log(base)
}

func root(x, base float64) float64 {
	if base == 2 {
		return math.Sqrt(x)
	}
	y := math.Pow(x, 1/base)
	if whole := math.Round(y); math.Pow(whole, base) == x {
		return whole // which y is next to
	}
	return y
}

func fileSize(_ *run, v any, a args) (any, error) {
	bytes, ok := toFloat(v)
	if !ok {
		return nil, errors.New("a number of bytes is needed")
	}
	binary, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	base, suffix := 1000.0, [...]string{"kB", "MB", "GB", "TB", "PB", "EB", "ZB", "YB"}
	if binary {
		base, suffix = 1024, [...]string{"KiB", "MiB", "GiB", "TiB", "PiB", "EiB", "ZiB", "YiB"}
	}
	if bytes == 1 {
		return "1 Byte", nil
	}
	if bytes < base {
		return fmt.Sprintf("%d Bytes", int64(bytes)), nil
	}
	unit := base
	i := 0
	for i < len(suffix)-1 && bytes >= unit*base {
		unit *= base
		i++
	}
	return fmt.Sprintf("%.1f %s", bytes/unit, suffix[i]), nil
}

// humanUnits are those of Ansible, the largest first: a letter and how many
// binary digits it stands for.
var humanUnits = [...]struct {
	letter string
	bits   int
}{{"Y", 80}, {"Z", 70}, {"E", 60}, {"P", 50}, {"T", 40}, {"G", 30}, {"M", 20}, {"K", 10}, {"B", 0}}

func humanReadable(r *run, v any, a args) (any, error) {
	_, size, _, ok := number(v)
	if !ok {
		return nil, fmt.Errorf("a number is needed, and not a value of type %s", typeName(v))
	}
	isBits, err := a.bool(0)
	if err != nil {
		return nil, err
	}
	unit := ""
	if a.values[1] != nil {
		if unit, err = a.string(r, 1); err != nil {
			return nil, err
		}
	}
	base := "Bytes"
	if isBits {
		base = "bits"
	}
	for _, u := range humanUnits {
		limit := math.Ldexp(1, u.bits)
		if unit == "" && size < limit && u.bits > 0 || unit != "" && !strings.EqualFold(unit[:1], u.letter) {
			continue
		}
		suffix := base
		if u.bits > 0 {
			suffix = u.letter + base[:1]
		}
		return fmt.Sprintf("%.2f %s", size/limit, suffix), nil
	}
	return nil, fmt.Errorf("there is no unit %q", unit)
}

func humanToBytes(r *run, v any, a args) (any, error) {
	text, err := r.text(v)
	if err != nil {
		return nil, err
	}
	isBits, err := a.bool(1)
	if err != nil {
		return nil, err
	}
	text = strings.TrimSpace(text)
	end := strings.IndexFunc(text, func(c rune) bool { return (c < '0' || c > '9') && c != '.' })
	if end < 0 {
		end = len(text)
	}
	n, err := strconv.ParseFloat(text[:end], 64)
	if err != nil {
		return nil, errors.New("the string is no number with a unit, such as 10M")
	}
	unit := strings.TrimSpace(text[end:])
	if unit == "" && a.values[0] != nil {
		if unit, err = a.string(r, 0); err != nil {
			return nil, err
		}
	}
	bits, ok := unitBits(unit, isBits)
	if !ok {
		return nil, errors.New("the number has another unit; there are B, K, M, G, T, P, E, Z and Y, with a b after them for bits")
	}
	result, ok := toInt(math.RoundToEven(math.Ldexp(n, bits)), 10)
	if !ok {
		return nil, errOverflow
	}
	return result, nil
}

// unitBits returns how many binary digits a unit stands for: M, MB, Mb or
// megabytes.
func unitBits(unit string, isBits bool) (int, bool) {
	if unit == "" {
		return 0, true
	}
	for _, u := range humanUnits {
		if !strings.EqualFold(unit[:1], u.letter) {
			continue
		}
		small, long := "B", "byte"
		if isBits {
			small, long = "b", "bit"
		}
		rest := unit[1:]
		if u.bits == 0 {
			return 0, unit == small || strings.EqualFold(unit, long) || strings.EqualFold(unit, long+"s")
		}
		names := map[string]string{"Y": "yotta", "Z": "zetta", "E": "exa", "P": "peta", "T": "tera", "G": "giga", "M": "mega", "K": "kilo"}
		lower := strings.ToLower(unit)
		return u.bits, rest == "" || rest == small || lower == names[u.letter]+long || lower == names[u.letter]+long+"s"
	}
	return 0, isBits && (strings.EqualFold(unit, "bit") || strings.EqualFold(unit, "bits"))
}
