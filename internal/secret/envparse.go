package secret

import (
	"fmt"
	"strings"
	"unicode/utf8"
)

// parseEnv reads the lines of an env file:
//
//	# a comment
//	DB_PASSWORD=s3cret             # spaces around the value are not part of it
//	export API_TOKEN="two words"   # \n \r \t \" \\ and \$ are escapes
//	SSH_KEY='-----BEGIN ...        # taken literally, over several lines
//	...'
//
// Nothing is expanded. Errors name lines and variables, never a value.
func parseEnv(text string) (map[string]string, error) {
	text = strings.TrimPrefix(text, "\ufeff")
	if !utf8.ValidString(text) || strings.Contains(text, "\x00") {
		return nil, fmt.Errorf("it is not text in UTF-8")
	}
	p := envParser{rest: text, line: 1}
	values := make(map[string]string)
	for p.nextLine() {
		line := p.line
		name, value, err := p.assignment()
		if err != nil {
			return nil, fmt.Errorf("line %d: %w", line, err)
		}
		if _, ok := values[name]; ok {
			return nil, fmt.Errorf("line %d: %s was given a value before; keep one of the two lines", line, name)
		}
		values[name] = value
	}
	return values, nil
}

// envParser stands at a place in the text.
type envParser struct {
	rest string
	line int
}

// nextLine goes to the next line that says something.
func (p *envParser) nextLine() bool {
	for p.rest != "" {
		line, after, _ := strings.Cut(p.rest, "\n")
		if trimmed := strings.TrimSpace(line); trimmed != "" && trimmed[0] != '#' {
			return true
		}
		p.rest = after
		p.line++
	}
	return false
}

func (p *envParser) assignment() (name, value string, err error) {
	line, _, _ := strings.Cut(p.rest, "\n")
	before, _, found := strings.Cut(line, "=")
	if !found {
		return "", "", fmt.Errorf("there is no \"=\"; write NAME=VALUE")
	}
	p.rest = p.rest[len(before)+1:]
	name = strings.TrimSpace(before)
	if after, ok := strings.CutPrefix(name, "export"); ok && strings.TrimLeft(after, " \t") != after {
		name = strings.TrimSpace(after)
	}
	if err := CheckName(name); err != nil {
		return "", "", fmt.Errorf("what stands before the \"=\" is no name: use letters, digits and underscores, and no digit first")
	}
	value, err = p.value()
	if err != nil {
		return "", "", fmt.Errorf("%s: %w", name, err)
	}
	return name, value, nil
}

func (p *envParser) value() (string, error) {
	p.rest = strings.TrimLeft(p.rest, " \t")
	if p.rest == "" || p.rest[0] != '\'' && p.rest[0] != '"' {
		line := p.toLineEnd()
		if i := commentStart(line); i >= 0 {
			line = line[:i]
		}
		return strings.TrimSpace(line), nil
	}
	value, length, err := quoted(p.rest)
	if err != nil {
		return "", err
	}
	p.line += strings.Count(p.rest[:length], "\n")
	p.rest = p.rest[length:]
	if after := strings.TrimSpace(p.toLineEnd()); after != "" && after[0] != '#' {
		return "", fmt.Errorf("something follows the closing quote; put quotes around the whole value, and \\\" for a quote in it")
	}
	return value, nil
}

// toLineEnd returns what is left of the line and goes to the next.
func (p *envParser) toLineEnd() string {
	line, after, _ := strings.Cut(p.rest, "\n")
	p.rest = after
	p.line++
	return line
}

// commentStart is where a comment begins: at a # with a space before it. In
// "pass#word" the # is part of the value.
func commentStart(line string) int {
	for i := range len(line) {
		if line[i] == '#' && (i == 0 || line[i-1] == ' ' || line[i-1] == '\t') {
			return i
		}
	}
	return -1
}

// quoted reads a value in quotes and returns how many bytes it takes.
func quoted(text string) (value string, length int, err error) {
	quote := text[0]
	var out strings.Builder
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == quote:
			return out.String(), i + 1, nil
		case text[i] == '\\' && quote == '"' && i+1 < len(text):
			i++
			unescaped, ok := unescape(text[i])
			if !ok {
				return "", 0, fmt.Errorf("there is no such escape after a backslash; within double quotes write \\\\ for a backslash, or put the value in single quotes")
			}
			out.WriteByte(unescaped)
		default:
			out.WriteByte(text[i])
		}
	}
	return "", 0, fmt.Errorf("the quote that begins the value is never closed")
}

func unescape(c byte) (byte, bool) {
	switch c {
	case 'n':
		return '\n', true
	case 'r':
		return '\r', true
	case 't':
		return '\t', true
	case '"', '\\', '$', '\'':
		return c, true
	}
	return 0, false
}
