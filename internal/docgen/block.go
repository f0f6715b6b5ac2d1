package docgen

import (
	"strings"

	"github.com/driftless-hq/driftless/internal/reference"
)

// arguments lists what can be written in a block, and then its nested blocks,
// each under a heading of its own.
func (p *page) arguments(b reference.Body, level int, within string) {
	for _, a := range b.Arguments {
		p.attribute(a)
	}
	for _, n := range b.Blocks {
		name := within + n.Name
		p.heading(level, "Block `"+name+"`")
		p.paragraph(n.Text())
		p.arguments(n.Body, level, name+".")
	}
}

// learnt lists what a block makes known beside its arguments.
func (p *page) learnt(b reference.Body) {
	for _, a := range b.Learnt {
		p.attribute(a)
	}
}

func (p *page) attribute(a reference.Attribute) {
	name := a.TypeName()
	if !a.Type.IsCapsuleType() { // else the name is in words
		name = "`" + name + "`"
	}
	traits := append([]string{name}, a.Traits()...)
	p.item("`%s` (%s): %s", a.Name, strings.Join(traits, ", "), a.Text())
}
