package eventexpr

import (
	"bytes"
	"math"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/driftless-hq/driftless/plugin/event"
)

func (c *compiler) unary(e *hclsyntax.UnaryOpExpr) node {
	operand := c.compile(e.Val)
	switch e.Op {
	case hclsyntax.OpLogicalNot:
		return func(b *event.Batch, i int) event.Value {
			v, ok := toBool(operand(b, i))
			return boolOrNull(!v, ok)
		}
	case hclsyntax.OpNegate:
		return func(b *event.Batch, i int) event.Value { return negate(toNumber(operand(b, i))) }
	}
	return c.fallback(e)
}

func (c *compiler) binary(e *hclsyntax.BinaryOpExpr) node {
	left, right := c.compile(e.LHS), c.compile(e.RHS)
	switch e.Op {
	case hclsyntax.OpLogicalAnd:
		return and(left, right)
	case hclsyntax.OpLogicalOr:
		return orElse(left, right)
	case hclsyntax.OpEqual:
		return func(b *event.Batch, i int) event.Value { return event.BoolValue(equal(left(b, i), right(b, i))) }
	case hclsyntax.OpNotEqual:
		return func(b *event.Batch, i int) event.Value { return event.BoolValue(!equal(left(b, i), right(b, i))) }
	case hclsyntax.OpLessThan:
		return ordered(left, right, func(order int) bool { return order < 0 })
	case hclsyntax.OpLessThanOrEqual:
		return ordered(left, right, func(order int) bool { return order <= 0 })
	case hclsyntax.OpGreaterThan:
		return ordered(left, right, func(order int) bool { return order > 0 })
	case hclsyntax.OpGreaterThanOrEqual:
		return ordered(left, right, func(order int) bool { return order >= 0 })
	case hclsyntax.OpAdd:
		return arithmetic(left, right, add)
	case hclsyntax.OpSubtract:
		return arithmetic(left, right, subtract)
	case hclsyntax.OpMultiply:
		return arithmetic(left, right, multiply)
	case hclsyntax.OpDivide:
		return arithmetic(left, right, divide)
	case hclsyntax.OpModulo:
		return arithmetic(left, right, modulo)
	}
	return c.fallback(e)
}

func boolOrNull(v, ok bool) event.Value {
	if !ok {
		return event.Value{}
	}
	return event.BoolValue(v)
}

// and is false if either side is, whatever the other is.
func and(left, right node) node {
	return func(b *event.Batch, i int) event.Value {
		l, lok := toBool(left(b, i))
		if lok && !l {
			return event.BoolValue(false)
		}
		r, rok := toBool(right(b, i))
		if rok && !r {
			return event.BoolValue(false)
		}
		return boolOrNull(true, lok && rok)
	}
}

// orElse is true if either side is, whatever the other is.
func orElse(left, right node) node {
	return func(b *event.Batch, i int) event.Value {
		l, lok := toBool(left(b, i))
		if lok && l {
			return event.BoolValue(true)
		}
		r, rok := toBool(right(b, i))
		if rok && r {
			return event.BoolValue(true)
		}
		return boolOrNull(false, lok && rok)
	}
}

// equal is the == of HCL, which never converts and is defined for null, too.
func equal(l, r event.Value) bool {
	switch {
	case isNumber(l) && isNumber(r):
		order, ok := compare(l, r)
		return ok && order == 0
	case l.Kind() != r.Kind():
		return false
	}
	switch l.Kind() {
	case event.Bool:
		return l.Bool() == r.Bool()
	case event.String:
		return bytes.Equal(l.Text(), r.Text())
	case event.JSON:
		return toCty(l).RawEquals(toCty(r))
	}
	return true // null
}

func isNumber(v event.Value) bool { return v.Kind() == event.Int || v.Kind() == event.Float }

// ordered compares numbers.
func ordered(left, right node, test func(order int) bool) node {
	return func(b *event.Batch, i int) event.Value {
		order, ok := compare(toNumber(left(b, i)), toNumber(right(b, i)))
		return boolOrNull(ok && test(order), ok)
	}
}

// compare orders two numbers: ok is false if one of them is none.
func compare(l, r event.Value) (order int, ok bool) {
	switch {
	case l.Kind() == event.Int && r.Kind() == event.Int:
		return order3(l.Int() < r.Int(), l.Int() > r.Int()), true
	case l.IsNull() || r.IsNull():
		return 0, false
	case l.Kind() == event.Int:
		return compareMixed(l.Int(), r.Float())
	case r.Kind() == event.Int:
		order, ok = compareMixed(r.Int(), l.Float())
		return -order, ok
	}
	x, y := l.Float(), r.Float()
	return order3(x < y, x > y), x == x && y == y
}

func order3(less, greater bool) int {
	switch {
	case less:
		return -1
	case greater:
		return 1
	}
	return 0
}

// compareMixed is exact where a float could not hold the whole number.
func compareMixed(n int64, f float64) (order int, ok bool) {
	switch {
	case math.IsNaN(f):
		return 0, false
	case f >= 1<<63:
		return -1, true
	case f < -1<<63:
		return 1, true
	}
	whole, fraction := math.Modf(f)
	if order = order3(n < int64(whole), n > int64(whole)); order != 0 {
		return order, true
	}
	return order3(fraction > 0, fraction < 0), true
}
