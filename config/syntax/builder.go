package syntax

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/scanner"
)

// The limits of one file, beside its size. A tree is never larger than a file
// of the native syntax may be.
const (
	maxDepth    = 200
	maxNodes    = 500_000
	maxTemplate = 128 << 10 // bytes: the native lexer needs a hundred times as much
	maxReports  = 20        // problems that are shown of one file
)

// A builder makes the tree of one file and gathers what is wrong with it.
type builder struct {
	*source
	nodes int
	diags hcl.Diagnostics
}

// A positioned error ends the reading of a file.
type positioned struct {
	at              span
	summary, detail string
}

func (e *positioned) Error() string { return e.summary + ": " + e.detail }

func fault(at span, summary, detail string, args ...any) error {
	return &positioned{at, summary, fmt.Sprintf(detail, args...)}
}

var errTooManyProblems = errors.New("too many problems")

// read runs a reader and reports the error that it ended with.
func (b *builder) read(read reader) node {
	err := b.checkText()
	var root node
	if err == nil {
		root, err = read(b)
	}
	if err == nil {
		err = b.checkRoot(root)
	}
	var p *positioned
	switch {
	case errors.As(err, &p):
		b.diags = append(b.diags, b.diagnostic(p))
	case err != nil && !errors.Is(err, errTooManyProblems):
		b.diags = append(b.diags, b.diagnostic(&positioned{span{b.first, b.first}, "Invalid file", err.Error() + "."}))
	}
	return root
}

func (b *builder) diagnostic(p *positioned) *hcl.Diagnostic {
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: p.summary, Detail: p.detail, Subject: b.at(p.at).Ptr()}
}

// report notes a problem that the reading goes on after.
func (b *builder) report(diags ...*hcl.Diagnostic) error {
	b.diags = append(b.diags, diags...)
	if len(b.diags) >= maxReports {
		return errTooManyProblems
	}
	return nil
}

func (b *builder) checkRoot(root node) error {
	switch n := root.(type) {
	case *objectNode, *nullNode:
		return nil
	case *arrayNode:
		for _, item := range n.items {
			if _, ok := item.(*objectNode); !ok {
				return fault(item.where(), "Incorrect value type", "Each item of a list that is a whole file must be an object of blocks.")
			}
		}
		return nil
	}
	return fault(root.where(), "Incorrect value type", "A file must hold an object of blocks.")
}

// count makes room for n more nodes.
func (b *builder) count(n int, at span) error {
	if b.nodes += n; b.nodes > maxNodes {
		return fault(at, "Too many values", "A file may hold at most %d values. Split it into several files.", maxNodes)
	}
	return nil
}

// enter checks the depth of an object or array.
func (b *builder) enter(depth int, at span) error {
	if depth > maxDepth {
		return fault(at, "Nesting too deep", "Values may be nested at most %d deep.", maxDepth)
	}
	return b.count(1, at)
}

// add adds a member to an object, unless there is one of that name.
func (b *builder) add(o *objectNode, key *stringNode, value node) error {
	if first := o.find(key.text); first != nil {
		if key.text == commentKey {
			return nil
		}
		return b.duplicate(key.span, key.text, first.key.span)
	}
	o.set(key, value)
	return nil
}

func (b *builder) duplicate(at span, key string, first span) error {
	return b.report(b.diagnostic(&positioned{at, "Duplicate key", fmt.Sprintf(
		"The key %q is already written at %s. Write a key once in an object; several blocks of one type go into a list.", key, b.at(first))}))
}

// str finishes a string, whose template, if it has one, is guarded here so
// that nothing later can reach the native parser with too much.
func (b *builder) str(s *stringNode) (*stringNode, error) {
	if err := b.count(1, s.span); err != nil {
		return nil, err
	}
	if !isTemplate(s.text) {
		return s, nil
	}
	if len(s.text) > maxTemplate {
		return nil, fault(s.span, "Template too large", "A string with a template may have at most %d KiB. Put the text into a file and read it with templatefile.", maxTemplate>>10)
	}
	diags := b.guard([]byte(s.text), b.name, scanner.Template)
	if len(diags) == 0 {
		return s, nil
	}
	b.originOf(s).relocateDiagnostics(diags)
	return s, b.report(diags...)
}

// isTemplate reports whether a text may mean something else than itself.
func isTemplate(text string) bool {
	return strings.Contains(text, "${") || strings.Contains(text, "%{")
}
