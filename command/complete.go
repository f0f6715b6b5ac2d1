package command

import (
	"context"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"unicode"

	"github.com/urfave/cli/v3"
)

// completeCommand is what the scripts of the shells call, with the words of a
// command line up to the cursor. It is not for people, and not in the table.
const completeCommand = "__complete"

// pathsWanted tells a shell that it is to complete a path, which it knows
// better how to do.
const pathsWanted = ":path"

// complete writes what can stand where the last of the words does: a candidate
// and what it is, if there is something to say, with a tab between them, on each line. It keeps quiet about
// all that is wrong, as somebody is just typing.
func complete(ctx context.Context, w io.Writer, table []*cli.Command, words []string) {
	if len(words) == 0 {
		words = []string{""}
	}
	last := len(words) - 1
	c := &completer{ctx: ctx, table: table, values: make(map[string]string)}
	for _, word := range words[:last] {
		c.pass(word)
	}
	for _, found := range c.candidates(words[last]) {
		if found.text == pathsWanted || isPlain(found.text) {
			fmt.Fprintln(w, strings.TrimSuffix(found.text+"\t"+strings.Map(printable, firstSentence(found.doc)), "\t"))
		}
	}
}

// isPlain reports whether no shell would take a word apart or make anything
// else of it. Others are not offered.
func isPlain(word string) bool {
	return !strings.ContainsFunc(word, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("-_.,:=/@%+", r)
	})
}

func firstSentence(text string) string {
	if first, _, more := strings.Cut(text, ". "); more {
		return first + "."
	}
	return text
}

func printable(r rune) rune {
	if unicode.IsPrint(r) {
		return r
	}
	return ' '
}

// candidate is a word that can stand at the cursor.
type candidate struct{ text, doc string }

// completer follows a command line word by word.
type completer struct {
	ctx     context.Context
	table   []*cli.Command
	command *cli.Command      // nil before there is one
	values  map[string]string // of the flags so far
	args    int               // so far, beside flags
	pending cli.Flag          // whose value is the next word
	literal bool              // after --, where nothing is a flag
}

// pass goes on by a word.
func (c *completer) pass(word string) {
	switch {
	case c.pending != nil:
		c.values[c.pending.Names()[0]] = word
		c.pending = nil
	case c.command == nil:
		if i := slices.IndexFunc(c.table, func(known *cli.Command) bool { return known.Name == word }); i >= 0 {
			c.command = c.table[i]
		}
	case c.subcommand(word) != nil:
		c.command = c.subcommand(word)
	case word == "--":
		c.literal = true
	case c.isFlag(word):
		name, value, given := strings.Cut(strings.TrimLeft(word, "-"), "=")
		f, known := flagNamed(c.command, name)
		if !known {
			return
		}
		c.values[name] = value
		if !given && takesValue(f) {
			c.pending = f
		}
	default:
		c.args++
	}
}

// subcommand returns that of the command by its name, nil where there is none.
func (c *completer) subcommand(name string) *cli.Command {
	i := slices.IndexFunc(c.command.Commands, func(known *cli.Command) bool { return known.Name == name })
	if i < 0 || c.args > 0 || c.literal {
		return nil
	}
	return c.command.Commands[i]
}

func (c *completer) isFlag(word string) bool {
	return !c.literal && strings.HasPrefix(word, "-") && word != stdinPath
}

func takesValue(f cli.Flag) bool {
	doc, ok := f.(cli.DocGenerationFlag)
	return ok && doc.TakesValue()
}

// candidates returns what a word that has been begun can become.
func (c *completer) candidates(word string) []candidate {
	switch {
	case c.pending != nil:
		return c.flagValues(c.pending, "", word)
	case !c.literal && strings.HasPrefix(word, "-"):
		option, value, given := strings.Cut(word, "=")
		if !given {
			return startingWith(word, c.flags(word))
		}
		if f, ok := c.flagNamed(strings.TrimLeft(option, "-")); ok {
			return c.flagValues(f, option+"=", value)
		}
		return nil
	case c.command == nil:
		return startingWith(word, commandNames(c.table))
	}
	return c.argument(word)
}

func (c *completer) flagNamed(name string) (cli.Flag, bool) {
	if c.command == nil {
		return nil, false
	}
	return flagNamed(c.command, name)
}

func commandNames(table []*cli.Command) []candidate {
	var all []candidate
	for _, known := range table {
		all = append(all, candidate{known.Name, known.Usage})
	}
	return all
}

// flags returns the flags that aren't there yet, with as many dashes as the
// word has.
func (c *completer) flags(word string) []candidate {
	dashes := "-"
	if strings.HasPrefix(word, "--") {
		dashes = "--"
	}
	var all []candidate
	if c.command != nil {
		for _, f := range c.command.Flags {
			doc, ok := f.(cli.DocGenerationFlag)
			if _, given := c.values[f.Names()[0]]; !ok || given && !repeatable(f) {
				continue
			}
			_, usage := splitUsage(doc.GetUsage())
			text := dashes + f.Names()[0]
			if doc.TakesValue() {
				text += "="
			}
			all = append(all, candidate{text, usage})
		}
	}
	return append(all, candidate{dashes + "help", "show help"})
}

func repeatable(f cli.Flag) bool {
	multi, ok := f.(cli.DocGenerationMultiValueFlag)
	return ok && multi.IsMultiValueFlag()
}

// value returns what a flag is set to on the line or by the environment.
func (c *completer) value(name string) string {
	if value, given := c.values[name]; given {
		return value
	}
	if f, ok := c.flagNamed(name); ok {
		if doc, ok := f.(cli.DocGenerationFlag); ok {
			for _, variable := range doc.GetEnvVars() {
				if value := os.Getenv(variable); value != "" {
					return value
				}
			}
		}
	}
	return ""
}

// startingWith keeps the candidates that a word can become.
func startingWith(word string, all []candidate) []candidate {
	return slices.DeleteFunc(all, func(c candidate) bool {
		return c.text != pathsWanted && !strings.HasPrefix(c.text, word)
	})
}
