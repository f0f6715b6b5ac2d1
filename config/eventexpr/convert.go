package eventexpr

import (
	"math"
	"math/big"
	"strconv"
	"unsafe"

	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/plugin/event"
)

// toBool converts as HCL does for an operand: ok is false where it can't.
func toBool(v event.Value) (value, ok bool) {
	switch v.Kind() {
	case event.Bool:
		return v.Bool(), true
	case event.String:
		switch string(v.Text()) {
		case "true", "1":
			return true, true
		case "false", "0":
			return false, true
		}
	}
	return false, false
}

// toNumber converts as HCL does for an operand: to null where it can't.
func toNumber(v event.Value) event.Value {
	switch v.Kind() {
	case event.Int:
		return v
	case event.Float:
		return numberOrNull(v.Float())
	case event.String:
		return parseNumber(v.Text())
	}
	return event.Value{}
}

// parseNumber looks before it parses, because the errors of strconv would cost
// an allocation for each text that is no number.
func parseNumber(text []byte) event.Value {
	whole, ok := looksLikeNumber(text)
	if !ok {
		return event.Value{}
	}
	s := unsafe.String(unsafe.SliceData(text), len(text))
	if whole {
		if n, err := strconv.ParseInt(s, 10, 64); err == nil {
			return event.IntValue(n)
		}
	}
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return event.Value{} // out of range
	}
	return event.FloatValue(f)
}

// looksLikeNumber reports whether text is a decimal number as HCL converts
// it, and whether it is written without a fraction and an exponent.
func looksLikeNumber(text []byte) (whole, ok bool) {
	text = skipSign(text)
	rest := skipDigits(text)
	digits := len(text) - len(rest)
	whole = true
	if len(rest) > 0 && rest[0] == '.' {
		fraction := skipDigits(rest[1:])
		digits += len(rest) - 1 - len(fraction)
		rest, whole = fraction, false
	}
	if digits == 0 {
		return false, false
	}
	if len(rest) > 0 && rest[0]|0x20 == 'e' {
		exponent := skipSign(rest[1:])
		rest, whole = skipDigits(exponent), false
		if len(rest) == len(exponent) {
			return false, false
		}
	}
	return whole, len(rest) == 0
}

func skipSign(text []byte) []byte {
	if len(text) > 0 && (text[0] == '-' || text[0] == '+') {
		return text[1:]
	}
	return text
}

func skipDigits(text []byte) []byte {
	for len(text) > 0 && text[0]-'0' <= 9 {
		text = text[1:]
	}
	return text
}

func numberOrNull(f float64) event.Value {
	if math.IsNaN(f) {
		return event.Value{}
	}
	return event.FloatValue(f)
}

// appendText appends v converted to a string as HCL does for a template: ok
// is false where it can't.
func appendText(dst []byte, v event.Value) (text []byte, ok bool) {
	switch v.Kind() {
	case event.String:
		return append(dst, v.Text()...), true
	case event.Bool:
		return strconv.AppendBool(dst, v.Bool()), true
	case event.Int:
		return strconv.AppendInt(dst, v.Int(), 10), true
	case event.Float:
		if f := v.Float(); !math.IsNaN(f) {
			return strconv.AppendFloat(dst, f, 'f', -1, 64), true
		}
	}
	return dst, false
}

// fromCty converts what HCL made to the value of a field. It is null for what
// a field can't hold, or what is not known.
func fromCty(v cty.Value) event.Value {
	v, _ = v.UnmarkDeep()
	if !v.IsWhollyKnown() || v.IsNull() {
		return event.Value{}
	}
	switch v.Type() {
	case cty.String:
		return event.StringValue(v.AsString())
	case cty.Bool:
		return event.BoolValue(v.True())
	case cty.Number:
		n := v.AsBigFloat()
		if i, accuracy := n.Int64(); accuracy == big.Exact {
			return event.IntValue(i)
		}
		f, _ := n.Float64()
		return event.FloatValue(f)
	}
	if v.Type().IsCapsuleType() {
		return event.Value{}
	}
	text, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return event.Value{}
	}
	return event.JSONValue(text)
}

// toCty converts the value of a field for HCL.
func toCty(v event.Value) cty.Value {
	switch v.Kind() {
	case event.Bool:
		return cty.BoolVal(v.Bool())
	case event.Int:
		return cty.NumberIntVal(v.Int())
	case event.Float:
		return numberToCty(v.Float())
	case event.String:
		return cty.StringVal(string(v.Text()))
	case event.JSON:
		if ty, err := ctyjson.ImpliedType(v.Text()); err == nil {
			if value, err := ctyjson.Unmarshal(v.Text(), ty); err == nil {
				return value
			}
		}
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// numberToCty goes through the decimal form: only then is 0.1 of an event the
// 0.1 of a configuration, which has more bits.
func numberToCty(f float64) cty.Value {
	switch {
	case math.IsNaN(f):
		return cty.NullVal(cty.DynamicPseudoType)
	case math.IsInf(f, 0):
		return cty.NumberFloatVal(f)
	}
	return cty.MustParseNumberVal(strconv.FormatFloat(f, 'g', -1, 64))
}
