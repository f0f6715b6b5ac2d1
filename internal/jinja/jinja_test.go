package jinja

import (
	"errors"
	"io/fs"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// files is a set of templates in memory.
func files(texts map[string]string) func(string) (string, error) {
	return func(name string) (string, error) {
		text, ok := texts[name]
		if !ok {
			return "", fs.ErrNotExist
		}
		return text, nil
	}
}

func TestErrorsSayWhereAndWhat(t *testing.T) {
	vars := cty.ObjectVal(map[string]cty.Value{
		"name": cty.StringVal("web1"), "ports": cty.TupleVal([]cty.Value{cty.NumberIntVal(80)}),
		"tls": cty.ObjectVal(map[string]cty.Value{"enabled": cty.True}), "secret": cty.StringVal("hidden"),
	})
	for _, test := range []struct{ name, text, summary, want string }{
		{"a missing variable", "one\n  {{ nam }}", summaryMissing, `line 2, column 6: there is no variable "nam" (did you mean "name"?)`},
		{"a missing variable after characters of several bytes", "äö {{ nam }}", summaryMissing, "line 1, column 7"},
		{"a missing member", "{{ tls.enabeld }}", summaryMissing, `column 8: the value of type dict has no member "enabeld" (did you mean "enabled"?)`},
		{"a missing element", "{{ ports[3] }}", summaryMissing, "column 9: the list has 1 elements, and none at 3"},
		{"a missing key that a variable holds", "{{ tls[secret] }}", summaryMissing, "no item of this key"},
		{"a missing variable in a condition", "{% if nam %}{% endif %}", summaryMissing, "line 1, column 7"},
		{"a missing variable in a list", "{{ [nam] }}", summaryMissing, "line 1, column 5"},
		{"a missing variable in a macro", "{% macro m() %}\n{{ nam }}{% endmacro %}{{ m() }}", summaryMissing, "line 2, column 4"},
		{"an argument that is not given", "{% macro m(a) %}{{ a }}{% endmacro %}{{ m() }}", summaryMissing, `"a" was not provided`},
		{"an unknown filter", "{{ name | uper }}", summaryInvalid, `column 11: there is no filter "uper" (did you mean "upper"?)`},
		{"an unknown test", "{{ name is defind }}", summaryInvalid, `column 12: there is no test "defind" (did you mean "defined"?)`},
		{"an unknown tag", "{% forr x in y %}", summaryInvalid, `column 4: there is no tag "forr" (did you mean "for"?)`},
		{"an unknown argument", "{{ ports | join(attribut='x') }}", summaryFailed, `it has no argument "attribut" (did you mean "attribute"?)`},
		{"a tag that is not closed", "a\n{{ name", summaryInvalid, "line 2, column 1: the tag is not closed"},
		{"a block that is not closed", "{% if true %}", summaryInvalid, "is not closed; end it with {% endif %}"},
		{"an end without a beginning", "x{% endif %}", summaryInvalid, "column 5: there is no block here"},
		{"a comment that is not closed", "{# x", summaryInvalid, "is not closed; end it with #}"},
		{"a string that is not closed", "{{ 'x }}", summaryInvalid, "column 4: the string is not closed"},
		{"a bracket that is not closed", "{{ [1 }}", summaryInvalid, `"}" does not close "["`},
		{"a break outside of a loop", "{% break %}", summaryInvalid, "is not in a loop"},
		{"a lookahead", "{{ name | regex_search('a(?=b)') }}", summaryFailed, "looks ahead or behind, which is not supported"},
		{"a back reference", `{{ name | regex_search('(a)\\1') }}`, summaryFailed, "refers back to a group"},
		{"a group that is not there", `{{ name | regex_replace('(w)', '\\2') }}`, summaryFailed, `no group "2"`},
		{"a sum of strings", "{{ name + 1 }}", summaryFailed, "+ takes no str and int"},
		{"an integer that is too large", "{{ 9223372036854775807 + 1 }}", summaryFailed, "more than 64 bits"},
		{"chance", "{{ ports | random }}", summaryFailed, "it needs a seed"},
		{"a password without a salt", "{{ name | password_hash }}", summaryFailed, "it needs a salt"},
		{"a time without a time", "{{ '%Y' | strftime }}", summaryFailed, "it needs a time"},
		{"what can't be called", "{{ name() }}", summaryFailed, "a value of type str can't be called"},
		{"a function as text", "{{ range }}", summaryFailed, "a value of type function has no text"},
		{"a setting that is none", "#jinja2: foo: True\nx", summaryInvalid, `sets "foo"`},
		{"bytes that are no text", "\xff", summaryInvalid, "not UTF-8"},
		{"a secret that is no number", "{{ secret | human_to_bytes }}", summaryFailed, "no number with a unit"},
		{"a secret that is no time", "{{ secret | to_datetime }}", summaryFailed, "no time of the format"},
		{"a secret that is no JSON", "{{ secret | from_json }}", summaryFailed, "not valid JSON"},
		{"a secret that is no YAML", "{{ ('a: [' ~ secret) | from_yaml }}", summaryFailed, "not valid YAML"},
		{"a secret that is no version", "{{ secret is version('1', '<', strict=true) }}", summaryFailed, "a strict version"},
		{"a secret that is no expression", "{{ name is match('(' ~ secret) }}", summaryFailed, "the regular expression is not valid"},
	} {
		t.Run(test.name, func(t *testing.T) {
			_, err := render(t, test.text, vars)
			bad, ok := errors.AsType[*Error](err)
			if !ok || bad.Summary != test.summary || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("got %v, want %q with %q", err, test.summary, test.want)
			}
			if strings.Contains(err.Error(), "hidden") {
				t.Errorf("the error shows a value: %v", err)
			}
		})
	}
}

