package jinja

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"
)

// codecFilters are those that write and read formats.
func codecFilters() map[string]builtin {
	jsonParams := []param{opt("indent", nil), opt("sort_keys", false), opt("ensure_ascii", true), opt("separators", nil)}
	niceParams := []param{opt("indent", int64(4)), opt("sort_keys", true), opt("ensure_ascii", true), opt("separators", newTuple(",", ": "))}
	yamlParams := []param{opt("default_flow_style", nil), opt("indent", int64(2)), opt("sort_keys", true), opt("width", int64(80)), opt("explicit_start", false), opt("explicit_end", false)}
	niceYAML := []param{opt("indent", int64(4)), opt("default_flow_style", false), opt("sort_keys", true), opt("width", int64(80)), opt("explicit_start", false), opt("explicit_end", false)}
	return map[string]builtin{
		"b64encode":     ofText(b64Encode, opt("encoding", "utf-8")),
		"b64decode":     ofText(b64Decode, opt("encoding", "utf-8")),
		"to_json":       {params: jsonParams, f: toJSON},
		"to_nice_json":  {params: niceParams, f: toJSON},
		"tojson":        {params: []param{opt("indent", nil)}, f: toHTMLJSON},
		"from_json":     ofText(func(r *run, s string, _ args) (any, error) { return r.fromJSON(s) }),
		"to_yaml":       {params: yamlParams, f: toYAML(0, 1)},
		"to_nice_yaml":  {params: niceYAML, f: toYAML(1, 0)},
		"from_yaml":     simple(func(r *run, v any) (any, error) { return fromYAML(r, v, false) }),
		"from_yaml_all": simple(func(r *run, v any) (any, error) { return fromYAML(r, v, true) }),
	}
}

func onlyUTF8(r *run, a args) error {
	name, err := a.string(r, 0)
	if err != nil {
		return err
	}
	if name = strings.ReplaceAll(strings.ToLower(name), "_", "-"); name != "utf-8" && name != "utf8" && name != "ascii" {
		return fmt.Errorf("the encoding is utf-8, and not %q", name)
	}
	return nil
}

func b64Encode(r *run, s string, a args) (any, error) {
	if err := onlyUTF8(r, a); err != nil {
		return nil, err
	}
	return base64.StdEncoding.EncodeToString([]byte(s)), r.takeString(len(s)*4/3 + 4)
}

func b64Decode(r *run, s string, a args) (any, error) {
	if err := onlyUTF8(r, a); err != nil {
		return nil, err
	}
	decoded, err := base64.StdEncoding.DecodeString(strings.NewReplacer("\n", "", "\r", "", " ", "").Replace(s))
	if err != nil {
		return nil, errors.New("the string is not valid base64")
	}
	if !utf8.Valid(decoded) {
		return nil, errors.New("the decoded bytes are not UTF-8 text, which is all that a template can hold")
	}
	return string(decoded), r.takeString(len(decoded))
}

func toJSON(r *run, v any, a args) (any, error) {
	style := jsonStyle{comma: ", ", colon: ": "}
	var err error
	if style.sorted, err = a.bool(1); err != nil {
		return nil, err
	}
	if style.ascii, err = a.bool(2); err != nil {
		return nil, err
	}
	if a.values[0] != nil {
		if style.indent, err = indentOf(r, a, 0); err != nil {
			return nil, err
		}
		style.pretty, style.comma = true, ","
	}
	if a.values[3] != nil {
		two, err := r.asList(a.values[3])
		if err != nil {
			return nil, err
		}
		if len(two) != 2 {
			return nil, errors.New("the separators are two strings")
		}
		comma, ok1 := two[0].(string)
		colon, ok2 := two[1].(string)
		if !ok1 || !ok2 {
			return nil, errors.New("the separators are two strings")
		}
		style.comma, style.colon = comma, colon
	}
	return r.toJSON(v, style)
}

// indentOf returns the blanks of one level.
func indentOf(r *run, a args, i int) (string, error) {
	if s, ok := a.values[i].(string); ok {
		return s, r.takeString(len(s))
	}
	n, err := a.int(i)
	if err != nil {
		return "", err
	}
	if n > 100 {
		return "", errors.New("the indent is at most 100")
	}
	return strings.Repeat(" ", max(0, n)), nil
}

// toHTMLJSON is the filter of Jinja2 itself, which is safe within HTML.
func toHTMLJSON(r *run, v any, a args) (any, error) {
	style := jsonStyle{comma: ", ", colon: ": ", sorted: true, ascii: true, htmlSafe: true}
	if a.values[0] != nil {
		var err error
		if style.indent, err = indentOf(r, a, 0); err != nil {
			return nil, err
		}
		style.pretty, style.comma = true, ","
	}
	return r.toJSON(v, style)
}

// toYAML makes the two filters, of which two parameters are in another order.
func toYAML(flow, indent int) func(*run, any, args) (any, error) {
	return func(r *run, v any, a args) (any, error) {
		style := yamlStyle{}
		var err error
		if a.values[flow] != nil {
			all, err := a.bool(flow)
			if err != nil {
				return nil, err
			}
			style.flow = flowNever
			if all {
				style.flow = flowAlways
			}
		}
		for i, field := range map[int]*int{indent: &style.indent, 3: &style.width} {
			if *field, err = a.int(i); err != nil {
				return nil, err
			}
		}
		for i, field := range map[int]*bool{2: &style.sorted, 4: &style.start, 5: &style.end} {
			if *field, err = a.bool(i); err != nil {
				return nil, err
			}
		}
		return r.toYAML(v, style)
	}
}
