package jinja

import (
	"fmt"
	"regexp"
	"strings"
)

// quoting is how a scalar of YAML is written.
type quoting int

const (
	stylePlain quoting = iota
	styleSingle
	styleDouble
)

// yamlText is a scalar.
type yamlText struct {
	text      string
	style     quoting
	multiline bool
}

const yamlBlanks = "\x00 \t\r\n\u0085\u2028\u2029"

// yamlDate is what YAML takes for a date or a time.
var yamlDate = regexp.MustCompile(`^\d{4}-(\d{2}-\d{2}|\d\d?-\d\d?([Tt]|[ \t]+)\d\d?:\d{2}:\d{2}(\.\d*)?([ \t]*(Z|[-+]\d\d?(:\d{2})?))?)$`)

// traits are what decides how a string can be written.
type traits struct {
	flow, block      bool // has characters with a meaning in flow, in block style
	breaks, special  bool
	edge             bool // begins or ends in a blank or a line break
	breakThenBlank   bool
	blankBeforeBreak bool
}

// analyze decides how a string is written: plain where it reads back as the
// same string, in single quotes, or in double ones.
func (w *yamlWriter) analyze(s string) yamlText {
	t := traitsOf(s)
	out := yamlText{text: s, multiline: t.breaks}
	plain := !t.edge && !t.breakThenBlank && !t.blankBeforeBreak && !t.special && !t.breaks
	if w.level > 0 || w.flow == flowAlways {
		plain = plain && !t.flow
	} else {
		plain = plain && !t.block
	}
	switch {
	case plain && s != "" && readsAsString(s):
		out.style = stylePlain
	case t.breakThenBlank || t.blankBeforeBreak || t.special:
		out.style = styleDouble
	default:
		out.style = styleSingle
	}
	return out
}

func readsAsString(s string) bool {
	for _, form := range []*regexp.Regexp{yamlNull, yamlTruth, yamlInt, yamlDecimal, yamlDate} {
		if len(s) <= maxPlainForm && form.MatchString(s) {
			return false
		}
	}
	return s != "<<" && s != "="
}

func traitsOf(s string) traits {
	var t traits
	if strings.HasPrefix(s, "---") || strings.HasPrefix(s, "...") {
		t.flow, t.block = true, true
	}
	runes := []rune(s)
	afterBlank, previousSpace, previousBreak := true, false, false
	for i, c := range runes {
		beforeBlank := i+1 == len(runes) || strings.ContainsRune(yamlBlanks, runes[i+1])
		t.meaning(c, i == 0, afterBlank, beforeBlank)
		if !yamlPrintable(c) {
			t.special = true
		}
		isBreak := strings.ContainsRune("\n\u0085\u2028\u2029", c)
		if c == ' ' || isBreak {
			t.edge = t.edge || i == 0 || i == len(runes)-1
		}
		t.breaks = t.breaks || isBreak
		t.breakThenBlank = t.breakThenBlank || c == ' ' && previousBreak
		t.blankBeforeBreak = t.blankBeforeBreak || isBreak && previousSpace
		previousSpace, previousBreak = c == ' ', isBreak
		afterBlank = strings.ContainsRune(yamlBlanks, c)
	}
	return t
}

// meaning notes a character that has a meaning where it is.
func (t *traits) meaning(c rune, isFirst, afterBlank, beforeBlank bool) {
	switch {
	case isFirst && strings.ContainsRune("#,[]{}&*!|>'\"%@`", c), c == '-' && isFirst && beforeBlank, c == '#' && afterBlank:
		t.flow, t.block = true, true
	case c == ':', c == '?' && isFirst:
		t.flow, t.block = true, t.block || beforeBlank
	case !isFirst && strings.ContainsRune(",?[]{}", c):
		t.flow = true
	}
}

func yamlPrintable(c rune) bool {
	return c == '\n' || c >= ' ' && c <= '~' || c == 0x85 || c >= 0xa0 && c <= 0xd7ff || c >= 0xe000 && c <= 0xfffd && c != 0xfeff || c >= 0x10000
}

func (w *yamlWriter) scalar(s yamlText, indent int, isKey bool) {
	inner := w.deeper(indent, true)
	switch s.style {
	case stylePlain:
		w.plain(s.text, inner, isKey)
	case styleSingle:
		w.single(s.text, inner, isKey)
	default:
		w.double(s.text, inner, isKey)
	}
}

// plain writes words, and goes on in the next line where the line is full.
func (w *yamlWriter) plain(s string, indent int, isKey bool) {
	if !w.blank {
		w.put(" ")
	}
	w.blank, w.clean = false, false
	w.words(s, indent, isKey, false)
}

// words writes a text without line breaks. A single blank between words may
// become a line break.
func (w *yamlWriter) words(s string, indent int, isKey, quoted bool) {
	for i := 0; i < len(s); {
		n := strings.IndexByte(s[i:], ' ')
		if n < 0 {
			n = len(s) - i
		}
		w.put(s[i : i+n])
		i += n
		blanks := len(s[i:]) - len(strings.TrimLeft(s[i:], " "))
		if blanks == 1 && w.column > w.width && !isKey && (!quoted || i > 0 && i+1 < len(s)) {
			w.indentTo(indent)
			w.blank, w.clean = false, false
		} else {
			w.put(s[i : i+blanks])
		}
		i += blanks
	}
}

// single writes in single quotes, where a line break is written twice.
func (w *yamlWriter) single(s string, indent int, isKey bool) {
	w.indicator("'", true, false, false)
	s = strings.ReplaceAll(s, "'", "''")
	for s != "" {
		i := strings.IndexByte(s, '\n')
		if i < 0 {
			i = len(s)
		}
		w.words(s[:i], indent, isKey, true)
		s = s[i:]
		n := len(s) - len(strings.TrimLeft(s, "\n"))
		if n > 0 {
			for range n + 1 {
				w.newline()
			}
			w.indentTo(indent)
			w.blank, w.clean = false, false
		}
		s = s[n:]
	}
	w.indicator("'", false, false, false)
}

// doubleEscapes are those that have a letter.
const doubleEscapes = "\x000\aa\bb\tt\nn\vv\ff\rr\x1be\"\"\\\\\u0085N\u00a0_\u2028L\u2029P"

// double writes in double quotes, with escapes. A blank may become a line
// break.
func (w *yamlWriter) double(s string, indent int, isKey bool) {
	w.indicator(`"`, true, false, false)
	afterBlank := false
	for i, c := range s {
		switch {
		case strings.ContainsRune("\"\\\u0085\u2028\u2029\ufeff", c) || c == '\n' || !yamlPrintable(c):
			w.put(escapeYAML(c))
		case c == ' ' && !isKey && !afterBlank && w.column > w.width && i > 0 && i < len(s)-1:
			w.indentTo(indent)
			w.blank, w.clean = false, false
			if s[i+1] == ' ' {
				w.put(`\`)
			}
		default:
			w.put(string(c))
		}
		afterBlank = c == ' '
	}
	w.indicator(`"`, false, false, false)
}

func escapeYAML(c rune) string {
	letters := []rune(doubleEscapes)
	for i := 0; i < len(letters); i += 2 {
		if letters[i] == c {
			return `\` + string(letters[i+1])
		}
	}
	switch {
	case c <= 0xff:
		return fmt.Sprintf(`\x%02X`, c)
	case c <= 0xffff:
		return fmt.Sprintf(`\u%04X`, c)
	}
	return fmt.Sprintf(`\U%08X`, c)
}
