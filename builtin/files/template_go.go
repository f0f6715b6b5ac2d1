package files

import (
	"bytes"
	"errors"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"strings"
	"text/template"

	"github.com/zclconf/go-cty/cty"
)

// renderGo renders with text/template and its built-in functions.
func renderGo(path string, text []byte, vars cty.Value) ([]byte, error) {
	const name = "template"
	parsed, err := template.New(name).Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, goError(path, err)
	}
	data := map[string]any{}
	for key, value := range variables(vars) {
		data[key] = goValue(value)
	}
	var out bounded
	if err := parsed.Execute(&out, data); err != nil {
		return nil, goError(path, err)
	}
	return out.Bytes(), nil
}

// goValue is a value as a template of Go handles it.
func goValue(v cty.Value) any {
	switch t := v.Type(); {
	case v.IsNull():
		return nil
	case t == cty.String:
		return v.AsString()
	case t == cty.Bool:
		return v.True()
	case t == cty.Number:
		f := v.AsBigFloat()
		if n, accuracy := f.Int64(); f.IsInt() && accuracy == big.Exact {
			return n
		}
		n, _ := f.Float64()
		return n
	case t.IsObjectType() || t.IsMapType():
		out := map[string]any{}
		for key, element := range variables(v) {
			out[key] = goValue(element)
		}
		return out
	case v.CanIterateElements():
		out := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, element := it.Element()
			out = append(out, goValue(element))
		}
		return out
	}
	return nil
}

var goErrorPlace = regexp.MustCompile(`^template: template:(\d+)(?::(\d+))?: (?:executing "template" at )?`)

// goError takes the place out of an error's text, which is the only form
// that text/template gives it in.
func goError(path string, err error) error {
	e := &templateError{summary: "Invalid template", path: path, detail: err.Error()}
	if strings.Contains(e.detail, "map has no entry for key") {
		e.summary = "Missing template variable"
	}
	place := goErrorPlace.FindStringSubmatch(e.detail)
	if place == nil {
		return e
	}
	e.detail = strings.TrimPrefix(e.detail, place[0])
	e.line, _ = strconv.Atoi(place[1]) // digits, by the expression
	e.column = 1
	if column, err := strconv.Atoi(place[2]); err == nil {
		e.column = column + 1 // counted from 0 there
	}
	return e
}

// bounded takes as much as a rendered file may have.
type bounded struct{ bytes.Buffer }

var errTooLarge = errors.New("the template renders to more than 16 MiB")

// Write implements [io.Writer].
func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > maxRendered {
		return 0, fmt.Errorf("write the result: %w", errTooLarge)
	}
	return b.Buffer.Write(p)
}
