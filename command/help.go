package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/config/lang"
)

// rootHelp is what driftless says without a command.
func rootHelp(commands []*cli.Command) string {
	var b strings.Builder
	b.WriteString("Usage: driftless COMMAND [OPTIONS]\n\nKeeps machines and clouds from drifting.\n\nCommands:\n")
	for _, c := range commands {
		fmt.Fprintf(&b, "  %-10s %s\n", c.Name, c.Usage)
	}
	b.WriteString("\nOptions are written with one dash or two. Results go to the standard output,\n" +
		"progress and problems to the standard error. More about a command:\n\n  driftless COMMAND -help\n")
	return b.String()
}

// commandHelp is drawn from the table, as the reference pages are.
func commandHelp(c *cli.Command, name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "Usage: driftless %s", name)
	if len(c.Commands) > 0 {
		b.WriteString(" [COMMAND]")
	}
	if len(c.Flags) > 0 {
		b.WriteString(" [OPTIONS]")
	}
	if c.ArgsUsage != "" {
		b.WriteString(" " + c.ArgsUsage)
	}
	fmt.Fprintf(&b, "\n\n%s.\n", strings.ToUpper(c.Usage[:1])+c.Usage[1:])
	if c.Description != "" {
		fmt.Fprintf(&b, "\n%s\n", c.Description)
	}
	if len(c.Commands) > 0 {
		b.WriteString("\nCommands:\n")
	}
	for _, sub := range c.Commands {
		fmt.Fprintf(&b, "  %-10s %s\n", sub.Name, sub.Usage)
	}
	if len(c.Flags) > 0 {
		b.WriteString("\nOptions:\n")
	}
	for _, f := range c.Flags {
		doc, ok := f.(cli.DocGenerationFlag)
		if !ok {
			continue
		}
		placeholder, usage := splitUsage(doc.GetUsage())
		name := "-" + f.Names()[0]
		if placeholder != "" {
			name += "=" + placeholder
		}
		fmt.Fprintf(&b, "  %-23s %s%s\n", name, usage, alternatives(doc))
	}
	return b.String()
}

// splitUsage takes the name of a flag's value, which is in backquotes, out of
// its usage.
func splitUsage(usage string) (placeholder, text string) {
	before, rest, found := strings.Cut(usage, "`")
	placeholder, after, closed := strings.Cut(rest, "`")
	if !found || !closed {
		return "", usage
	}
	return placeholder, before + placeholder + after
}

// alternatives says what holds where a flag isn't given.
func alternatives(f cli.DocGenerationFlag) string {
	text := ""
	if value := strings.Trim(f.GetDefaultText(), `"`); f.TakesValue() && value != "" {
		text += fmt.Sprintf(" (default %s)", value)
	}
	if names := f.GetEnvVars(); len(names) > 0 {
		text += fmt.Sprintf(" [$%s]", strings.Join(names, ", $"))
	}
	return text
}

// usageError is a mistake in how a command was called.
type usageError struct {
	text    string
	command string // to ask for help about; empty for driftless itself
}

func (e usageError) Error() string {
	name := "driftless"
	if e.command != "" {
		name += " " + e.command
	}
	return fmt.Sprintf("%s\n\nMore about it: %s -help", e.text, name)
}

// onUsageError makes the error of a flag one that suggests what was meant.
func onUsageError(_ context.Context, c *cli.Command, err error, _ bool) error {
	text := strings.ToUpper(err.Error()[:1]) + err.Error()[1:] + "."
	if _, name, found := strings.Cut(err.Error(), "flag provided but not defined: -"); found {
		var known []string
		for _, f := range c.Flags {
			known = append(known, f.Names()...)
		}
		text = fmt.Sprintf("There is no option -%s.%s", strings.TrimLeft(name, "-"), lang.Suggest(strings.TrimLeft(name, "-"), known))
	}
	return usageError{text, nameOf(c)}
}

// nameOf returns what a command is called by, without the program: empty for
// the program itself.
func nameOf(c *cli.Command) string { return strings.Join(c.Path()[1:], " ") }

func unknownCommand(c *cli.Command, name string) error {
	var known []string
	for _, sub := range c.Commands {
		known = append(known, sub.Name)
	}
	return usageError{fmt.Sprintf("There is no command %q.%s", strings.TrimSpace(nameOf(c)+" "+name), lang.Suggest(name, known)), nameOf(c)}
}

// checkArgs refuses arguments that a command would pass over.
func checkArgs(c *cli.Command) error {
	allowed := len(strings.Fields(c.ArgsUsage))
	if c.Args().Len() <= allowed || strings.Contains(c.ArgsUsage, "...") {
		return nil
	}
	extra := c.Args().Get(allowed)
	if len(c.Commands) > 0 {
		return unknownCommand(c, extra)
	}
	hint := ""
	if _, ok := flagNamed(c, "config"); ok && allowed == 0 {
		hint = fmt.Sprintf(" To name the configuration, write -config=%s.", extra)
	}
	return usageError{fmt.Sprintf("The argument %q is one too many.%s", extra, hint), nameOf(c)}
}

func flagNamed(c *cli.Command, name string) (cli.Flag, bool) {
	for _, f := range c.Flags {
		if f.Names()[0] == name {
			return f, true
		}
	}
	return nil, false
}
