package eventexpr

import (
	"fmt"
	"strconv"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

// field compiles what stands behind "event": event.user.name, event["a-b"].
func (c *compiler) field(expr hcl.Expression, rest hcl.Traversal) node {
	if len(rest) == 0 {
		return c.fallback(expr)
	}
	first, ok := asStep(rest[0])
	if !ok {
		return c.fallback(expr)
	}
	switch first.name {
	case "meta":
		return c.meta(expr, rest[1:])
	case "labels":
		return c.labels(expr, rest[1:])
	}
	return c.steps(expr, scalarField(first.name), rest[1:])
}

// scalarField returns the field of that name, or what takes its place.
func scalarField(name string) node {
	ref := event.NewRef(name)
	switch name {
	case "kind":
		return func(b *event.Batch, i int) event.Value { return event.StringValue(b.Kind(i).String()) }
	case "message":
		return or(ref.Field, message)
	case "timestamp":
		return or(ref.Field, timestamp())
	case "name":
		return or(metricName, ref.Field)
	case "type":
		return or(metricType, ref.Field)
	case "value":
		return or(metricValue, ref.Field)
	}
	return ref.Field
}

func or(first, second node) node {
	return func(b *event.Batch, i int) event.Value {
		if v := first(b, i); !v.IsNull() {
			return v
		}
		return second(b, i)
	}
}

func message(b *event.Batch, i int) event.Value {
	body, ok := b.Body(i)
	if !ok {
		return event.Value{}
	}
	return event.BytesValue(body)
}

func timestamp() node {
	var buf []byte
	return func(b *event.Batch, i int) event.Value {
		t := b.Time(i)
		if t.IsZero() {
			return event.Value{}
		}
		buf = t.AppendFormat(buf[:0], time.RFC3339Nano)
		return event.BytesValue(buf)
	}
}

func metricName(b *event.Batch, i int) event.Value {
	if family, _ := b.Metric(i); family != nil {
		return event.StringValue(family.Name)
	}
	return event.Value{}
}

func metricType(b *event.Batch, i int) event.Value {
	if family, _ := b.Metric(i); family != nil {
		return event.StringValue(family.Type.String())
	}
	return event.Value{}
}

func metricValue(b *event.Batch, i int) event.Value {
	if family, value := b.Metric(i); family != nil {
		return event.FloatValue(value)
	}
	return event.Value{}
}

func (c *compiler) meta(expr hcl.Expression, rest hcl.Traversal) node {
	if len(rest) == 0 {
		return c.fallback(expr)
	}
	member, _ := asStep(rest[0])
	switch member.name {
	case "source":
		return c.steps(expr, metaSource, rest[1:])
	case "path":
		return c.steps(expr, metaPath, rest[1:])
	case "offset":
		return c.steps(expr, metaOffset, rest[1:])
	}
	return c.fail(expr.Range(), "Unsupported attribute", fmt.Sprintf(
		"event.meta has no attribute %q. It has source, path and offset.", member.name))
}

func metaSource(b *event.Batch, i int) event.Value {
	origin, _ := b.Origin(i)
	return textOrNull(origin.Source)
}

func metaPath(b *event.Batch, i int) event.Value {
	origin, _ := b.Origin(i)
	return textOrNull(origin.Path)
}

func metaOffset(b *event.Batch, i int) event.Value {
	if _, offset := b.Origin(i); offset >= 0 {
		return event.IntValue(offset)
	}
	return event.Value{}
}

func textOrNull(s string) event.Value {
	if s == "" {
		return event.Value{}
	}
	return event.StringValue(s)
}

// labels compiles event.labels.x: the fields of a metric are its labels. An
// event of another kind may have a field of that name.
func (c *compiler) labels(expr hcl.Expression, rest hcl.Traversal) node {
	if len(rest) == 0 {
		return c.fallback(expr)
	}
	label, ok := asStep(rest[0])
	if !ok {
		return c.fallback(expr)
	}
	ofMetric := c.steps(expr, event.NewRef(label.name).Field, rest[1:])
	ofOther := c.steps(expr, event.NewRef("labels").Field, rest)
	return func(b *event.Batch, i int) event.Value {
		if family, _ := b.Metric(i); family != nil {
			return ofMetric(b, i)
		}
		return ofOther(b, i)
	}
}

// step is one index into a value. Like HCL it takes a number as the name of a
// member, and a string as the index of an element, where that is what fits.
type step struct {
	name  string
	index int // -1 for none
}

func asStep(t hcl.Traverser) (step, bool) {
	switch t := t.(type) {
	case hcl.TraverseAttr:
		return step{t.Name, -1}, true
	case hcl.TraverseIndex:
		return keyStep(t.Key)
	}
	return step{}, false
}

func keyStep(key cty.Value) (step, bool) {
	key, _ = key.Unmark()
	text, err := convert.Convert(key, cty.String)
	if err != nil || text.IsNull() || !text.IsKnown() {
		return step{}, false
	}
	s := step{text.AsString(), -1}
	if n, err := strconv.Atoi(s.name); err == nil {
		s.index = n
	}
	return s, true
}

func (c *compiler) steps(expr hcl.Expression, from node, rest hcl.Traversal) node {
	for _, t := range rest {
		s, ok := asStep(t)
		if !ok {
			return c.fallback(expr)
		}
		from = into(from, s)
	}
	return from
}

func into(from node, s step) node {
	var cursor event.Cursor
	return func(b *event.Batch, i int) event.Value {
		v := from(b, i)
		if v.Kind() != event.JSON {
			return event.Value{}
		}
		if s.index >= 0 {
			if element := cursor.Index(v, s.index); !element.IsNull() {
				return element
			}
		}
		return cursor.Member(v, s.name)
	}
}

// index compiles an index that is an expression. One that depends on the event
// is left to HCL.
func (c *compiler) index(e *hclsyntax.IndexExpr) node {
	if mentionsEvent(e.Key) {
		return c.fallback(e)
	}
	key, diags := lang.Evaluate(e.Key, c.ctx)
	if s, ok := keyStep(key); ok && !diags.HasErrors() {
		return into(c.compile(e.Collection), s)
	}
	return constant(event.Value{})
}
