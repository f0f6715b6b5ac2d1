package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// kind is what a token is.
type kind int

const (
	kindEnd       kind = iota // of the template
	kindData                  // text between the tags
	kindOutput                // {{
	kindOutputEnd             // }}
	kindBlock                 // {%
	kindBlockEnd              // %}
	kindName
	kindString
	kindInteger
	kindFloat
	kindOperator
)

type token struct {
	kind kind
	text string // of a string, without quotes and escapes
	at   place
}

// is reports whether t is the operator or the name that is given.
func (t token) is(text string) bool {
	return (t.kind == kindOperator || t.kind == kindName) && t.text == text
}

func (t token) String() string {
	switch t.kind {
	case kindEnd:
		return "the end of the template"
	case kindData:
		return "text"
	case kindString:
		return "a string"
	}
	return `"` + t.text + `"`
}

// lexer takes a template apart as Jinja2 does with the settings of Ansible:
// the newline after a tag goes, blanks before one stay.
type lexer struct {
	name    string
	text    string
	pos     int
	line    int // of mark
	column  int
	mark    int // up to where line and column have been counted
	setting settings
	tokens  []token
}

func lex(name, text string) ([]token, error) {
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	l := &lexer{name: name, text: text, line: 1, column: 1, setting: settings{trimBlocks: true, keepNewline: true}}
	if err := l.header(); err != nil {
		return nil, err
	}
	if !l.setting.keepNewline {
		l.text = strings.TrimSuffix(l.text, "\n")
	}
	for l.pos < len(l.text) {
		if err := l.next(); err != nil {
			return nil, err
		}
	}
	l.emit(kindEnd, "", len(l.text))
	return l.tokens, nil
}

// at returns the place of an offset. It goes on from the last one asked for,
// and begins anew only for an error before that.
func (l *lexer) at(offset int) place {
	if offset < l.mark {
		l.mark, l.line, l.column = 0, 1, 1
	}
	passed := l.text[l.mark:offset]
	if n := strings.Count(passed, "\n"); n > 0 {
		l.line += n
		l.column = 1
		passed = passed[strings.LastIndexByte(passed, '\n')+1:]
	}
	l.column += utf8.RuneCountInString(passed)
	l.mark = offset
	return place{l.name, l.line, l.column}
}

func (l *lexer) emit(k kind, text string, offset int) {
	l.tokens = append(l.tokens, token{k, text, l.at(offset)})
}

// next reads text up to a tag, and the tag.
func (l *lexer) next() error {
	start := l.pos
	tag := l.findTag()
	data := l.text[start:tag]
	if tag == len(l.text) {
		l.pos = tag
		l.data(data, start)
		return nil
	}
	opening, sign := l.text[tag:tag+2], byte(0)
	if tag+2 < len(l.text) && (l.text[tag+2] == '-' || l.text[tag+2] == '+') {
		sign = l.text[tag+2]
	}
	switch {
	case sign == '-':
		data = strings.TrimRightFunc(data, unicode.IsSpace)
	case sign == 0 && l.setting.lstripBlocks && opening != "{{":
		data = l.withoutIndent(data, start)
	}
	l.data(data, start)
	l.pos = tag + 2
	if sign == '-' || sign == '+' && opening != "{{" {
		l.pos++
	}
	switch opening {
	case "{#":
		return l.comment(tag)
	case "{%":
		if done, err := l.raw(tag); done || err != nil {
			return err
		}
		l.emit(kindBlock, "{%", tag)
		return l.expression(tag, "%}", kindBlockEnd)
	}
	l.emit(kindOutput, "{{", tag)
	return l.expression(tag, "}}", kindOutputEnd)
}

// findTag returns where the next tag begins.
func (l *lexer) findTag() int {
	for i := l.pos; ; i++ {
		brace := strings.IndexByte(l.text[i:], '{')
		if brace < 0 || i+brace+1 >= len(l.text) {
			return len(l.text)
		}
		i += brace
		if c := l.text[i+1]; c == '{' || c == '%' || c == '#' {
			return i
		}
	}
}

func (l *lexer) data(text string, offset int) {
	if text != "" {
		l.emit(kindData, text, offset)
	}
}

// withoutIndent cuts the blanks between the beginning of the line and a tag.
func (l *lexer) withoutIndent(data string, start int) string {
	line := strings.LastIndexByte(data, '\n') + 1
	if line == 0 && start > 0 && l.text[start-1] != '\n' || strings.TrimSpace(data[line:]) != "" {
		return data
	}
	return data[:line]
}

// afterTag skips what the end of a tag, which had the sign, takes with it.
func (l *lexer) afterTag(sign byte, newline bool) {
	switch {
	case sign == '-':
		for l.pos < len(l.text) {
			c, size := utf8.DecodeRuneInString(l.text[l.pos:])
			if !unicode.IsSpace(c) {
				return
			}
			l.pos += size
		}
	case sign != '+' && newline && l.setting.trimBlocks && strings.HasPrefix(l.text[l.pos:], "\n"):
		l.pos++
	}
}

func (l *lexer) comment(tag int) error {
	end := strings.Index(l.text[l.pos:], "#}")
	if end < 0 {
		return invalid(l.at(tag), "the comment is not closed; end it with #}")
	}
	sign := byte(0)
	if end > 0 {
		sign = l.text[l.pos+end-1]
	}
	l.pos += end + 2
	l.afterTag(sign, true)
	return nil
}

// raw reads a raw block as text. It reports whether there is one.
func (l *lexer) raw(tag int) (bool, error) {
	rest := l.text[l.pos:]
	inner := strings.TrimLeftFunc(rest, unicode.IsSpace)
	inner, ok := strings.CutPrefix(inner, "raw")
	inner = strings.TrimLeftFunc(inner, unicode.IsSpace)
	body, dash := strings.CutPrefix(inner, "-%}")
	if !dash {
		var plain bool
		body, plain = strings.CutPrefix(inner, "%}")
		ok = ok && plain
	}
	if !ok {
		return false, nil
	}
	l.pos = len(l.text) - len(body)
	if dash {
		l.afterTag('-', false)
	}
	start := l.pos
	for end := start; ; end += 2 {
		i := strings.Index(l.text[end:], "{%")
		if i < 0 {
			return false, invalid(l.at(tag), "the raw block is not closed; end it with {%% endraw %%}")
		}
		end += i
		if l.endRaw(start, end) {
			return true, nil
		}
	}
}

// endRaw ends a raw block at a tag, if that is its end.
func (l *lexer) endRaw(start, tag int) bool {
	rest := l.text[tag+2:]
	before := byte(0)
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		before, rest = rest[0], rest[1:]
	}
	rest, ok := strings.CutPrefix(strings.TrimLeftFunc(rest, unicode.IsSpace), "endraw")
	rest = strings.TrimLeftFunc(rest, unicode.IsSpace)
	after := byte(0)
	if rest != "" && (rest[0] == '-' || rest[0] == '+') {
		after, rest = rest[0], rest[1:]
	}
	if !ok || !strings.HasPrefix(rest, "%}") {
		return false
	}
	data := l.text[start:tag]
	switch {
	case before == '-':
		data = strings.TrimRightFunc(data, unicode.IsSpace)
	case before == 0 && l.setting.lstripBlocks:
		data = l.withoutIndent(data, start)
	}
	l.data(data, start)
	l.pos = len(l.text) - len(rest) + 2
	l.afterTag(after, true)
	return true
}
