package eventexpr

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

// coalesce returns the first argument that is neither null nor an empty
// string, in the type that all arguments have in common.
func (c *compiler) coalesce(e *hclsyntax.FunctionCallExpr) node {
	args := make([]node, len(e.Args))
	for k, arg := range e.Args {
		args[k] = c.compile(arg)
	}
	var text []byte
	return func(b *event.Batch, i int) event.Value {
		var first event.Value
		var kinds kindSet
		for _, arg := range args {
			v := arg(b, i)
			kinds.add(v)
			if isEmpty := v.Kind() == event.String && len(v.Text()) == 0; first.IsNull() && !isEmpty {
				first = v
			}
		}
		common, ok := kinds.common()
		if !ok {
			return event.Value{}
		}
		first, _ = unify(&text, first, common)
		return first
	}
}

// kindSet is a set of kinds of values.
type kindSet struct{ text, number, bool, json bool }

func (s *kindSet) add(v event.Value) {
	switch v.Kind() {
	case event.String:
		s.text = true
	case event.Int, event.Float:
		s.number = true
	case event.Bool:
		s.bool = true
	case event.JSON:
		s.json = true
	}
}

// common returns the kind that all members can be converted to, if any.
func (s *kindSet) common() (event.ValueKind, bool) {
	switch {
	case s.json:
		return event.JSON, !s.text && !s.number && !s.bool
	case s.text:
		return event.String, true
	case s.number:
		return event.Float, !s.bool
	case s.bool:
		return event.Bool, true
	}
	return event.Null, true
}

// contains compiles the search of a literal list, or of an array of the event.
func (c *compiler) contains(e *hclsyntax.FunctionCallExpr) node {
	wanted := c.compile(e.Args[1])
	if mentionsEvent(e.Args[0]) {
		return containedIn(c.compile(e.Args[0]), wanted)
	}
	list, diags := lang.Evaluate(e.Args[0], c.ctx)
	list, _ = list.UnmarkDeep()
	if diags.HasErrors() || !list.IsWhollyKnown() || !list.CanIterateElements() {
		return constant(event.Value{})
	}
	texts := map[string]bool{}
	var others []event.Value
	for it := list.ElementIterator(); it.Next(); {
		_, element := it.Element()
		if element.Type() == cty.String && !element.IsNull() {
			texts[element.AsString()] = true
		} else {
			others = append(others, fromCty(element))
		}
	}
	return func(b *event.Batch, i int) event.Value {
		v := wanted(b, i)
		if v.Kind() == event.String {
			return event.BoolValue(texts[string(v.Text())])
		}
		return event.BoolValue(containsValue(others, v))
	}
}

func containsValue(list []event.Value, v event.Value) bool {
	for _, element := range list {
		if equal(element, v) {
			return true
		}
	}
	return false
}

func containedIn(list, wanted node) node {
	var cursor event.Cursor
	return func(b *event.Batch, i int) event.Value {
		v, found := wanted(b, i), false
		isList := cursor.Each(list(b, i), func(element event.Value) bool {
			found = equal(element, v)
			return !found
		})
		return boolOrNull(found, isList)
	}
}

// can compiles can(regex("literal", x)): whether x matches. Null does not.
func (c *compiler) can(e *hclsyntax.FunctionCallExpr) node {
	inner, ok := lang.Unbound(e.Args[0]).(*hclsyntax.FunctionCallExpr)
	if !ok || inner.Name != "regex" || inner.ExpandFinal || len(inner.Args) != 2 || mentionsEvent(inner.Args[0]) {
		return c.fallback(e)
	}
	pattern := c.constant(inner.Args[0])
	if pattern.Kind() != event.String {
		return constant(event.Value{}) // not known yet
	}
	re, err := regexp.Compile(string(pattern.Text()))
	if err != nil {
		return c.fail(inner.Args[0].Range(), "Invalid regular expression",
			fmt.Sprintf("The pattern is not in the syntax of RE2: %s.", err))
	}
	text := c.text(inner.Args[1])
	return func(b *event.Batch, i int) event.Value {
		s, ok := text(b, i)
		return event.BoolValue(ok && re.Match(s))
	}
}
