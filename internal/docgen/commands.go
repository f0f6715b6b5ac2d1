package docgen

import "strings"

// commandsPage is the page of the command line.
func commandsPage(commands []Command) string {
	p := newPage("Commands")
	p.paragraph("Flags are written with one dash or two. Results go to the standard output, progress and problems to the standard error. " +
		"Colour is used on terminals only, and never where `NO_COLOR` is set.")
	p.paragraph("The exit status is 0 when all went well, 1 after an error, 2 for changes where `-detailed-exitcode` asks for it, and 130 when it was interrupted.")
	for _, c := range commands {
		p.heading(2, "driftless "+c.Name)
		p.paragraph(sentence(c.Usage))
		p.code("console", strings.TrimSpace("driftless "+c.Name+" [FLAGS] "+c.Args))
		for _, f := range c.Flags {
			p.flag(f)
		}
	}
	return p.String()
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
