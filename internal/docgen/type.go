package docgen

import (
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/internal/reference"
)

// typePage is the page of one type of block.
func typePage(t reference.Type) string {
	p := newPage(fmt.Sprintf("%s %q", t.Kind, t.Ref().Name))
	p.paragraph(t.Doc)
	if note := t.Nature(); note != "" {
		p.paragraph(note)
	}
	if len(t.Examples) > 0 {
		p.heading(2, "Example")
	}
	for _, e := range t.Examples {
		language, isConfig := "hcl", strings.HasSuffix(e.Name, ".hcl")
		if !isConfig {
			p.paragraph("`" + e.Name + "`:")
			language = ""
		}
		p.code(language, e.Content)
	}
	p.heading(2, "Arguments")
	if len(t.Arguments)+len(t.Blocks) == 0 {
		p.paragraph("None of its own.")
	}
	p.arguments(t.Body, 3, "")
	if len(t.Meta.Arguments) > 0 {
		p.heading(2, "Meta-arguments")
		p.arguments(t.Meta, 3, "")
	}
	p.attributes(t)
	return p.String()
}

// attributes lists what others can refer to.
func (p *page) attributes(t reference.Type) {
	if t.Kind != "task" && t.Kind != "source" {
		return
	}
	p.heading(2, "Attributes")
	known := fmt.Sprintf("`%s.NAME`", t.Name)
	if len(t.Learnt) == 0 {
		p.paragraph("Others can refer to its arguments as attributes of " + known + ".")
		return
	}
	p.paragraph("Others can refer to its arguments as attributes of " + known + ", and to what it learns:")
	p.learnt(t.Body)
}
