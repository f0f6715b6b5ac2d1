package jinja

import (
	"strconv"
	"strings"
	"unicode/utf8"
)

// simpleEscapes are those of a string of Python that stand for one character.
const simpleEscapes = "\\\\''\"\"a\ab\bf\fn\nr\rt\tv\v"

// unescape replaces the escapes of a string of Python. A backslash that begins
// none stays. What is wrong comes as the second result.
func unescape(s string) (text, problem string) {
	var b strings.Builder
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 == len(s) {
			b.WriteString(s)
			return b.String(), ""
		}
		b.WriteString(s[:i])
		c := s[i+1]
		s = s[i+2:]
		if j := strings.IndexByte(simpleEscapes, c); j >= 0 && j%2 == 0 {
			b.WriteByte(simpleEscapes[j+1])
			continue
		}
		switch {
		case c == '\n':
		case c == 'x' || c == 'u' || c == 'U':
			width := map[byte]int{'x': 2, 'u': 4, 'U': 8}[c]
			if len(s) < width {
				return "", `\` + string(c) + " needs " + strconv.Itoa(width) + " hexadecimal digits"
			}
			n, err := strconv.ParseUint(s[:width], 16, 32)
			if err != nil || n > utf8.MaxRune {
				return "", `\` + string(c) + s[:width] + " is no character"
			}
			b.WriteRune(rune(n))
			s = s[width:]
		case c >= '0' && c <= '7':
			width := 0
			for width < 2 && width < len(s) && s[width] >= '0' && s[width] <= '7' {
				width++
			}
			n, _ := strconv.ParseUint(string(c)+s[:width], 8, 32) // digits, by the loop
			b.WriteRune(rune(n))
			s = s[width:]
		default:
			b.WriteByte('\\')
			b.WriteByte(c)
		}
	}
}
