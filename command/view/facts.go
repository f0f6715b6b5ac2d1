package view

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/plan"
)

// Facts shows facts as an expression would name them, one on a line. What the
// host doesn't have is left out.
func (v *View) Facts(groups map[string]cty.Value) {
	var b strings.Builder
	for _, name := range sortedNames(groups) {
		v.writeFacts(&b, "fact."+name, groups[name])
	}
	v.Print("%s", b.String())
}

// factIndent is how far what doesn't fit beside the name of a fact is indented.
const factIndent = 4

// writeFacts goes down to what is neither an object nor a map.
func (v *View) writeFacts(b *strings.Builder, name string, value cty.Value) {
	t := value.Type()
	switch {
	case value.IsNull() || !value.IsKnown():
	case t.IsObjectType():
		for it := value.ElementIterator(); it.Next(); {
			key, element := it.Element()
			v.writeFacts(b, name+"."+key.AsString(), element)
		}
	case t.IsMapType():
		for it := value.ElementIterator(); it.Next(); {
			key, element := it.Element()
			v.writeFacts(b, fmt.Sprintf("%s[%q]", name, key.AsString()), element)
		}
	default:
		text := visible(plan.Text(value))
		if utf8.RuneCountInString(text) > v.out.width-factIndent {
			text = v.out.hang(text, factIndent) // a long list
		}
		b.WriteString(v.out.line([]piece{{"", visible(name), bold}, {" ", "=", ""}, {" ", text, ""}}, factIndent) + "\n")
	}
}
