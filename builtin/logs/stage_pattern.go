package logs

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"unicode/utf8"

	"github.com/driftless-hq/driftless/plugin/event"
)

// pattern is a regular expression with a string that every match contains, if
// there is one: a search for it rules out most texts at a small part of the
// cost.
type pattern struct {
	re      *regexp.Regexp
	literal []byte
	whole   bool // the literal is all there is to match
}

func newPattern(expr string) (*pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %w", expr, err)
	}
	tree, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil, fmt.Errorf("%q is not a regular expression: %w", expr, err)
	}
	literal := requiredLiteral(tree)
	return &pattern{re: re, literal: []byte(literal), whole: tree.Op == syntax.OpLiteral && literal != ""}, nil
}

func newPatterns(exprs []string) ([]*pattern, error) {
	patterns := make([]*pattern, len(exprs))
	for k, expr := range exprs {
		var err error
		if patterns[k], err = newPattern(expr); err != nil {
			return nil, err
		}
	}
	return patterns, nil
}

// requiredLiteral returns the longest string found that is part of every
// match.
func requiredLiteral(tree *syntax.Regexp) string {
	switch tree.Op {
	case syntax.OpLiteral:
		// U+FFFD also matches bytes that are not UTF-8.
		if tree.Flags&syntax.FoldCase == 0 && !slices.Contains(tree.Rune, utf8.RuneError) {
			return string(tree.Rune)
		}
	case syntax.OpCapture, syntax.OpPlus:
		return requiredLiteral(tree.Sub[0])
	case syntax.OpRepeat:
		if tree.Min > 0 {
			return requiredLiteral(tree.Sub[0])
		}
	case syntax.OpConcat:
		longest := ""
		for _, sub := range tree.Sub {
			if literal := requiredLiteral(sub); len(literal) > len(longest) {
				longest = literal
			}
		}
		return longest
	}
	return ""
}

// mayMatch is false only for a text that can't match.
func (p *pattern) mayMatch(text []byte) bool { return bytes.Contains(text, p.literal) }

func (p *pattern) match(text []byte) bool {
	return p.mayMatch(text) && (p.whole || p.re.Match(text))
}

var (
	errNoMatch  = errors.New("the text does not match the pattern")
	errNoGroups = errors.New("it has no named group, such as (?P<user>\\w+), so it would make no field")
)

// regexParser makes fields of the named groups of a pattern.
type regexParser struct {
	pattern *pattern
	names   []string // by group, empty for one without a name
	field   *event.Ref
	name    string
}

func newRegexParser(expr, field string) (*regexParser, error) {
	p, err := newPattern(expr)
	if err != nil {
		return nil, err
	}
	parser := &regexParser{pattern: p, names: p.re.SubexpNames(), name: field}
	if field != "" {
		parser.field = event.NewRef(field)
	}
	for _, name := range parser.names {
		if name != "" {
			return parser, nil
		}
	}
	return nil, errNoGroups
}

func (p *regexParser) parse(b *event.Batch, i int) error {
	text, err := p.text(b, i)
	if err != nil {
		return err
	}
	if !p.pattern.mayMatch(text) {
		return errNoMatch
	}
	groups := p.pattern.re.FindSubmatchIndex(text)
	if groups == nil {
		return errNoMatch
	}
	p.consume(b, i)
	for k, name := range p.names {
		if start := groups[2*k]; name != "" && start >= 0 {
			b.Set(i, b.Intern(name), event.BytesValue(text[start:groups[2*k+1]]))
		}
	}
	return nil
}

func (p *regexParser) text(b *event.Batch, i int) ([]byte, error) {
	if p.field != nil {
		v := p.field.Field(b, i)
		if v.Kind() != event.String {
			return nil, errNoSuchField
		}
		return v.Text(), nil
	}
	body, ok := b.Body(i)
	if !ok {
		return nil, errNoText
	}
	return body, nil
}

var errNoText = errors.New("the event has no text to parse")

// consume takes away the text that the groups are about to replace.
func (p *regexParser) consume(b *event.Batch, i int) {
	if p.field == nil {
		b.Parsed(i, false)
		return
	}
	if id, ok := b.Lookup(p.name); ok {
		b.Unset(i, id)
	}
}
