package terraform

import (
	"regexp"
	"strings"
	"unicode"
)

// maxDetail bounds what is kept of an error, in bytes.
const maxDetail = 2000

// escape finds what colours a text on a terminal.
var escape = regexp.MustCompile("\x1b\\[[0-9;]*[A-Za-z]")

// printable leaves out what a terminal would obey. Diagnostics hold what
// providers and the code make of them.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' {
			return -1
		}
		return r
	}, escape.ReplaceAllString(s, ""))
}

// plainText takes the frame off a diagnostic that is meant for a terminal.
func plainText(s string) string {
	var lines []string
	for line := range strings.Lines(s) {
		if line = unframed(line); line != "" {
			lines = append(lines, line)
		}
	}
	return shorten(strings.Join(lines, " "), maxDetail)
}

func unframed(line string) string { return strings.TrimSpace(strings.TrimLeft(line, "╷│╵ \t")) }

// diagnosticsIn returns the errors of a text that is meant for a terminal.
func diagnosticsIn(text string) []diagnostic {
	var found []diagnostic
	detailed := false // the lines are those of the last error
	for line := range strings.Lines(text) {
		line = unframed(line)
		summary, isError := strings.CutPrefix(line, "Error: ")
		switch {
		case isError:
			found = append(found, diagnostic{Severity: "error", Summary: summary})
			detailed = true
		case strings.HasPrefix(line, "Warning: "):
			detailed = false
		case detailed && line != "":
			last := &found[len(found)-1]
			last.Detail = strings.TrimSpace(last.Detail + " " + line)
		}
	}
	return found
}

func shorten(s string, limit int) string {
	if len(s) <= limit {
		return s
	}
	return strings.ToValidUTF8(s[:limit], "") + "…"
}
