package docgen

import (
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