func TestTemplatesTakeOthersIn(t *testing.T) {
	texts := map[string]string{
		"base.j2":   "<{% block title %}base{% endblock %}|{% block body %}{% endblock %}|{{ x }}>",
		"middle.j2": "{% extends 'base.j2' %}{% block title %}middle {{ super() }}{% endblock %}",
		"part.j2":   "[{{ x }}{{ y | default('-') }}]",
		"macros.j2": "{% set version = 2 %}{% macro m(a) %}({{ a }}{{ x }}){% endmacro %}",
		"self.j2":   "{% include 'other.j2' %}", "other.j2": "{% include 'self.j2' %}", "extended.j2": "{% extends 'extended.j2' %}",
	}
	for _, test := range []struct{ name, text, want, fault string }{
		{name: "a block replaces that of the parent", text: "ignored{% extends 'base.j2' %}{% block body %}b{% endblock %}ignored", want: "ignored<base|b|1>"},
		{name: "super goes up the chain", text: "{% extends 'middle.j2' %}{% block title %}top {{ super() }}{% endblock %}", want: "<top middle base||1>"},
		{name: "what a child sets its blocks and parents see", text: "{% extends 'base.j2' %}{% set z = 5 %}{% block body %}{{ z }}{% endblock %}", want: "<base|5|1>"},
		{name: "an include sees the names around it", text: "{% for y in [7] %}{% include 'part.j2' %}{% endfor %}", want: "[17]"},
		{name: "an include without them", text: "{% set y = 7 %}{% include 'part.j2' without context %}", want: "[1-]"},
		{name: "the first that is there", text: "{% include ['none.j2', 'part.j2'] %}", want: "[1-]"},
		{name: "one that may be missing", text: "a{% include 'none.j2' ignore missing %}b", want: "ab"},
		{name: "an import", text: "{% import 'macros.j2' as m %}{{ m.m(2) }}{{ m.version }}", want: "(21)2"},
		{name: "names of an import", text: "{% from 'macros.j2' import m as n, version with context %}{{ n(3) }}{{ version }}", want: "(31)2"},
		{name: "a name that is not there", text: "{% from 'macros.j2' import mm %}{{ mm() }}", fault: `has no "mm" (did you mean "m"?)`},
		{name: "one that is missing", text: "\n{% include 'none.j2' %}", fault: "line 2, column 12"},
		{name: "a cycle", text: "{% include 'self.j2' %}", fault: "the template comes back to itself: t.j2 → self.j2 → other.j2 → self.j2"},
		{name: "a template that extends itself", text: "{% extends 'extended.j2' %}", fault: "comes back to itself"},
		{name: "two parents", text: "{% extends 'base.j2' %}{% extends 'base.j2' %}", fault: "extends two others"},
	} {
		t.Run(test.name, func(t *testing.T) {
			vars := cty.ObjectVal(map[string]cty.Value{"x": cty.NumberIntVal(1)})
			got, err := Render(t.Context(), Template{Name: "t.j2", Text: test.text, Load: files(texts), MaxResult: 1 << 20}, vars)
			if test.fault != "" {
				if err == nil || !strings.Contains(err.Error(), test.fault) {
					t.Errorf("got %q, %v, want an error with %q", got, err, test.fault)
				}
				return
			}
			if err != nil || got != test.want {
				t.Errorf("got %q, %v, want %q", got, err, test.want)
			}
		})
	}
}

