// Package docgen draws the reference pages of the documentation from what the
// program knows of itself: the schemas of its types, its commands and its
// functions. What a page says can't differ from what the program does.
//
//	pages, err := docgen.Pages(docgen.Input{Reference: reference, Commands: commands})
//	pages["tasks/file.md"] // the page of the task "file"
package docgen

import (
	"fmt"
	"strings"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/reference"
)

// Input is what the pages are drawn from.
type Input struct {
	Reference *reference.Reference
	Commands  []Command
	Stream    []byte // the JSON Schema of what plan and apply write with -json
}

// Command is one command of the command line.
type Command struct {
	Name  string
	Usage string // what it is for, in half a sentence
	More  string // what else is to be said; paragraphs that are indented are shown as they are
	Args  string // its arguments beside the flags, such as "[PLANFILE]"
	Flags []Flag
}

// Flag is one flag of a command.
type Flag struct {
	Name       string
	Value      string // the placeholder of its value, empty for a switch
	Default    string
	Env        []string // variables of the environment that set it too
	Usage      string
	Repeatable bool
}

// Pages returns the content of all pages by their path, in Markdown.
func Pages(in Input) (map[string]string, error) {
	r := in.Reference
	pages := map[string]string{
		"index.md":     indexPage(r),
		"functions.md": functionsPage(lang.Reference(), lang.Functions("", nil)),
		"commands.md":  commandsPage(in.Commands),
		"facts.md":     factsPage(r.Facts),
	}
	stream, err := streamPage(in.Stream)
	if err != nil {
		return nil, err
	}
	pages["json-output.md"] = stream
	if agent, ok := r.Topic("agent"); ok {
		pages["agent.md"] = agentPage(agent.Block)
	}
	for _, p := range r.Providers {
		if p.Settings != nil {
			pages[providerPath(p.Name)] = providerPage(p.Name, *p.Settings)
		}
	}
	for _, t := range r.Types {
		pages[typePath(t)] = typePage(t)
	}
	return pages, nil
}

func providerPath(name string) string { return "providers/" + name + ".md" }

func typePath(t reference.Type) string {
	return fmt.Sprintf("%ss/%s.md", t.Kind, t.Ref().Name)
}

// indexPage lists all other pages.
func indexPage(r *reference.Reference) string {
	p := newPage("Reference")
	p.paragraph("Every type of block, with all that it takes and makes known. " +
		"What holds for all blocks alike, and how durations, sizes and modes are written, is in [the language](../docs/language.md).")
	p.item("[The agent block](agent.md)")
	p.item("[Functions](functions.md)")
	p.item("[Facts](facts.md)")
	p.item("[Commands](commands.md)")
	p.item("[JSON output](json-output.md)")
	for _, provider := range r.Providers {
		if provider.Settings != nil {
			p.item("[The provider %s](%s)", provider.Name, providerPath(provider.Name))
		}
	}
	for _, kind := range reference.Kinds() {
		p.heading(2, strings.ToUpper(string(kind[:1]))+string(kind[1:])+"s")
		for _, t := range r.TypesOf(string(kind)) {
			p.item("[%s](%s): %s", t.Ref().Name, typePath(t), reference.FirstSentence(t.Doc))
		}
	}
	return p.String()
}
