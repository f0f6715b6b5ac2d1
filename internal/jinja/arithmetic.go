package jinja

import (
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"strings"
	"time"
)

var (
	errZero     = errors.New("division by zero")
	errOverflow = errors.New("the integer has more than 64 bits")
)

// binary applies an operator as Python does.
func (r *run) binary(operator string, a, b any) (any, error) {
	if err := defined(a, b); err != nil {
		return nil, err
	}
	if operator == "~" {
		return r.join(a, b)
	}
	if operator == "%" {
		if format, ok := a.(string); ok {
			return r.percentFormat(format, b)
		}
	}
	ai, af, aInt, aOK := number(a)
	bi, bf, bInt, bOK := number(b)
	switch {
	case aOK && bOK && aInt && bInt:
		return integers(operator, ai, bi)
	case aOK && bOK:
		return floats(operator, af, bf)
	case operator == "*" && bInt:
		return r.repeat(a, bi)
	case operator == "*" && aInt:
		return r.repeat(b, ai)
	case operator == "+":
		if v, err := r.add(a, b); v != nil || err != nil {
			return v, err
		}
	}
	if v := times(operator, a, b); v != nil {
		return v, nil
	}
	return nil, fmt.Errorf("%s takes no %s and %s", operator, typeName(a), typeName(b))
}

func (r *run) join(a, b any) (any, error) {
	left, err := r.text(a)
	if err != nil {
		return nil, err
	}
	right, err := r.text(b)
	if err != nil {
		return nil, err
	}
	return left + right, r.takeString(len(left) + len(right))
}

// add concatenates. It returns nil for what can't be.
func (r *run) add(a, b any) (any, error) {
	switch a := a.(type) {
	case string:
		if b, ok := b.(string); ok {
			return a + b, r.takeString(len(a) + len(b))
		}
	case *list:
		if b, ok := b.(*list); ok && a.tuple == b.tuple {
			return &list{items: slices.Concat(a.items, b.items), tuple: a.tuple}, r.takeList(len(a.items) + len(b.items))
		}
	}
	return nil, nil
}

func (r *run) repeat(v any, n int64) (any, error) {
	n = max(n, 0)
	switch v := v.(type) {
	case string:
		if n > 0 && int64(len(v)) > maxRepeat/n {
			return nil, r.takeString(maxRepeat + 1)
		}
		return strings.Repeat(v, int(n)), r.takeString(len(v) * int(n))
	case *list:
		if n > 0 && int64(len(v.items)) > maxRepeat/n {
			return nil, r.takeList(maxRepeat + 1)
		}
		if err := r.takeList(len(v.items) * int(n)); err != nil {
			return nil, err
		}
		return &list{items: slices.Repeat(v.items, int(n)), tuple: v.tuple}, nil
	}
	return nil, fmt.Errorf("* takes no %s and int", typeName(v))
}

// times calculates with points in time. It returns nil for anything else.
func times(operator string, a, b any) any {
	sign := time.Duration(1)
	if operator == "-" {
		sign = -1
	} else if operator != "+" {
		return nil
	}
	switch a := a.(type) {
	case timestamp:
		if b, ok := b.(duration); ok {
			return timestamp{a.Add(sign * b.Duration)}
		}
		if b, ok := b.(timestamp); ok && sign < 0 {
			return duration{a.Sub(b.Time)}
		}
	case duration:
		if b, ok := b.(duration); ok {
			return duration{a.Duration + sign*b.Duration}
		}
	}
	return nil
}

func integers(operator string, a, b int64) (any, error) {
	switch operator {
	case "+":
		if c := a + b; (c > a) == (b > 0) {
			return c, nil
		}
		return nil, errOverflow
	case "-":
		if c := a - b; (c < a) == (b > 0) {
			return c, nil
		}
		return nil, errOverflow
	case "*":
		return multiply(a, b)
	case "**":
		return integerPower(a, b)
	case "/", "//", "%":
		if b == 0 {
			return nil, errZero
		}
		if a == math.MinInt64 && b == -1 && operator != "/" {
			return nil, errOverflow
		}
	}
	switch operator {
	case "/":
		return float64(a) / float64(b), nil
	case "//":
		return floorDiv(a, b), nil
	}
	return a - b*floorDiv(a, b), nil
}

func multiply(a, b int64) (any, error) {
	hi, lo := bits.Mul64(magnitude(a), magnitude(b))
	negative := (a < 0) != (b < 0)
	switch {
	case hi != 0 || lo > 1<<63 || lo == 1<<63 && !negative:
		return nil, errOverflow
	case negative:
		return int64(-lo), nil
	}
	return int64(lo), nil
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return -uint64(n)
	}
	return uint64(n)
}

func integerPower(a, b int64) (any, error) {
	if b < 0 {
		if a == 0 {
			return nil, errZero
		}
		return math.Pow(float64(a), float64(b)), nil
	}
	var result any = int64(1)
	if a == 0 || a == 1 || a == -1 { // of which the exponent may be large
		b = min(b, 2+b%2)
	}
	for ; b > 0; b-- {
		var err error
		if result, err = multiply(result.(int64), a); err != nil {
			return nil, err
		}
	}
	return result, nil
}

// floorDiv rounds down, and not toward zero.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b != 0 && (a < 0) != (b < 0) {
		q--
	}
	return q
}

func floats(operator string, a, b float64) (any, error) {
	if b == 0 && (operator == "/" || operator == "//" || operator == "%") {
		return nil, errZero
	}
	switch operator {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		return a / b, nil
	case "//":
		return math.Floor(a / b), nil
	case "%":
		m := math.Mod(a, b)
		if m != 0 && (m < 0) != (b < 0) {
			m += b
		}
		return m, nil
	}
	if a < 0 && b != math.Trunc(b) {
		return nil, errors.New("the power is a complex number")
	}
	if a == 0 && b < 0 {
		return nil, errZero
	}
	return math.Pow(a, b), nil
}

// negate is the sign before a value.
func negate(v any) (any, error) {
	if err := defined(v); err != nil {
		return nil, err
	}
	if d, ok := v.(duration); ok {
		return duration{-d.Duration}, nil
	}
	i, f, isInt, ok := number(v)
	switch {
	case !ok:
		return nil, fmt.Errorf("- takes no %s", typeName(v))
	case isInt && i == math.MinInt64:
		return nil, errOverflow
	case isInt:
		return -i, nil
	}
	return -f, nil
}
