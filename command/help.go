package command

import (
	"context"
	"fmt"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config/lang"
)

// rootHelp is what driftless says without a command.
func rootHelp(commands []*cli.Command, v *view.View) string {
	var b strings.Builder
	b.WriteString("Usage: driftless COMMAND [OPTIONS]\n\nKeeps machines and clouds from drifting.\n\nCommands:\n")
	var rows [][2]string
	for _, c := range commands {
		rows = append(rows, [2]string{c.Name, c.Usage})
	}
	b.WriteString(v.Definitions(rows))
	b.WriteString("\n" + v.Paragraph("Options come after the command, and are written with one dash or two. Results go to the standard output, progress and problems to the standard error. More about a command:"))
	b.WriteString("\n  driftless COMMAND -help\n")
	return b.String()
}

// commandHelp is drawn from the table, as the reference pages are.
func commandHelp(c *cli.Command, name string, v *view.View) string {
	var b strings.Builder
	usage := "Usage: driftless " + name
	if len(c.Commands) > 0 {
		usage += " [COMMAND]"
	}
	if len(c.Flags) > 0 {
		usage += " [OPTIONS]"
	}
	if c.ArgsUsage != "" {
		usage += " " + c.ArgsUsage
	}
	b.WriteString(v.Paragraph(usage))
	b.WriteString("\n" + v.Paragraph(strings.ToUpper(c.Usage[:1])+c.Usage[1:]+"."))
	if c.Description != "" {
		b.WriteString("\n" + v.Paragraph(c.Description))
	}
	var rows [][2]string
	for _, sub := range c.Commands {
		rows = append(rows, [2]string{sub.Name, sub.Usage})
	}
	if len(rows) > 0 {
		b.WriteString("\nCommands:\n" + v.Definitions(rows))
	}
	rows = nil
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
		rows = append(rows, [2]string{name, usage + alternatives(doc)})
	}
	if len(rows) > 0 {
		b.WriteString("\nOptions:\n" + v.Definitions(rows))
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
	return usageError{flagError(c, err), nameOf(c)}
}

// flagError says in our words what is wrong with a flag.
func flagError(c *cli.Command, err error) string {
	text := err.Error()
	if _, name, found := strings.Cut(text, "flag provided but not defined: -"); found {
		return unknownFlag(c, strings.TrimLeft(name, "-"))
	}
	if name, found := strings.CutPrefix(text, "flag needs an argument: -"); found {
		return fmt.Sprintf("The option -%s needs a value. %s", strings.TrimLeft(name, "-"), howWritten(c, strings.TrimLeft(name, "-")))
	}
	var value, name string
	if n, _ := fmt.Sscanf(text, "invalid value %q for flag -%s", &value, &name); n == 2 {
		name = strings.TrimSuffix(name, ":")
		return fmt.Sprintf("The option -%s can't be %q. %s", name, value, howWritten(c, name))
	}
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

func unknownFlag(c *cli.Command, name string) string {
	var known []string
	for _, f := range c.Flags {
		known = append(known, f.Names()[0])
	}
	for _, sub := range c.Commands {
		if _, ok := flagNamed(sub, name); ok {
			return fmt.Sprintf("The option -%s comes after the command: driftless COMMAND -%[1]s", name)
		}
	}
	return fmt.Sprintf("There is no option -%s.%s", name, lang.Suggest(name, known))
}

// howWritten shows a flag with a value.
func howWritten(c *cli.Command, name string) string {
	f, ok := flagNamed(c, name)
	if !ok {
		return ""
	}
	switch f := f.(type) {
	case *cli.BoolFlag:
		return fmt.Sprintf("It takes no value: write -%s", name)
	case *cli.DurationFlag:
		return fmt.Sprintf("Write it with a unit, as in -%s=30s or -%[1]s=5m", name)
	case cli.DocGenerationFlag:
		placeholder, _ := splitUsage(f.GetUsage())
		return fmt.Sprintf("Write -%s=%s", name, placeholder)
	}
	return ""
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
		hint = fmt.Sprintf(" To name the configuration, write -config=%s", extra)
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
