// Package jinja renders Jinja2 templates with the filters and tests of
// Ansible. It follows Python where a template can tell: 7 // -2 is -4, None in
// a list prints as None, and a missing variable is an error as soon as
// something is made of it.
//
//	text, err := jinja.Render(ctx, jinja.Template{
//		Name: "motd.j2", Text: "Welcome to {{ host | upper }}\n", MaxResult: 1 << 20,
//	}, cty.ObjectVal(map[string]cty.Value{"host": cty.StringVal("web1")}))
//
// A template is code of its own, and may be hostile: what it may take of time,
// memory and stack is bounded, and it can't see the host, the environment, the
// clock or chance.
package jinja

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/zclconf/go-cty/cty"
)

// Template is a text to render.
type Template struct {
	// Name says in errors where the text is from.
	Name string
	Text string
	// Load returns the text of another template, by the name that an include,
	// an import or an extends gives. Nil means that there are no others.
	Load func(name string) (string, error)
	// MaxResult is how many bytes the result may have.
	MaxResult int
}

// Error is what is wrong with a template, and where. It shows nothing of the
// values of variables, which may be secret, but for the names in them.
type Error struct {
	Summary string // a fixed phrase
	Name    string // of the template
	Line    int    // from 1; 0 where no place is known
	Column  int    // in characters, from 1
	Detail  string // without a full stop

	cause error
}

// Error implements error.
func (e *Error) Error() string {
	if e.Line == 0 {
		return fmt.Sprintf("%s: %s", e.Name, e.Detail)
	}
	return fmt.Sprintf("%s, line %d, column %d: %s", e.Name, e.Line, e.Column, e.Detail)
}

// Unwrap returns what a Load function failed with, or the context.
func (e *Error) Unwrap() error { return e.cause }

// The summaries of errors.
const (
	summaryInvalid = "Invalid template"
	summaryFailed  = "Template failed"
	summaryMissing = "Missing template variable"
	summaryLimit   = "Template takes too much"
)

// Render returns what t renders to with the variables of vars, an object or a
// map whose parts are all known and none of them marked. Its errors are of
// type [*Error].
func Render(ctx context.Context, t Template, vars cty.Value) (text string, err error) {
	defer func() {
		// The evaluator checks what it is given. Should a check be missing,
		// that costs one rendering and not the process.
		if p := recover(); p != nil {
			text, err = "", &Error{Summary: summaryFailed, Name: t.Name, Detail: fmt.Sprintf("the template can't be rendered: %v", p)}
		}
	}()
	r := newRun(ctx, t)
	globals, err := r.globals(vars)
	if err != nil {
		return "", r.located(err, place{name: t.Name})
	}
	parsed, err := r.parse(t.Name, t.Text)
	if err != nil {
		return "", err
	}
	out := &output{run: r}
	if _, err := r.renderTemplate(parsed, newScope(globals), out); err != nil {
		return "", r.located(err, place{name: t.Name})
	}
	return out.String(), nil
}

// place is where something is in a template.
type place struct {
	name         string
	line, column int
}

// located turns err into an [*Error], at p unless it has a place already.
func (r *run) located(err error, p place) error {
	if _, ok := errors.AsType[*Error](err); ok {
		return err
	}
	e := &Error{Summary: summaryFailed, Name: p.name, Line: p.line, Column: p.column, Detail: strings.TrimSuffix(err.Error(), "."), cause: err}
	if limit, ok := errors.AsType[*limitError](err); ok {
		e.Summary, e.Detail = summaryLimit, limit.what
	}
	if missing, ok := errors.AsType[*missingError](err); ok {
		e.Summary, e.Detail = summaryMissing, missing.Error()
		if at := missing.value.at; at.line > 0 {
			e.Name, e.Line, e.Column = at.name, at.line, at.column
		}
	}
	return e
}

func invalid(p place, format string, args ...any) *Error {
	return &Error{Summary: summaryInvalid, Name: p.name, Line: p.line, Column: p.column, Detail: strings.TrimSuffix(fmt.Sprintf(format, args...), ".")}
}

// parse reads a template, with the settings of its first line.
func (r *run) parse(name, text string) (*template, error) {
	if !utf8.ValidString(text) {
		return nil, invalid(place{name: name}, "the template is not UTF-8 text")
	}
	if err := r.take(parseWork * len(text)); err != nil {
		return nil, r.located(err, place{name: name})
	}
	tokens, err := lex(name, text)
	if err != nil {
		return nil, err
	}
	return newParser(r, name, tokens).template()
}
