// Package docgen draws the reference pages of the documentation from what the
// program knows of itself: the schemas of its types, its commands and its
// functions. What a page says can't differ from what the program does.
//
//	pages, err := docgen.Pages(docgen.Input{Types: types, Commands: commands, Examples: os.DirFS("website/examples")})
//	pages["tasks/file.md"] // the page of the task "file"
package docgen

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Input is what the pages are drawn from, beside the language itself.
type Input struct {
	Types     []plugin.Type
	Providers map[string]*schema.Block // what a provider block can hold, by name
	Facts     []schema.Nested          // the groups of facts
	Commands  []Command
	// Examples holds a directory for each type, named as in "task.file".
	Examples fs.FS
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

// kinds are the folders of the pages, in the order in which they are listed.
func kinds() []plugin.Kind {
	return []plugin.Kind{plugin.KindSource, plugin.KindTask, plugin.KindCollector, plugin.KindStage, plugin.KindSink}
}

// Pages returns the content of all pages by their path, in Markdown. A type
// without an example is an error.
func Pages(in Input) (map[string]string, error) {
	pages := map[string]string{
		"index.md":     indexPage(in),
		"agent.md":     agentPage(eval.AgentSchema),
		"functions.md": functionsPage(lang.Functions("", nil)),
		"commands.md":  commandsPage(in.Commands),
		"facts.md":     factsPage(in.Facts),
	}
	for name, b := range in.Providers {
		pages[providerPath(name)] = providerPage(name, b)
	}
	for _, t := range in.Types {
		examples, err := readExamples(in.Examples, t.Ref)
		if err != nil {
			return nil, err
		}
		pages[typePath(t.Ref)] = typePage(t, examples)
	}
	return pages, nil
}

func providerPath(name string) string { return "providers/" + name + ".md" }

func typePath(ref plugin.TypeRef) string { return fmt.Sprintf("%ss/%s.md", ref.Kind, ref.Name) }

// indexPage lists all other pages.
func indexPage(in Input) string {
	p := newPage("Reference")
	p.paragraph("Every type of block, with all that it takes and makes known. " +
		"What holds for all blocks alike, and how durations, sizes and modes are written, is in [the language](../docs/language.md).")
	p.item("[The agent block](agent.md)")
	p.item("[Functions](functions.md)")
	p.item("[Facts](facts.md)")
	p.item("[Commands](commands.md)")
	for _, name := range sortedKeys(in.Providers) {
		p.item("[The provider %s](%s)", name, providerPath(name))
	}
	byKind := make(map[plugin.Kind][]plugin.Type)
	for _, t := range in.Types {
		byKind[t.Ref.Kind] = append(byKind[t.Ref.Kind], t)
	}
	for _, kind := range kinds() {
		p.heading(2, strings.ToUpper(string(kind[:1]))+string(kind[1:])+"s")
		for _, t := range slices.SortedFunc(slices.Values(byKind[kind]), byName) {
			p.item("[%s](%s): %s", t.Ref.Name, typePath(t.Ref), firstSentence(t.Schema.Doc))
		}
	}
	return p.String()
}

func byName(a, b plugin.Type) int { return strings.Compare(a.Ref.Name, b.Ref.Name) }

// firstSentence ends at the first full stop that a capital follows.
func firstSentence(doc string) string {
	for i := range len(doc) - 2 {
		if doc[i] == '.' && doc[i+1] == ' ' && doc[i+2] >= 'A' && doc[i+2] <= 'Z' {
			return doc[:i+1]
		}
	}
	return doc
}

// example is one file of an example.
type example struct {
	name    string
	content string
}

func readExamples(examples fs.FS, ref plugin.TypeRef) ([]example, error) {
	entries, err := fs.ReadDir(examples, ref.String())
	if err != nil {
		return nil, fmt.Errorf("read the examples of %s: %w; each type needs one", ref, err)
	}
	var found []example
	for _, e := range entries {
		content, err := fs.ReadFile(examples, ref.String()+"/"+e.Name())
		if err != nil {
			return nil, fmt.Errorf("read the examples of %s: %w", ref, err)
		}
		found = append(found, example{e.Name(), string(content)})
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the folder of examples of %s is empty; each type needs one", ref)
	}
	return found, nil
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
