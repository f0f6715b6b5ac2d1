package syntax

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// offset returns the byte that a node begins at. The parser counts characters
// in lines; going on from the node before keeps long lines from being counted
// again and again.
func (r *yamlReader) offset(n *yaml.Node) int {
	line := min(max(n.Line, 1), len(r.lines))
	if line != r.cursor.line || n.Column < r.cursor.column {
		r.cursor.line, r.cursor.column, r.cursor.offset = line, 1, r.lines[line-1]
	}
	for r.cursor.column < n.Column && r.cursor.offset < len(r.text) {
		_, size := utf8.DecodeRuneInString(r.text[r.cursor.offset:])
		r.cursor.offset += size
		r.cursor.column++
	}
	return r.cursor.offset
}

// start returns the byte that the value of a node begins at, after the anchor
// and the tag.
func (r *yamlReader) start(n *yaml.Node) int {
	at := r.offset(n)
	if n.Anchor == "" && n.Style&yaml.TaggedStyle == 0 {
		return at
	}
	for at < len(r.text) && (r.text[at] == '&' || r.text[at] == '!') {
		at += len(r.text[at:]) - len(strings.TrimLeftFunc(r.text[at:], func(c rune) bool { return !strings.ContainsRune(spaces+",[]{}", c) }))
		at = r.skipSpace(at)
	}
	return min(at, len(r.text))
}

// endOf returns the byte after a value that is written at a node, which for an
// alias is not where the value is written.
func (r *yamlReader) endOf(n *yaml.Node, value node, before int) int {
	if n.Kind == yaml.AliasNode {
		return r.offset(n) + len("*") + len(n.Value)
	}
	return max(before, value.where().end)
}

// close returns the byte after a sequence or mapping whose last value ends at
// a byte. In the flow style a bracket follows.
func (r *yamlReader) close(n *yaml.Node, end int) int {
	if n.Style&yaml.FlowStyle == 0 {
		return end
	}
	at := r.skipSpace(end)
	for at < len(r.text) && strings.IndexByte(",:?", r.text[at]) >= 0 {
		at = r.skipSpace(at + 1)
	}
	if at < len(r.text) && strings.IndexByte("]}", r.text[at]) >= 0 {
		return at + 1
	}
	return end
}

// lineOf returns what is on a line, without the white space around it.
func (r *yamlReader) lineOf(line int) span {
	line = min(max(line, 1), len(r.lines))
	start := r.lines[line-1]
	text := strings.TrimRight(r.text[start:r.lineEnd(start)], spaces)
	indent := len(text) - len(strings.TrimLeft(text, spaces))
	return span{start + indent, start + len(text)}
}

var (
	yamlErrorLine    = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)
	yamlUnknownAlias = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// afterLine are the errors that the YAML parser counts the lines of from 0.
var afterLine = []string{
	"did not find expected key",
	"did not find expected node content",
	"did not find expected '-' indicator",
	"did not find expected ',' or ']'",
	"did not find expected ',' or '}'",
	"did not find expected <document start>",
}

// explain makes a positioned error of one of the YAML parser's.
func (r *yamlReader) explain(err error) error {
	parts := yamlErrorLine.FindStringSubmatch(err.Error())
	if parts == nil {
		return fmt.Errorf("the YAML parser says: %w", err)
	}
	line, message := 1, parts[2]
	if n, err := strconv.Atoi(parts[1]); err == nil {
		line = n
		if slices.Contains(afterLine, message) {
			line++
		}
	}
	at := r.lineOf(line)
	if alias := yamlUnknownAlias.FindStringSubmatch(message); alias != nil {
		if i := strings.Index(r.text, "*"+alias[1]); i >= 0 {
			at = span{i, i + len("*") + len(alias[1])}
		}
		// The name is left out: it may be a password that begins with an asterisk.
		message = "an alias stands for an anchor that there is not. Write text that begins with an asterisk in quotes"
	}
	if indent := r.text[r.lines[r.pos(at.start).Line-1]:at.start]; strings.Contains(indent, "\t") {
		return fault(at, "Invalid YAML", "The line is indented with a tab. YAML is indented with spaces only.")
	}
	return fault(at, "Invalid YAML", "At or after this line the YAML is not well-formed: %s.", message)
}
