package command

import (
	"cmp"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/urfave/cli/v3"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/addr"
)

// flagValues returns what the value of a flag can become. The prefix is what
// comes before the value in the same word.
func (c *completer) flagValues(f cli.Flag, prefix, value string) []candidate {
	if !takesValue(f) {
		return nil
	}
	var all []candidate
	if fixed, ok := f.(*choice); ok {
		all = plain(fixed.words)
	} else {
		placeholder, _ := splitUsage(f.(cli.DocGenerationFlag).GetUsage())
		all = c.named(placeholder, value)
	}
	all = startingWith(value, all)
	for i := range all {
		if all[i].text != pathsWanted {
			all[i].text = prefix + all[i].text
		}
	}
	return all
}

// argument returns what an argument that is not a flag can become. The usage
// of the command says what it is: the names of words that can stand there
// themselves are written small, those of what they stand for in capitals.
func (c *completer) argument(word string) []candidate {
	if len(c.command.Commands) > 0 {
		return startingWith(word, commandNames(c.command.Commands))
	}
	fields := strings.Fields(strings.Trim(c.command.ArgsUsage, "[]"))
	many := len(fields) > 0 && fields[len(fields)-1] == "..."
	if many {
		fields = fields[:len(fields)-1]
	}
	at := c.args
	if many {
		at = min(at, len(fields)-1)
	}
	if at < 0 || at >= len(fields) {
		return nil
	}
	name := strings.Trim(fields[at], "[].")
	if name == strings.ToLower(name) {
		return startingWith(word, plain(strings.Split(name, "|")))
	}
	return startingWith(word, c.named(name, word))
}

// named returns all that goes by a name in the usage of commands and flags.
func (c *completer) named(placeholder, value string) []candidate {
	switch placeholder {
	case "FILE", "PATH", "DIR", "PLANFILE":
		return []candidate{{text: pathsWanted}}
	case "ADDR", "ADDRESS":
		return c.addresses()
	case "TAG", "TAGS":
		return inList(value, c.tags())
	case "NAME=VALUE":
		return c.variables()
	case "GROUP":
		return c.facts()
	case "TYPE":
		return c.types()
	}
	return nil
}

func plain(words []string) []candidate {
	var all []candidate
	for _, word := range words {
		all = append(all, candidate{text: word})
	}
	return all
}

// inList makes candidates ones for the last element of a list with commas.
func inList(list string, all []candidate) []candidate {
	before := list[:strings.LastIndexByte(list, ',')+1]
	for i := range all {
		all[i].text = before + all[i].text
	}
	return all
}

// config reads the blocks of the configuration that the line is about, and
// nothing else: no expression is evaluated.
func (c *completer) config() *config.Config {
	path := c.value("config")
	if rest, ok := strings.CutPrefix(path, "~/"); ok {
		if home, err := os.UserHomeDir(); err == nil {
			path = filepath.Join(home, rest)
		}
	}
	path, err := configPath(path)
	if err != nil {
		return &config.Config{}
	}
	cfg, _ := config.Load(path) // as much as can be read of it
	return cfg
}

func (c *completer) addresses() []candidate {
	var all []candidate
	for _, a := range slices.SortedFunc(maps.Keys(c.config().Blocks), addr.Compare) {
		all = append(all, candidate{text: a.String()})
	}
	return all
}

func (c *completer) variables() []candidate {
	var all []candidate
	for name, v := range c.config().Variables {
		all = append(all, candidate{name + "=", v.Doc})
	}
	return byText(all)
}

func (c *completer) tags() []candidate {
	seen := make(map[string]bool)
	for _, b := range c.config().Blocks {
		content, _, _ := b.Body.PartialContent(&hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "tags"}}})
		attr, ok := content.Attributes["tags"]
		if !ok {
			continue
		}
		elements, _ := hcl.ExprList(attr.Expr) // one that is computed is passed over
		for _, element := range elements {
			if v, diags := element.Value(nil); !diags.HasErrors() && v.Type() == cty.String && v.IsKnown() && !v.IsNull() {
				seen[v.AsString()] = true
			}
		}
	}
	return plain(slices.Sorted(maps.Keys(seen)))
}

func (c *completer) types() []candidate {
	types, err := Types(c.ctx)
	if err != nil {
		return nil
	}
	var all []candidate
	for _, t := range types {
		all = append(all, candidate{t.Ref.String(), t.Schema.Doc})
	}
	return byText(all)
}

func (c *completer) facts() []candidate {
	var all []candidate
	for _, group := range factGroups() {
		all = append(all, candidate{group.Name, group.Doc})
	}
	return all
}

func byText(all []candidate) []candidate {
	slices.SortFunc(all, func(a, b candidate) int { return cmp.Compare(a.text, b.text) })
	return all
}
