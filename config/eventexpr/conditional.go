package eventexpr

import "github.com/driftless-hq/driftless/plugin/event"

// conditional brings both results to one type, as HCL does, before it takes
// one of them.
func conditional(condition, yes, no node) node {
	var text []byte
	return func(b *event.Batch, i int) event.Value {
		test, ok := toBool(condition(b, i))
		if !ok {
			return event.Value{}
		}
		chosen, other := yes(b, i), no(b, i)
		if !test {
			chosen, other = other, chosen
		}
		result, fits := unify(&text, chosen, other.Kind())
		if !fits {
			return event.Value{}
		}
		return result
	}
}

// unify converts v to the type that it has in common with a value of another
// kind. Text is memory for the result.
func unify(text *[]byte, v event.Value, other event.ValueKind) (result event.Value, ok bool) {
	switch {
	case v.Kind() == other || v.IsNull() || other == event.Null:
		return v, true
	case isNumber(v) && (other == event.Int || other == event.Float):
		return v, true
	case v.Kind() == event.String:
		return v, other != event.JSON
	case other == event.String:
		*text, ok = appendText((*text)[:0], v)
		return event.BytesValue(*text), ok
	}
	return event.Value{}, false
}
