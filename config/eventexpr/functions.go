package eventexpr

import (
	"bytes"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/driftless-hq/driftless/plugin/event"
)

// call compiles a call of a function. That the function exists and takes as
// many arguments was checked with the whole expression.
func (c *compiler) call(e *hclsyntax.FunctionCallExpr) node {
	if e.ExpandFinal {
		return c.fallback(e)
	}
	switch e.Name {
	case "startswith":
		return c.textTest(e, bytes.HasPrefix)
	case "endswith":
		return c.textTest(e, bytes.HasSuffix)
	case "strcontains":
		return c.textTest(e, bytes.Contains)
	case "lower":
		return c.textMap(e, unicode.ToLower)
	case "upper":
		return c.textMap(e, unicode.ToUpper)
	case "length":
		return c.length(e)
	case "coalesce":
		return c.coalesce(e)
	case "contains":
		return c.contains(e)
	case "can":
		return c.can(e)
	}
	return c.fallback(e)
}

// text compiles an argument that is converted to a string. The result is nil
// where it can't be.
func (c *compiler) text(expr hcl.Expression) func(b *event.Batch, i int) ([]byte, bool) {
	arg := c.compile(expr)
	var buf []byte
	return func(b *event.Batch, i int) (text []byte, ok bool) {
		v := arg(b, i)
		if v.Kind() == event.String {
			return v.Text(), true
		}
		buf, ok = appendText(buf[:0], v)
		return buf, ok
	}
}

func (c *compiler) textTest(e *hclsyntax.FunctionCallExpr, test func(s, part []byte) bool) node {
	s, part := c.text(e.Args[0]), c.text(e.Args[1])
	return func(b *event.Batch, i int) event.Value {
		whole, ok := s(b, i)
		if !ok {
			return event.Value{}
		}
		piece, ok := part(b, i)
		return boolOrNull(ok && test(whole, piece), ok)
	}
}

func (c *compiler) textMap(e *hclsyntax.FunctionCallExpr, mapping func(rune) rune) node {
	s := c.text(e.Args[0])
	var buf []byte
	return func(b *event.Batch, i int) event.Value {
		text, ok := s(b, i)
		if !ok {
			return event.Value{}
		}
		buf = appendMapped(buf[:0], text, mapping)
		return event.BytesValue(buf)
	}
}

func appendMapped(dst, text []byte, mapping func(rune) rune) []byte {
	for k := 0; k < len(text); {
		r, size := rune(text[k]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRune(text[k:])
		}
		dst = utf8.AppendRune(dst, mapping(r))
		k += size
	}
	return dst
}

// length counts the characters of a string or the elements of a collection.
func (c *compiler) length(e *hclsyntax.FunctionCallExpr) node {
	arg := c.compile(e.Args[0])
	var cursor event.Cursor
	return func(b *event.Batch, i int) event.Value {
		v := arg(b, i)
		switch v.Kind() {
		case event.String:
			return event.IntValue(characters(v.Text()))
		case event.JSON:
			n := int64(0)
			if cursor.Each(v, func(event.Value) bool { n++; return true }) {
				return event.IntValue(n)
			}
			if object := toCty(v); object.CanIterateElements() {
				return event.IntValue(int64(object.LengthInt()))
			}
		}
		return event.Value{}
	}
}

// characters counts what a reader sees as one character. Only text that is
// plain ASCII without a carriage return can be counted by its bytes.
func characters(text []byte) int64 {
	for _, c := range text {
		if c >= utf8.RuneSelf || c == '\r' {
			return careful(text)
		}
	}
	return int64(len(text))
}

func careful(text []byte) int64 {
	n, err := stdlib.Strlen(cty.StringVal(string(text)))
	if err != nil {
		return int64(utf8.RuneCount(text))
	}
	count, _ := n.AsBigFloat().Int64()
	return count
}
