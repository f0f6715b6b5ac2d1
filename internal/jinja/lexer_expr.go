package jinja

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// operators, longest first.
var operators = [...]string{
	"**", "//", "==", "!=", "<=", ">=",
	"+", "-", "*", "/", "%", "~", "<", ">", "=", ".", ",", ":", ";", "|", "(", ")", "[", "]", "{", "}",
}

// expression reads the tokens of a tag up to its closing.
func (l *lexer) expression(tag int, closing string, end kind) error {
	var open []byte // brackets that are not closed
	for {
		for l.pos < len(l.text) && isBlank(l.text[l.pos]) {
			l.pos++
		}
		rest := l.text[l.pos:]
		if rest == "" {
			return invalid(l.at(tag), "the tag is not closed; end it with %s", closing)
		}
		if len(open) == 0 && l.closes(rest, closing, end) {
			return nil
		}
		start := l.pos
		switch c := rest[0]; {
		case c == '"' || c == '\'':
			if err := l.quoted(c); err != nil {
				return err
			}
		case c >= '0' && c <= '9':
			l.number()
		case isNameStart(rest):
			l.pos += nameLength(rest)
			l.emit(kindName, l.text[start:l.pos], start)
		default:
			operator := operatorAt(rest)
			if operator == "" {
				r, _ := utf8.DecodeRuneInString(rest)
				return invalid(l.at(start), "unexpected character %q", r)
			}
			var err error
			if open, err = l.balance(open, operator); err != nil {
				return err
			}
			l.pos += len(operator)
			l.emit(kindOperator, operator, start)
		}
	}
}

// closes ends the tag if rest begins with its closing.
func (l *lexer) closes(rest, closing string, end kind) bool {
	sign := byte(0)
	if rest[0] == '-' || rest[0] == '+' && end == kindBlockEnd {
		sign = rest[0]
		rest = rest[1:]
	}
	if !strings.HasPrefix(rest, closing) {
		return false
	}
	l.emit(end, closing, l.pos)
	l.pos = len(l.text) - len(rest) + len(closing)
	l.afterTag(sign, end == kindBlockEnd)
	return true
}

// balance keeps the open brackets, so that }} within a dict is not the end.
func (l *lexer) balance(open []byte, operator string) ([]byte, error) {
	switch operator {
	case "(", "[", "{":
		return append(open, operator[0]), nil
	case ")", "]", "}":
		want := map[string]byte{")": '(', "]": '[', "}": '{'}[operator]
		if len(open) == 0 {
			return nil, invalid(l.at(l.pos), "there is no bracket that %q closes", operator)
		}
		if last := open[len(open)-1]; last != want {
			return nil, invalid(l.at(l.pos), "%q does not close %q", operator, string(last))
		}
		return open[:len(open)-1], nil
	}
	return open, nil
}

func operatorAt(rest string) string {
	for _, operator := range operators {
		if strings.HasPrefix(rest, operator) {
			return operator
		}
	}
	return ""
}

func isBlank(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\v' || c == '\f' }

func isNameStart(s string) bool {
	r, _ := utf8.DecodeRuneInString(s)
	return r == '_' || unicode.IsLetter(r)
}

func nameLength(s string) int {
	for i, r := range s {
		if r != '_' && !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return i
		}
	}
	return len(s)
}

// number reads an integer or a float. Whether it is a valid one the parser
// says.
func (l *lexer) number() {
	start, k := l.pos, kindInteger
	digits := func() {
		for l.pos < len(l.text) && (isAlphanumeric(l.text[l.pos]) || l.text[l.pos] == '_') {
			if c := l.text[l.pos]; (c == 'e' || c == 'E') && !strings.HasPrefix(l.text[start:], "0x") && !strings.HasPrefix(l.text[start:], "0X") {
				k = kindFloat
				if next := l.pos + 1; next < len(l.text) && (l.text[next] == '+' || l.text[next] == '-') {
					l.pos++
				}
			}
			l.pos++
		}
	}
	digits()
	if l.pos+1 < len(l.text) && l.text[l.pos] == '.' && l.text[l.pos+1] >= '0' && l.text[l.pos+1] <= '9' && k == kindInteger {
		k = kindFloat
		l.pos++
		digits()
	}
	l.emit(k, strings.ReplaceAll(l.text[start:l.pos], "_", ""), start)
}

func isAlphanumeric(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

// quoted reads a string.
func (l *lexer) quoted(quote byte) error {
	start := l.pos
	for i := start + 1; i < len(l.text); i++ {
		switch l.text[i] {
		case '\\':
			i++
		case quote:
			text, err := unescape(l.text[start+1 : i])
			if err != "" {
				return invalid(l.at(start), "the string has an invalid escape: %s", err)
			}
			l.pos = i + 1
			l.emit(kindString, text, start)
			return nil
		}
	}
	return invalid(l.at(start), "the string is not closed; end it with %c", quote)
}
