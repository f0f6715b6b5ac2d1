package docgen

import "strings"

// commandsPage is the page of the command line.
func commandsPage(commands []Command) string {
	p := newPage("Commands")
	p.paragraph("Flags come after the command, and are written with one dash or two. Results go to the standard output, progress and problems to the standard error. " +
		"Colour is used on terminals only, and never where `NO_COLOR` is set.")
	p.paragraph("The exit status is 0 when all went well, 1 after an error, 2 for changes where `-detailed-exitcode` asks for it, 3 where `fmt -check` found a file that is not formatted, 130 when it was interrupted, and 141 when what reads its standard output has gone: as `head` does, after which an apply begins no further step.")
	for _, c := range commands {
		p.heading(2, "driftless "+c.Name)
		p.paragraph(sentence(c.Usage))
		p.code("console", strings.Join(strings.Fields("driftless "+c.Name+flagsHint(c)+" "+c.Args), " "))
		p.more(c.More)
		for _, f := range c.Flags {
			p.flag(f)
		}
	}
	return p.String()
}

func flagsHint(c Command) string {
	if len(c.Flags) == 0 {
		return ""
	}
	return " [FLAGS]"
}

// more writes the paragraphs of a text that is made for a terminal.
func (p *page) more(text string) {
	for paragraph := range strings.SplitSeq(text, "\n\n") {
		switch {
		case paragraph == "":
		case paragraph[0] == ' ':
			p.code("console", strings.ReplaceAll(strings.TrimLeft(paragraph, " "), "\n  ", "\n"))
		default:
			p.paragraph(strings.ReplaceAll(paragraph, "\n", " "))
		}
	}
}

func (p *page) flag(f Flag) {
	name := "-" + f.Name
	if f.Value != "" {
		name += " " + f.Value
	}
	text := sentence(f.Usage)
	if f.Repeatable && !strings.Contains(f.Usage, "repeated") {
		text += " It may be repeated."
	}
	if f.Default != "" {
		text += " Default: `" + f.Default + "`."
	}
	if len(f.Env) > 0 {
		text += " Also set by `" + strings.Join(f.Env, "`, `") + "`."
	}
	p.item("`%s`: %s", name, text)
}

func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:] + "."
}
