package view

import "strings"

// Formatted names a file whose layout is not, or was not, the canonical one,
// with the difference where that isn't empty.
func (v *View) Formatted(name, difference string) {
	if v.json {
		m := message{"file": name}
		if difference != "" {
			m["diff"] = difference
		}
		v.message("info", "format", "Not formatted: "+name, m)
		return
	}
	v.Print("%s\n%s", visible(name), v.out.paintDiff(difference))
}

// FormattedText writes a file that has no name.
func (v *View) FormattedText(text []byte) {
	if v.json {
		v.message("info", "format", "Formatted", message{"text": string(text)})
		return
	}
	v.Print("%s", text)
}

// paintDiff makes a unified diff fit for a terminal. For a program it is left
// as it is, to the last byte.
func (s style) paintDiff(difference string) string {
	if s.width == 0 {
		return difference
	}
	var b strings.Builder
	for line := range strings.Lines(difference) {
		text := visible(strings.TrimSuffix(line, "\n"))
		switch {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			text = s.paint(bold, text)
		case line[0] == '@':
			text = s.paint(cyan, text)
		case line[0] == '-':
			text = s.paint(red, text)
		case line[0] == '+':
			text = s.paint(green, text)
		}
		b.WriteString(text + "\n")
	}
	return b.String()
}
