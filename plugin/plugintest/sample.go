package plugintest

import (
	"math"
	"math/rand/v2"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// plausible is a value of a block as a user might write it, with the attributes
// that are chosen. Those that are sensitive hold the secret, where there is one.
func plausible(b *schema.Block, chosen func(a *schema.Attribute) bool, secret string) cty.Value {
	values := make(map[string]cty.Value)
	for i := range b.Attributes {
		a := &b.Attributes[i]
		switch {
		case a.Computed:
			values[a.Name] = cty.UnknownVal(a.Type)
		case !chosen(a) && a.Default == cty.NilVal:
			values[a.Name] = cty.NullVal(a.Type)
		case !chosen(a):
			values[a.Name] = a.Default
		case a.Sensitive && secret != "":
			values[a.Name] = sample(a.Type, secret)
		default:
			values[a.Name] = sample(a.Type, sampleText(a))
		}
	}
	for i := range b.Blocks {
		n := &b.Blocks[i]
		if !n.Required && secret == "" {
			values[n.Name] = n.Absent()
			continue
		}
		inner := plausible(&n.Block, chosen, secret)
		switch n.Nesting {
		case schema.List:
			values[n.Name] = cty.ListVal([]cty.Value{inner})
		case schema.Map:
			values[n.Name] = cty.MapVal(map[string]cty.Value{"sample": inner})
		default:
			values[n.Name] = inner
		}
	}
	return cty.ObjectVal(values)
}

// sampleText is a text that an attribute takes.
func sampleText(a *schema.Attribute) string {
	if len(a.Enum) > 0 {
		return a.Enum[0]
	}
	switch a.Format {
	case schema.Duration:
		return "30s"
	case schema.Size:
		return "1MiB"
	case schema.Mode:
		return "0644"
	case schema.AbsolutePath:
		return "/nonexistent/sample"
	case schema.URL:
		return "http://127.0.0.1/sample"
	case schema.Schedule:
		return "@daily"
	}
	return "sample"
}

// sample is a value of a type. Its strings are the given one.
func sample(t cty.Type, text string) cty.Value {
	switch {
	case t == cty.String || t == cty.DynamicPseudoType:
		return cty.StringVal(text)
	case t == cty.Number:
		return cty.NumberIntVal(1)
	case t == cty.Bool:
		return cty.True
	case t.IsListType():
		return cty.ListVal([]cty.Value{sample(t.ElementType(), text)})
	case t.IsSetType():
		return cty.SetVal([]cty.Value{sample(t.ElementType(), text)})
	case t.IsMapType():
		return cty.MapVal(map[string]cty.Value{"sample": sample(t.ElementType(), text)})
	case t.IsObjectType():
		members := make(map[string]cty.Value)
		for name, member := range t.AttributeTypes() {
			members[name] = sample(member, text)
		}
		return cty.ObjectVal(members)
	}
	return cty.NullVal(t)
}

// wild makes values that the types of a schema allow and no sane user writes.
type wild struct{ *rand.Rand }

func (w wild) block(b *schema.Block) cty.Value {
	values := make(map[string]cty.Value)
	for i := range b.Attributes {
		a := &b.Attributes[i]
		restricted := len(a.Enum) > 0 || a.Format != ""
		switch {
		case a.Computed:
			values[a.Name] = cty.UnknownVal(a.Type)
		case restricted && w.IntN(4) > 0: // the core lets no other text pass
			values[a.Name] = sample(a.Type, w.textOf(a))
		case restricted:
			values[a.Name] = pick(w, cty.NullVal(a.Type), cty.UnknownVal(a.Type))
		default:
			values[a.Name] = w.value(a.Type)
		}
	}
	for i := range b.Blocks {
		values[b.Blocks[i].Name] = w.nested(&b.Blocks[i])
	}
	return cty.ObjectVal(values)
}

func (w wild) nested(n *schema.Nested) cty.Value {
	if n.Nesting == schema.Single {
		if w.IntN(2) == 0 {
			return n.Absent()
		}
		return w.block(&n.Block)
	}
	if n.Block.ImpliedType().HasDynamicTypes() {
		return n.Absent() // several of them would have to be of one type
	}
	var list []cty.Value
	labelled := make(map[string]cty.Value)
	for range w.IntN(3) {
		one := w.block(&n.Block)
		list, labelled[w.text()] = append(list, one), one
	}
	switch {
	case len(list) == 0:
		return n.Absent()
	case n.Nesting == schema.Map:
		return cty.MapVal(labelled)
	}
	return cty.ListVal(list)
}

func (w wild) value(t cty.Type) cty.Value {
	switch w.IntN(8) {
	case 0:
		return cty.NullVal(t)
	case 1:
		return cty.UnknownVal(t)
	}
	switch {
	case t == cty.String:
		return cty.StringVal(w.text())
	case t == cty.Number:
		return pick(w, cty.Zero, cty.NumberIntVal(-1), cty.NumberIntVal(math.MaxInt64), cty.NumberFloatVal(0.5), cty.NumberFloatVal(-1e300))
	case t == cty.Bool:
		return cty.BoolVal(w.IntN(2) == 0)
	case t == cty.DynamicPseudoType:
		return w.value(pick(w, cty.String, cty.Number, cty.List(cty.String), cty.EmptyObject, cty.Object(map[string]cty.Type{"a": cty.Bool})))
	case schema.IsExpr(t):
		return w.expression(t)
	case t.IsObjectType():
		members := make(map[string]cty.Value)
		for name, member := range t.AttributeTypes() {
			members[name] = w.value(member)
		}
		return cty.ObjectVal(members)
	case t.IsCollectionType():
		return w.collection(t)
	}
	return cty.NullVal(t)
}

func (w wild) collection(t cty.Type) cty.Value {
	if t.HasDynamicTypes() {
		return cty.UnknownVal(t) // its elements would have to be of one type
	}
	n := w.IntN(3)
	var list []cty.Value
	members := make(map[string]cty.Value)
	for range n {
		one := w.value(t.ElementType())
		list, members[w.text()] = append(list, one), one
	}
	switch {
	case t.IsMapType() && n == 0:
		return cty.MapValEmpty(t.ElementType())
	case t.IsMapType():
		return cty.MapVal(members)
	case t.IsSetType() && n == 0:
		return cty.SetValEmpty(t.ElementType())
	case t.IsSetType():
		return cty.SetVal(list)
	case n == 0:
		return cty.ListValEmpty(t.ElementType())
	}
	return cty.ListVal(list)
}

func (w wild) expression(t cty.Type) cty.Value {
	one := event.Expr{Text: w.text(), Eval: func(*event.Batch, int) event.Value { return event.Value{} }}
	switch t {
	case schema.EventExpr:
		return cty.CapsuleVal(t, &one)
	case schema.EventExprs:
		return cty.CapsuleVal(t, &event.ExprMap{{Name: w.text(), Expr: one}})
	}
	return cty.CapsuleVal(t, &schema.Self{Text: one.Text, Eval: func(self cty.Value) (cty.Value, error) { return self, nil }})
}

// textOf is a text that has the format of an attribute, or is one of its
// choices.
func (w wild) textOf(a *schema.Attribute) string {
	if len(a.Enum) > 0 {
		return pick(w, a.Enum...)
	}
	switch a.Format {
	case schema.Duration:
		return pick(w, "0s", "1ns", "65535d", "1h30m")
	case schema.Size:
		return pick(w, "0", "1", "1.5KiB", "1TiB")
	case schema.Mode:
		return pick(w, "0000", "7777", "0644")
	case schema.AbsolutePath:
		return pick(w, "/", "//", "/a//../b/", "/..", "/\xff", "/ünï code", "/"+strings.Repeat("a/", 1000))
	case schema.Regexp:
		return pick(w, "", "^", "(a)(b)?", ".*", "(?s).", "[[:alpha:]]+")
	case schema.Glob:
		return pick(w, "", "*", "**", "/**/a", "[a-z]", "{a,b}")
	case schema.URL:
		return pick(w, "http://127.0.0.1", "https://u:p@[::1]:1/?a#b", "x://y")
	case schema.Schedule:
		return pick(w, "* * * * *", "@yearly", "CRON_TZ=UTC 0-59/7 3,4 1 jan 7")
	}
	return w.text()
}

func (w wild) text() string {
	return pick(w, "", " ", "a", "0", "-1", "..", "/", "/a//../b", "a\nb", "a\x00b", "\xff\xfe", "%s%n", "{{", "[", "(", "**", "$1", "ünï", "null",
		strings.Repeat("x", 1<<16), strings.Repeat("(", 1000), strings.Repeat("a/", 1000))
}

func pick[T any](w wild, from ...T) T { return from[w.IntN(len(from))] }
