package syntax

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// The numbers of YAML 1.2, without leading zeros: what has these, such as the
// mode of a file, is no quantity, and stays as it is written.
var (
	yamlNumber  = regexp.MustCompile(`^[-+]?(0|[1-9][0-9]*)?(\.[0-9]*)?([eE][-+]?[0-9]+)?$`)
	yamlBase    = regexp.MustCompile(`^0(o[0-7]+|x[0-9a-fA-F]+)$`)
	yamlNoValue = regexp.MustCompile(`^([-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))$`)
)

// scalar turns a scalar into a string, a number, a bool or null, as it says.
func (r *yamlReader) scalar(n *yaml.Node, start int) (node, error) {
	s := r.locate(n, start)
	if n.Style&^yaml.FlowStyle != 0 { // quoted, or tagged to be a string
		return r.str(s)
	}
	switch text := n.Value; text {
	case "", "~", "null", "Null", "NULL":
		return &nullNode{s.span}, r.count(1, s.span)
	case "true", "True", "TRUE", "false", "False", "FALSE":
		return &boolNode{s.span, text[0]|0x20 == 't'}, r.count(1, s.span)
	default:
		return r.plain(s)
	}
}

// plain reads a text without quotes.
func (r *yamlReader) plain(s *stringNode) (node, error) {
	if strings.IndexByte("+-.0123456789", s.text[0]) < 0 {
		return r.str(s)
	}
	switch {
	case yamlBase.MatchString(s.text):
		return r.number(s.span, s.text)
	case yamlNumber.MatchString(s.text) && strings.ContainsAny(s.text, "0123456789"):
		return r.number(s.span, s.text)
	case yamlNoValue.MatchString(s.text):
		return nil, fault(s.span, "Number out of range", "A number must be finite. Write %q in quotes if a string is meant.", s.text)
	}
	return r.str(s)
}

// key reads the key of a mapping, which is a string whatever it looks like.
func (r *yamlReader) key(n *yaml.Node) (*stringNode, error) {
	at := r.start(n)
	if n.Kind != yaml.ScalarNode {
		return nil, fault(span{at, at + 1}, "Unsupported key", "The key of a mapping must be a string. A value that begins with { or [ is written in quotes.")
	}
	if err := r.checkTag(n, at); err != nil {
		return nil, err
	}
	key, err := r.str(r.locate(n, at))
	if err == nil && n.Anchor != "" {
		r.anchored[n] = expansion{node: key, nodes: 1}
	}
	return key, err
}

// locate finds out where a scalar is written.
func (r *yamlReader) locate(n *yaml.Node, start int) *stringNode {
	if n.Value == "" {
		start = max(start, r.last) // what isn't written, the parser may place before what is
	}
	s := &stringNode{span: span{start, start}, text: n.Value, content: start}
	switch {
	case n.Style&yaml.DoubleQuotedStyle != 0:
		s.content, s.escapes = start+1, backslash
	case n.Style&yaml.SingleQuotedStyle != 0:
		s.content, s.escapes = start+1, doubledQuote
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		s.content = min(r.lineEnd(start)+1, len(r.text))
	}
	if s.verbatim(r.text) {
		s.end = s.content + len(s.text)
	} else {
		_, s.end = r.align(s.text, s.content, s.escapes)
	}
	if s.escapes != plain {
		rest := strings.TrimLeft(r.text[s.end:], spaces)
		s.end = min(len(r.text)-len(rest)+1, len(r.text)) // the closing quote
	}
	r.last = s.end
	return s
}

// checkTag refuses the tags that ask for a type of some programming language,
// and those that would change the meaning of a value.
func (r *yamlReader) checkTag(n *yaml.Node, value int) error {
	if n.Style&yaml.TaggedStyle == 0 {
		return nil
	}
	switch {
	case n.Tag == "!!str" && n.Kind == yaml.ScalarNode,
		n.Tag == "!!map" && n.Kind == yaml.MappingNode,
		n.Tag == "!!seq" && n.Kind == yaml.SequenceNode:
		return nil
	}
	start := r.offset(n)
	at := span{start, start + len(strings.TrimRight(r.text[start:value], spaces))}
	return fault(at, "Unsupported tag", "The tag %s is not supported here. Leave it out, or use !!str for a string.", n.Tag)
}
