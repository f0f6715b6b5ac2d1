package docgen

import (
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclwrite"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// arguments lists what can be written in a block: what is required first,
// then the nested blocks, each under a heading of its own.
func (p *page) arguments(b *schema.Block, level int, within string) {
	for _, a := range b.Attributes {
		if a.Required {
			p.attribute(a)
		}
	}
	for _, a := range b.Attributes {
		if !a.Required && !a.Computed {
			p.attribute(a)
		}
	}
	for _, n := range b.Blocks {
		p.nested(n, level, within)
	}
}

func (p *page) nested(n schema.Nested, level int, within string) {
	name := within + n.Name
	p.heading(level, "Block `"+name+"`")
	p.paragraph(strings.TrimSpace(howOften(n) + " " + n.Doc))
	p.arguments(&n.Block, level, name+".")
}

func howOften(n schema.Nested) string {
	var text string
	switch n.Nesting {
	case schema.List:
		text = "Any number."
	case schema.Map:
		text = fmt.Sprintf("Any number, each with a label: the %s.", n.Label)
	default:
		text = "At most one."
	}
	if n.Required {
		text = strings.Replace(strings.Replace(text, "Any number", "At least one", 1), "At most one", "Exactly one", 1)
	}
	return text
}

// learnt lists what a block makes known beside its arguments.
func (p *page) learnt(b *schema.Block) {
	for _, a := range b.Attributes {
		if a.Computed {
			p.attribute(a)
		}
	}
}

func (p *page) attribute(a schema.Attribute) {
	traits := []string{typeName(a.Type)}
	if a.Format != "" {
		traits = append(traits, string(a.Format))
	}
	if a.Required {
		traits = append(traits, "required")
	}
	if a.Sensitive {
		traits = append(traits, "sensitive")
	}
	sentences := []string{a.Doc}
	if len(a.Enum) > 0 {
		sentences = append(sentences, "One of: "+literals(a.Enum)+".")
	}
	if a.Default != cty.NilVal {
		sentences = append(sentences, "Default: "+literal(a.Default)+".")
	}
	if a.Deprecated != "" {
		sentences = append(sentences, "Deprecated: "+a.Deprecated)
	}
	p.item("`%s` (%s): %s", a.Name, strings.Join(traits, ", "), strings.Join(sentences, " "))
}

func typeName(t cty.Type) string {
	switch t {
	case schema.EventExpr:
		return "expression over `event`"
	case schema.EventExprs:
		return "object of expressions over `event`"
	case schema.SelfExpr:
		return "expression over `self`"
	}
	return "`" + typeexpr.TypeString(t) + "`"
}

// literal writes a value as it would be written in a configuration.
func literal(v cty.Value) string {
	return "`" + string(hclwrite.TokensForValue(v).Bytes()) + "`"
}

func literals(words []string) string {
	quoted := make([]string, len(words))
	for i, w := range words {
		quoted[i] = literal(cty.StringVal(w))
	}
	return strings.Join(quoted, ", ")
}
