package main

import (
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/internal/docgen"
)

// commands takes from the table of commands what the pages say.
func commands(table []*cli.Command) []docgen.Command {
	var all []docgen.Command
	for _, c := range withSubcommands(table) {
		command := docgen.Command{Name: c.Name, Usage: c.Usage, More: c.Description, Args: c.ArgsUsage}
		for _, f := range c.Flags {
			command.Flags = append(command.Flags, flag(f))
		}
		all = append(all, command)
	}
	return all
}

// withSubcommands puts after each command those below it, under their full
// names.
func withSubcommands(table []*cli.Command) []*cli.Command {
	var all []*cli.Command
	for _, c := range table {
		all = append(all, c)
		for _, sub := range c.Commands {
			sub.Name = c.Name + " " + sub.Name
			all = append(all, sub)
		}
	}
	return all
}

func flag(f cli.Flag) docgen.Flag {
	out := docgen.Flag{Name: f.Names()[0]}
	documented, ok := f.(cli.DocGenerationFlag)
	if !ok {
		return out
	}
	out.Env = documented.GetEnvVars()
	out.Value, out.Usage = placeholder(documented.GetUsage())
	if multi, ok := f.(cli.DocGenerationMultiValueFlag); ok && multi.IsMultiValueFlag() {
		out.Repeatable = true
	} else if documented.TakesValue() {
		out.Default = strings.Trim(documented.GetValue(), `"`)
	}
	return out
}

// placeholder takes the name of the value from a usage text, in which it
// stands between backquotes.
func placeholder(usage string) (name, text string) {
	before, rest, found := strings.Cut(usage, "`")
	if !found {
		return "", usage
	}
	name, after, _ := strings.Cut(rest, "`")
	return name, before + name + after
}