func TestNumbersComeAsTheyAre(t *testing.T) {
	vars := cty.ObjectVal(map[string]cty.Value{
		"i": cty.NumberIntVal(1), "f": cty.NumberFloatVal(1.5), "large": cty.MustParseNumberVal("9007199254740993"),
		"set": cty.SetVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a")}), "null": cty.NullVal(cty.String),
		"map": cty.MapVal(map[string]cty.Value{"k": cty.True}),
	})
	got, err := render(t, "{{ i }} {{ f }} {{ large }} {{ set }} {{ [null] }} {{ map }} {{ i / 1 }}", vars)
	if want := "1 1.5 9007199254740993 ['a', 'b'] [None] {'k': True} 1.0"; err != nil || got != want {
		t.Errorf("got %q, %v, want %q", got, err, want)
	}
	if _, err := render(t, "x", cty.ObjectVal(map[string]cty.Value{"n": cty.MustParseNumberVal("18446744073709551616")})); err == nil {
		t.Error("an integer of 65 bits is taken")
	}
	if got, err := render(t, "x", cty.NullVal(cty.DynamicPseudoType)); err != nil || got != "x" {
		t.Errorf("without variables: %q, %v", got, err)
	}
}

func FuzzRender(f *testing.F) {
	for _, seed := range []string{
		"{{ x | upper }} {% for i in l if i > 1 %}{{ loop.index }}{% else %}-{% endfor %}", "{% macro m(a, b=2) %}{{ varargs }}{% endmacro %}{{ m(1, 2, 3) }}",
		"{% set ns = namespace(a=1) %}{% set ns.a = 2 %}{{ ns.a }}", "{%- raw -%} {{ {% endraw %}{# c -#}", "#jinja2: trim_blocks: False\n{% if x %}{% endif %}\n",
		"{{ '%s %05.2f' | format(1, 2.5) }}{{ '{:>5,}'.format(1000) }}", "{{ d | to_nice_yaml }}{{ d | to_json | from_json }}{{ d | to_yaml | from_yaml }}",
		"{{ x | regex_replace('(a)', '\\\\1\\\\g<1>') }}{{ [1, 2][::-1] }}", "{{ l | map('string') | select('in', x) | list }}", "{{ 1 < 2 <= 3 and not x is none or [] }}",
		"{% block a %}{{ self.a }}{% endblock %}{% filter upper %}x{% endfilter %}", "{{ l | batch(2) | list }}{{ l | combinations(2) }}{{ l | zip(l) }}",
	} {
		f.Add(seed)
	}
	vars := cty.ObjectVal(map[string]cty.Value{
		"x": cty.StringVal("aäb\n'\""), "l": cty.TupleVal([]cty.Value{cty.NumberIntVal(1), cty.NumberFloatVal(2.5), cty.StringVal("3"), cty.True}),
		"d": cty.ObjectVal(map[string]cty.Value{"k": cty.StringVal("- v: #"), "n": cty.NullVal(cty.String), "l": cty.TupleVal([]cty.Value{cty.EmptyObjectVal})}),
	})
	f.Fuzz(func(t *testing.T, text string) {
		out, err := Render(t.Context(), Template{Name: "t.j2", Text: text, MaxResult: 1 << 16}, vars)
		if len(out) > 1<<16 {
			t.Errorf("%d bytes", len(out))
		}
		if err == nil {
			return
		}
		bad, ok := errors.AsType[*Error](err)
		if !ok {
			t.Fatalf("the error is of type %T: %v", err, err)
		}
		if strings.Contains(bad.Detail, "can't be rendered") {
			t.Errorf("a check is missing: %v", err)
		}
	})
}
