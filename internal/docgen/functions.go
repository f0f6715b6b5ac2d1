package docgen

import (
	"strings"

	"github.com/zclconf/go-cty/cty/function"

	"github.com/driftless-hq/driftless/config/lang"
)

// functionsPage shows the functions of the language by group.
func functionsPage(groups []lang.Group, functions map[string]function.Function) string {
	p := newPage("Functions")
	p.paragraph("These can be called in every expression. Those that Terraform has under the same name mean the same; a test compares the two. " +
		"Paths are relative to the directory of the configuration that names them. " +
		"A result that comes of something sensitive is sensitive.")
	p.paragraph("An expression may come to 100,000 elements, and a string to 1 MiB. What would come to more is an error.")
	p.paragraph("`timestamp`, `uuid` and `bcrypt` answer only while a plan is applied: in the plan, what they make is known after apply. During one apply each call has one answer, " +
		"and a local that calls them is the same wherever it is named. So a task that names one of them has a change in every plan: call them where that is meant. " +
		"`plantimestamp` is known in the plan, and the same when that plan is applied, saved or not. " +
		"In sources, pipelines, sinks and collectors of the agent, all of them answer with the time at which the agent was started, or once and for all. " +
		"None of them can be called in `for_each` or in a template.")
	for _, g := range groups {
		p.heading(2, g.Title)
		for _, d := range g.Docs {
			p.function(d, functions[d.Name])
		}
	}
	p.differences()
	return p.String()
}

func (p *page) function(d lang.Doc, f function.Function) {
	p.heading(3, "`"+signature(d.Name, f)+"`")
	p.paragraph(f.Description())
	for _, param := range parameters(f) {
		p.item("`%s`: %s", param.Name, param.Description)
	}
	example := d.Example
	if d.Result != "" {
		example += " # " + d.Result
	}
	p.code("hcl", example)
}

// differences says where Terraform is not followed, and why.
func (p *page) differences() {
	p.heading(2, "Where functions differ from those of Terraform")
	p.item("`abspath` and all that read files take paths relative to the directory of the configuration: an agent has no other directory to start from.")
	p.item("`bcrypt` refuses a cost below 4, which is raised to 10 there, and one above 15, which takes minutes.")
	p.item("`cidrsubnet` refuses negative numbers: a subnet lies within its network.")
	p.item("`fileset` refuses a pattern with `..`: it stays below its directory.")
	p.item("`issensitive` is true of what holds something sensitive.")
	p.item("`log` and `pow` have no infinite results; those are errors.")
	p.item("`templatestring` takes a template that is written out, too.")
	p.item("`uuid` makes UUIDs of version 4.")
	p.heading(2, "Functions of Terraform that are not here")
	p.item("`ephemeralasnull`: there are no ephemeral values. What must not be stored is a secret, and is never stored.")
	p.item("`type`: it is a command of the console, and no function of the language.")
	p.item("Functions of providers, as `provider::name::function`: providers have none.")
}

// parameters are those of a function, the variadic one last.
func parameters(f function.Function) []function.Parameter {
	out := f.Params()
	if v := f.VarParam(); v != nil {
		v.Name += "..."
		out = append(out, *v)
	}
	return out
}

func signature(name string, f function.Function) string {
	var names []string
	for _, p := range parameters(f) {
		names = append(names, p.Name)
	}
	return name + "(" + strings.Join(names, ", ") + ")"
}
