package docgen

import (
	"fmt"

	"github.com/driftless-hq/driftless/internal/reference"
)

// agentPage is the page of the agent block.
func agentPage(b *reference.Block) string {
	p := newPage("The agent block")
	p.paragraph(b.Doc)
	p.heading(2, "Arguments")
	p.arguments(b.Body, 3, "")
	return p.String()
}

// providerPage is the page of a provider block.
func providerPage(name string, b reference.Body) string {
	p := newPage(fmt.Sprintf("The block provider %q", name))
	p.paragraph(b.Doc)
	p.paragraph("Its expressions can use variables and functions, and neither locals nor other blocks.")
	p.heading(2, "Arguments")
	p.arguments(b, 3, "")
	return p.String()
}

// factsPage lists the facts of a host by group.
func factsPage(groups []reference.Facts) string {
	p := newPage("Facts")
	p.paragraph("`fact.GROUP.NAME` is what is known of the host. Only the groups that a configuration names are gathered, and `driftless facts` shows them all. A fact that the host doesn't have is null. `validate` knows the types of facts and doesn't look at the host.")
	for _, g := range groups {
		title := "`fact." + g.Name + "`"
		if g.Key != "" {
			title = fmt.Sprintf("`fact.%s[%s]`", g.Name, g.Key)
		}
		p.heading(2, title)
		p.paragraph(g.Doc)
		p.learnt(g.Body)
	}
	return p.String()
}
