package view

import "testing"

func TestADiffIsPaintedForATerminalOnly(t *testing.T) {
	const difference = "--- a\n+++ a\n@@ -1,2 +1,2 @@\n same\n-old\r\n+new\n"
	tests := []struct {
		name  string
		style style
		want  string
	}{
		{"a program gets each byte", style{}, difference},
		{"a terminal gets colours, and no control characters of the file", style{color: true, width: 80},
			"\x1b[1m--- a\x1b[0m\n\x1b[1m+++ a\x1b[0m\n\x1b[36m@@ -1,2 +1,2 @@\x1b[0m\n same\n\x1b[31m-old\u240d\x1b[0m\n\x1b[32m+new\x1b[0m\n"},
		{"a terminal without colour", style{width: 80}, "--- a\n+++ a\n@@ -1,2 +1,2 @@\n same\n-old\u240d\n+new\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := test.style.paintDiff(difference); got != test.want {
				t.Errorf("got %q\nwant %q", got, test.want)
			}
		})
	}
}
