package view

import (
	"strings"
	"unicode"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/console"
	"github.com/driftless-hq/driftless/internal/plan"
)

// valueText writes a value as it would be written in a configuration, over
// several lines. What can't be written stands there in words.
func valueText(s style, v cty.Value) string {
	w := valueWriter{style: s}
	w.write(v, 0, true)
	return w.text.String()
}

type valueWriter struct {
	style style
	text  strings.Builder
}

// write writes a value at a depth of nesting. Only where a line may end right
// after the value it can be a heredoc.
func (w *valueWriter) write(v cty.Value, depth int, atLineEnd bool) {
	t := v.Type()
	switch {
	case v.IsMarked():
		w.paint(dim, plan.Masked)
	case !v.IsKnown():
		w.paint(dim, "(known after apply)")
	case v.IsNull():
		w.paint(cyan, nullText(t))
	case t == cty.String:
		w.paint(green, stringText(v.AsString(), depth, atLineEnd))
	case t.IsPrimitiveType():
		w.paint(cyan, string(hclwrite.TokensForValue(v).Bytes()))
	case t.IsCapsuleType():
		w.capsule(v, depth)
	case t.IsObjectType():
		w.members(v, "{", "}", depth)
	case t.IsMapType():
		w.members(v, "tomap({", "})", depth)
	case t.IsListType():
		w.elements(v, "tolist([", "])", depth)
	case t.IsSetType():
		w.elements(v, "toset([", "])", depth)
	default:
		w.elements(v, "[", "]", depth)
	}
}

func (w *valueWriter) paint(code, text string) { w.text.WriteString(w.style.paint(code, text)) }

func (w *valueWriter) newline(depth int) {
	w.text.WriteString("\n" + strings.Repeat("  ", depth))
}

func (w *valueWriter) members(v cty.Value, open, end string, depth int) {
	w.text.WriteString(open)
	for it := v.ElementIterator(); it.Next(); {
		key, element := it.Element()
		w.newline(depth + 1)
		w.text.WriteString(quoted(key.AsString()) + " = ")
		w.write(element, depth+1, true)
	}
	if v.LengthInt() > 0 {
		w.newline(depth)
	}
	w.text.WriteString(end)
}

func (w *valueWriter) elements(v cty.Value, open, end string, depth int) {
	w.text.WriteString(open)
	for it := v.ElementIterator(); it.Next(); {
		_, element := it.Element()
		w.newline(depth + 1)
		w.write(element, depth+1, false)
		w.text.WriteString(",")
	}
	if v.LengthInt() > 0 {
		w.newline(depth)
	}
	w.text.WriteString(end)
}

func (w *valueWriter) capsule(v cty.Value, depth int) {
	if t, ok := console.TypeIn(v); ok {
		w.text.WriteString(typeText(t, depth))
		return
	}
	w.paint(dim, "(expression)")
}

// nullText says of which type a null is, where an expression can.
func nullText(t cty.Type) string {
	switch {
	case t == cty.DynamicPseudoType:
		return "null"
	case t.IsPrimitiveType():
		return "to" + t.FriendlyName() + "(null)"
	}
	return "null /* " + t.FriendlyName() + " */"
}

func quoted(s string) string { return string(hclwrite.TokensForValue(cty.StringVal(s)).Bytes()) }

const heredocEnd = "EOT"

// stringText writes a text of several lines as a heredoc, if that says
// exactly the same.
func stringText(s string, depth int, atLineEnd bool) string {
	lines := strings.SplitAfter(s, "\n")
	if !atLineEnd || len(lines) < 2 || lines[len(lines)-1] != "" || !fitsHeredoc(lines[:len(lines)-1], depth > 0) {
		return quoted(s)
	}
	margin, open := strings.Repeat("  ", depth), "<<"
	if depth > 0 {
		open = "<<-"
	}
	var b strings.Builder
	b.WriteString(open + heredocEnd + "\n")
	for _, line := range lines[:len(lines)-1] {
		if strings.TrimSpace(line) != "" { // else nothing is taken off it
			b.WriteString(margin)
		}
		b.WriteString(templateEscapes.Replace(line))
	}
	b.WriteString(margin + heredocEnd)
	return b.String()
}

var templateEscapes = strings.NewReplacer("${", "$${", "%{", "%%{")

// fitsHeredoc reports whether lines can be written out. With a margin, which
// is taken off again as far as all lines have it, one must have none of its own.
func fitsHeredoc(lines []string, margin bool) bool {
	flush := !margin
	for _, line := range lines {
		text := strings.TrimSuffix(line, "\n")
		if strings.TrimSpace(text) == heredocEnd || strings.ContainsFunc(text, notPlain) {
			return false
		}
		flush = flush || text != "" && text[0] != ' ' && text[0] != '\t'
	}
	return flush
}

// notPlain reports what a terminal wouldn't show as it is.
func notPlain(r rune) bool { return r != '\t' && !unicode.IsPrint(r) || isControl(r) }

// typeText writes a type as the type of a variable is written.
func typeText(t cty.Type, depth int) string {
	switch {
	case t == cty.DynamicPseudoType:
		return "any"
	case t.IsPrimitiveType():
		return t.FriendlyName()
	case t.IsListType():
		return "list(" + typeText(t.ElementType(), depth) + ")"
	case t.IsSetType():
		return "set(" + typeText(t.ElementType(), depth) + ")"
	case t.IsMapType():
		return "map(" + typeText(t.ElementType(), depth) + ")"
	case t.IsTupleType():
		var items []string
		for _, item := range t.TupleElementTypes() {
			items = append(items, typeText(item, depth+1)+",")
		}
		return enclosed("tuple([", items, "])", depth)
	case t.IsObjectType():
		attributes := t.AttributeTypes()
		var items []string
		for _, name := range sortedNames(attributes) {
			items = append(items, attributeName(name)+" = "+typeText(attributes[name], depth+1))
		}
		return enclosed("object({", items, "})", depth)
	}
	return t.FriendlyName() // an expression, which no variable can hold
}

// attributeName quotes a name where it has to be.
func attributeName(name string) string {
	if hclsyntax.ValidIdentifier(name) {
		return name
	}
	return quoted(name)
}

func enclosed(open string, items []string, end string, depth int) string {
	if len(items) == 0 {
		return open + end
	}
	between := "\n" + strings.Repeat("  ", depth+1)
	return open + between + strings.Join(items, between) + "\n" + strings.Repeat("  ", depth) + end
}
