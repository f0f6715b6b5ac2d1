package config_test

import (
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/config"
)

func TestAnExpressionGoesOnWhileSomethingIsOpen(t *testing.T) {
	tests := map[string]struct {
		text            string
		unclosed, blank bool
	}{
		"nothing":                            {"", false, true},
		"a comment":                          {"# [\n", false, true},
		"a whole expression":                 {"[1, 2]\n", false, false},
		"an open bracket":                    {"[1,\n", true, false},
		"an open call":                       {"upper(\n", true, false},
		"an open object":                     {"{\n a = 1\n", true, false},
		"brackets in a string":               {"\"[{(\"\n", false, false},
		"brackets in a comment":              {"1 # [\n", false, false},
		"an open interpolation":              {"\"a ${\n", true, false},
		"an open directive":                  {"\"%{ if true\n", true, false},
		"an open heredoc":                    {"<<EOT\n[\n", true, false},
		"a heredoc that has ended":           {"<<EOT\n[\nEOT\n", false, false},
		"one bracket too many":               {"]\n", false, false},
		"a string that is never closed":      {"\"a\n", false, false},
		"what isn't UTF-8":                   {"[\xff\n", false, false},
		"more brackets than a file may have": {strings.Repeat("[", 300), false, false},
		"what is larger than a file may be":  {strings.Repeat(" ", 1<<20) + "[\n", false, false},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if got := config.Unclosed([]byte(test.text)); got != test.unclosed {
				t.Errorf("Unclosed = %t, want %t", got, test.unclosed)
			}
			if got := config.Blank([]byte(test.text)); got != test.blank {
				t.Errorf("Blank = %t, want %t", got, test.blank)
			}
		})
	}
}

// An expression that can be parsed is one that asks for no more lines.
func FuzzWhatCanBeParsedIsNotUnclosed(f *testing.F) {
	for _, text := range []string{"[1, 2]", "\"${[\"}\"]}\"", "<<EOT\n${[1]}\nEOT\n", "{ a = \"%{ if true }[%{ endif }\" }", "(1)", "# [", "a[*]", "\"$${\""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		src := []byte(text + "\n")
		_, diags := config.ParseExpression(src, "input")
		if unclosed := config.Unclosed(src); unclosed && !diags.HasErrors() {
			t.Errorf("%q can be parsed, and waits for more lines", text)
		}
		if config.Blank(src) && !diags.HasErrors() {
			t.Errorf("%q can be parsed, and is passed over", text)
		}
	})
}
