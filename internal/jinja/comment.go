package jinja

import (
	"fmt"
	"strings"
)

// commentStyles are those of Ansible: beginning, decoration and end by name.
func commentStyles() map[string][3]string {
	return map[string][3]string{
		"plain": {"", "# ", ""}, "erlang": {"", "% ", ""}, "c": {"", "// ", ""},
		"cblock": {"/*", " * ", " */"}, "xml": {"<!--", " - ", "-->"},
	}
}

func commentFilter() builtin {
	params := []param{opt("style", "plain")}
	for _, name := range []string{"beginning", "decoration", "end", "prefix", "postfix", "newline", "prefix_count", "postfix_count"} {
		params = append(params, opt(name, nil))
	}
	return ofText(comment, params...)
}

// commentParts are the arguments of comment after the style.
type commentParts struct {
	beginning, decoration, end, prefix, postfix, newline string
	prefixes, postfixes                                  int
}

func commentOf(r *run, a args) (p commentParts, err error) {
	name, err := a.string(r, 0)
	if err != nil {
		return p, err
	}
	style, ok := commentStyles()[name]
	if !ok {
		return p, fmt.Errorf("there is no style %q%s", name, didYouMean(name, commentStyles()))
	}
	p = commentParts{beginning: style[0], decoration: style[1], end: style[2], newline: "\n", prefixes: 1, postfixes: 1}
	if a.given[2] {
		if p.decoration, err = a.string(r, 2); err != nil {
			return p, err
		}
	}
	p.prefix = strings.TrimRight(p.decoration, " \t")
	p.postfix = p.prefix
	for i, field := range []*string{1: &p.beginning, 2: &p.decoration, 3: &p.end, 4: &p.prefix, 5: &p.postfix, 6: &p.newline} {
		if i == 0 || !a.given[i] {
			continue
		}
		if *field, err = a.string(r, i); err != nil {
			return p, err
		}
	}
	for i, field := range map[int]*int{7: &p.prefixes, 8: &p.postfixes} {
		if !a.given[i] {
			continue
		}
		if *field, err = a.int(i); err != nil {
			return p, err
		}
		*field = max(0, min(*field, maxWidth))
	}
	return p, nil
}

// comment makes a comment of a text.
func comment(r *run, s string, a args) (any, error) {
	p, err := commentOf(r, a)
	if err != nil {
		return nil, err
	}
	lines := strings.Count(s, p.newline)
	size := len(s) + (lines+1)*len(p.decoration) + p.prefixes*len(p.prefix+p.newline) + p.postfixes*len(p.postfix+p.newline)
	if err := r.takeString(size + len(p.beginning+p.end+p.newline+p.newline)); err != nil {
		return nil, err
	}
	var b strings.Builder
	if p.beginning != "" {
		b.WriteString(p.beginning + p.newline)
	}
	switch p.prefix {
	case "":
	case p.newline:
		b.WriteString(strings.Repeat(p.newline, p.prefixes))
	default:
		b.WriteString(strings.Repeat(p.prefix+p.newline, p.prefixes))
	}
	text := p.decoration + strings.ReplaceAll(s, p.newline, p.newline+p.decoration)
	b.WriteString(strings.ReplaceAll(text, p.decoration+p.newline, strings.TrimRight(p.decoration, " \t")+p.newline))
	b.WriteString(strings.Repeat(p.newline+p.postfix, p.postfixes))
	if p.end != "" {
		b.WriteString(p.newline + p.end)
	}
	return b.String(), nil
}
