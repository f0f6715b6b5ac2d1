package docgen

import (
	"fmt"
	"strings"

	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/plugin/schema"
)

// agentPage is the page of the agent block.
func agentPage(b *schema.Block) string {
	p := newPage("The agent block")
	p.paragraph(b.Doc)
	p.heading(2, "Arguments")
	p.arguments(b, 3, "")
	return p.String()
}

// providerPage is the page of a provider block.
func providerPage(name string, b *schema.Block) string {
	p := newPage(fmt.Sprintf("The block provider %q", name))
	p.paragraph(b.Doc)
	p.paragraph("Its expressions can use variables and functions, and neither locals nor other blocks.")
	p.heading(2, "Arguments")
	p.arguments(b, 3, "")
	return p.String()
}

// factsPage lists the facts of a host by group.
func factsPage(groups []schema.Nested) string {
	p := newPage("Facts")
	p.paragraph("`fact.GROUP.NAME` is what is known of the host. Only the groups that a configuration names are gathered, and `driftless facts` shows them all. A fact that the host doesn't have is null. `validate` knows the types of facts and doesn't look at the host.")
	for _, g := range groups {
		title := "`fact." + g.Name + "`"
		if g.Nesting == schema.Map {
			title = fmt.Sprintf("`fact.%s[%s]`", g.Name, g.Label)
		}
		p.heading(2, title)
		p.paragraph(g.Doc)
		p.learnt(&g.Block)
	}
	return p.String()
}

// functionsPage lists the functions of the language.
func functionsPage(functions map[string]function.Function) string {
	p := newPage("Functions")
	p.paragraph("These can be called in every expression. Those that Terraform has under the same name mean the same.")
	for _, name := range sortedKeys(functions) {
		f := functions[name]
		text := "`" + signature(name, f) + "`"
		if doc := f.Description(); doc != "" {
			text += ": " + doc
		}
		p.item("%s", text)
	}
	return p.String()
}

func signature(name string, f function.Function) string {
	var params []string
	for _, param := range f.Params() {
		params = append(params, param.Name)
	}
	if v := f.VarParam(); v != nil {
		params = append(params, v.Name+"...")
	}
	return name + "(" + strings.Join(params, ", ") + ")"
}
