package eventexpr

import (
	"math"

	"github.com/driftless-hq/driftless/plugin/event"
)

// arithmetic applies an operation to two numbers, null if one of them is none.
func arithmetic(left, right node, operation func(l, r event.Value) event.Value) node {
	return func(b *event.Batch, i int) event.Value {
		l, r := toNumber(left(b, i)), toNumber(right(b, i))
		if l.IsNull() || r.IsNull() {
			return event.Value{}
		}
		return operation(l, r)
	}
}

func bothInt(l, r event.Value) bool { return l.Kind() == event.Int && r.Kind() == event.Int }

// Whole numbers stay whole as long as they fit.

func add(l, r event.Value) event.Value {
	if bothInt(l, r) {
		if sum := l.Int() + r.Int(); (sum > l.Int()) == (r.Int() > 0) {
			return event.IntValue(sum)
		}
	}
	return numberOrNull(l.Number() + r.Number())
}

func subtract(l, r event.Value) event.Value {
	if bothInt(l, r) {
		if difference := l.Int() - r.Int(); (difference < l.Int()) == (r.Int() > 0) {
			return event.IntValue(difference)
		}
	}
	return numberOrNull(l.Number() - r.Number())
}

func multiply(l, r event.Value) event.Value {
	const safe = 1 << 31
	if bothInt(l, r) && within(l.Int(), safe) && within(r.Int(), safe) {
		return event.IntValue(l.Int() * r.Int())
	}
	return numberOrNull(l.Number() * r.Number())
}

func within(n, limit int64) bool { return n >= -limit && n <= limit }

// divide gives an infinity for x/0, as HCL does, and null for 0/0.
func divide(l, r event.Value) event.Value {
	if bothInt(l, r) && r.Int() != 0 && r.Int() != -1 && l.Int()%r.Int() == 0 {
		return event.IntValue(l.Int() / r.Int())
	}
	return numberOrNull(l.Number() / r.Number())
}

// modulo keeps the sign of l. As in HCL x%0 is x, and an infinity on either
// side gives an infinity.
func modulo(l, r event.Value) event.Value {
	if r.Number() == 0 {
		return l
	}
	if bothInt(l, r) {
		return event.IntValue(l.Int() % r.Int())
	}
	x, y := l.Number(), r.Number()
	if math.IsInf(x, 0) || math.IsInf(y, 0) {
		return numberOrNull(x * y)
	}
	return numberOrNull(math.Mod(x, y))
}

func negate(v event.Value) event.Value {
	switch {
	case v.IsNull():
		return v
	case v.Kind() == event.Int && v.Int() != math.MinInt64:
		return event.IntValue(-v.Int())
	}
	return numberOrNull(-v.Number())
}
