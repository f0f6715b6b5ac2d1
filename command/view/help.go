package view

import (
	"cmp"
	"strings"
	"unicode/utf8"
)

// helpWidth is how wide help is where it goes to no terminal, but to a pager
// for example.
const helpWidth = 80

// narrowHelp is the width below which the two columns of definitions stand
// below each other.
const narrowHelp = 60

func (v *View) help() style {
	return style{width: cmp.Or(v.out.width, helpWidth)}
}

// Paragraph breaks the lines of a help text, each a paragraph of its own. Lines
// that begin with a space are kept as they are.
func (v *View) Paragraph(text string) string { return v.help().wrap(text, 0) + "\n" }

// Definitions lays out names and what they mean, in two columns where there is
// room for that.
func (v *View) Definitions(rows [][2]string) string {
	column := 0
	for _, row := range rows {
		column = max(column, utf8.RuneCountInString(row[0]))
	}
	s := v.help()
	var b strings.Builder
	for _, row := range rows {
		if s.width < narrowHelp {
			b.WriteString("  " + row[0] + "\n      " + s.hang(row[1], 6) + "\n")
			continue
		}
		gap := strings.Repeat(" ", column-utf8.RuneCountInString(row[0])+2)
		b.WriteString("  " + row[0] + gap + s.hang(row[1], column+4) + "\n")
	}
	return b.String()
}
