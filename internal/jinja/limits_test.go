package jinja

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

func TestHostileTemplatesEnd(t *testing.T) {
	deep := 100_000
	for name, text := range map[string]string{
		"loops within loops":         "{% for a in range(9999) %}{% for b in range(9999) %}{% for c in range(9999) %}{% endfor %}{% endfor %}{% endfor %}",
		"a long range":               "{{ range(2000000000) }}",
		"a repeated string":          "{{ 'x' * 2000000000 }}",
		"a string that grows":        "{% set ns = namespace(s='x') %}{% for i in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}{{ ns.s | length }}",
		"a repeated list":            "{{ [1] * 2000000000 }}",
		"a list that grows":          "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}",
		"a list that extends itself": "{% set l = [1] %}{% for i in range(99) %}{% do l.extend(l) %}{% endfor %}",
		"a list that holds itself":   "{% set l = [] %}{% do l.append(l) %}{{ l }}",
		"a hash of such a list":      "{% set l = [] %}{% do l.append(l) %}{{ l == [l] }}",
		"the same list many times":   "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
		"the same list as JSON":      "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | to_json }}",
		"the same list as YAML":      "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | to_nice_yaml }}",
		"the same list compared":     "{% set a = namespace(l=[1], m=[1]) %}{% for i in range(99) %}{% set a.l = [a.l, a.l] %}{% set a.m = [a.m, a.m] %}{% endfor %}{{ a.l == a.m }}",
		"the same list flattened":    "{% set ns = namespace(l=[1]) %}{% for i in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l | flatten }}",
		"the same tuple as a key":    "{% set ns = namespace(l=(1,)) %}{% for i in range(99) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}",
		"aliases of YAML":            `{% set y = 'a: &a [1,1,1,1,1,1,1,1,1]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e]\ng: [*f,*f,*f,*f,*f,*f,*f,*f]' %}{{ y | from_yaml | length }}`,
		"a macro without end":        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
		"a loop without end":         "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
		"a block without end":        "{% block a %}{{ self.a() }}{% endblock %}",
		"many brackets":              "{{ " + strings.Repeat("(", deep) + "1" + strings.Repeat(")", deep) + " }}",
		"many lists":                 "{{ " + strings.Repeat("[", deep) + strings.Repeat("]", deep) + " }}",
		"many signs":                 "{{ " + strings.Repeat("-", deep) + "1 }}",
		"many negations":             "{{ " + strings.Repeat("not ", deep) + "1 }}",
		"many operators":             "{{ 1" + strings.Repeat(" + 1", deep) + " }}",
		"many comparisons":           "{{ 1" + strings.Repeat(" < 1", deep) + " }}",
		"many filters":               "{{ 1" + strings.Repeat(" | abs", deep) + " }}",
		"many members":               "{{ x" + strings.Repeat(".x", deep) + " }}",
		"many conditions":            "{{ 1" + strings.Repeat(" if 1", deep) + " }}",
		"many alternatives":          "{{ 1" + strings.Repeat(" if 1 else 1", deep) + " }}",
		"many tests":                 "{{ 1" + strings.Repeat(" is defined", deep) + " }}",
		"many blocks":                strings.Repeat("{% if 1 %}", deep) + strings.Repeat("{% endif %}", deep),
		"many targets":               "{% for " + strings.Repeat("(", deep) + "a" + strings.Repeat(")", deep) + " in x %}{% endfor %}",
		"a wide format":              "{{ '%999999999d' % 1 }}",
		"a wide place":               "{{ '{:999999999}'.format(1) }}",
		"many places":                "{{ ('%9999d' * 9999) | format(1) }}",
		"a wide center":              "{{ 'x' | center(2000000000) }}",
		"a wide indent":              "{{ ('\\n' * 1000000) | indent(9000, blank=true) }}",
		"a long replacement":         "{{ ('a' * 100000) | replace('a', 'b' * 100000) }}",
		"a long regex replacement":   "{{ ('a' * 100000) | regex_replace('a', 'b' * 100000) }}",
		"a long join":                "{{ range(100000) | join('x' * 100000) }}",
		"a wide batch":               "{{ [1] | batch(2000000000, 'x') }}",
		"many slices":                "{{ [1] | slice(2000000000) }}",
		"a large product":            "{{ range(999) | product(range(999), range(999)) | length }}",
		"many permutations":          "{{ range(30) | permutations | length }}",
		"many combinations":          "{{ range(60) | combinations(30) | length }}",
		"a large power":              "{{ 2 ** 2000000000 }}",
		"a large number":             "{{ 99999999999999999999999 }}",
		"a comment of many lines":    "{{ ('\\n' * 1000000) | comment(decoration='x' * 100000) }}",
		"a comment many times":       "{{ 'x' | comment(prefix='x' * 1000000, prefix_count=2000000000) }}",
		"a slow expression":          "{% for i in range(100000) %}{{ ('a' * 100000) | regex_search('(a*)*(a*)*(a*)*b') }}{% endfor %}",
		"a large expression":         "{{ 'a' | regex_search('(((a{1000}){1000}){1000})') }}",
		"slow passwords":             "{% for i in range(100000) %}{{ 'x' | password_hash(salt='x') }}{% endfor %}",
		"a slow password":            "{{ 'x' | password_hash(salt='x', rounds=999999999) }}",
		"many seeds":                 "{% for i in range(1000000) %}{{ 9 | random(seed=i) }}{% endfor %}",
		"deep JSON":                  "{{ ('[' * 100000) | from_json }}",
		"deep YAML":                  "{{ ('[' * 9000) | from_yaml }}",
		"an endless result":          "{% for i in range(100000) %}{{ 'x' * 1000 }}{% endfor %}",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render(t, text, cty.EmptyObjectVal); err == nil {
				t.Error("it renders")
			} else if _, ok := errors.AsType[*Error](err); !ok {
				t.Errorf("the error is of type %T", err)
			} else if strings.Contains(err.Error(), "runtime error") || strings.Contains(err.Error(), "interface conversion") {
				t.Errorf("a check is missing: %v", err)
			}
		})
	}
}

func TestOrdinaryTemplatesOfManyElementsRender(t *testing.T) {
	for name, text := range map[string]string{
		"a list that is filled":      "{% set l = [] %}{% for i in range(50000) %}{% do l.append(i) %}{% endfor %}{{ l | length }}",
		"a dict that is filled":      "{% set d = {} %}{% for i in range(20000) %}{% do d.update({i: d.get(i, 0)}) if i < 2000 else d.setdefault(i, 1) %}{% endfor %}{{ d | length }}",
		"many names with a default":  "{% for i in range(50000) %}{{ missing | default('') }}{% endfor %}",
		"a file of some lines":       "{% for i in range(20000) %}server web{{ i }}.example.com port={{ 1024 + i }} {{ 'on' if i % 2 else 'off' }}\n{% endfor %}",
		"lists as JSON and as YAML":  "{{ range(20000) | list | to_json | from_json | length }}{{ range(5000) | list | to_nice_yaml | from_yaml | length }}",
		"several passwords of users": "{% for i in range(3) %}{{ 'x' | password_hash(salt='abc') }}{% endfor %}",
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := render(t, text, cty.EmptyObjectVal); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestARenderingEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the agent stops")
	cancel(reason)
	_, err := Render(ctx, Template{Name: "t.j2", Text: "{% for i in range(10000) %}{{ i }}{% endfor %}", MaxResult: 1 << 20}, cty.EmptyObjectVal)
	if !errors.Is(err, reason) {
		t.Errorf("got %v", err)
	}
}
