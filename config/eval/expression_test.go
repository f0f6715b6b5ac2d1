package eval_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
)

const expressionConfig = `
variable "pw" {
  default   = "hunter2"
  sensitive = true
}
locals {
  a = 2
  b = task.file.f.path
}
task "file" "f" {
  path = "/f"
}
task "file" "g" {
  for_each = toset(["x"])
  path     = "/${each.key}"
}
`

// expression evaluates a text over a configuration.
func expression(t *testing.T, g *eval.Graph, text string) (cty.Value, string) {
	t.Helper()
	expr, diags := config.ParseExpression([]byte(text), "expression")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	v, diags := g.Expression(expr, g.Static(), nil)
	if diags.HasErrors() {
		return v, fmt.Sprintf("%s: %s", diags[0].Summary, diags[0].Detail)
	}
	return v, ""
}

func TestAnExpressionCanNameAllThatAnOutputCan(t *testing.T) {
	g := build(t, expressionConfig, nil)
	tests := map[string]struct {
		text string
		want cty.Value
	}{
		"no name at all":                    {"1 + 1", cty.NumberIntVal(2)},
		"a local":                           {"local.a * 3", cty.NumberIntVal(6)},
		"a local that refers to a block":    {"local.b", cty.StringVal("/f")},
		"a block":                           {"task.file.f.path", cty.StringVal("/f")},
		"an instance":                       {`task.file.g["x"].path`, cty.StringVal("/x")},
		"what is not known yet":             {"task.file.f.checksum", cty.UnknownVal(cty.String)},
		"what is sensitive, with its mark":  {"upper(var.pw)", cty.StringVal("HUNTER2").Mark(lang.Sensitive)},
		"names within a for expression":     {"[for x in [local.a] : x + local.a]", cty.TupleVal([]cty.Value{cty.NumberIntVal(4)})},
		"the same expression a second time": {"local.a * 3", cty.NumberIntVal(6)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			got, problem := expression(t, g, test.text)
			if problem != "" || !got.RawEquals(test.want) {
				t.Errorf("%s is %#v, want %#v %s", test.text, got, test.want, problem)
			}
		})
	}
}

func TestAMistakeInAnExpressionIsExplained(t *testing.T) {
	g := build(t, expressionConfig, nil)
	tests := map[string]struct{ text, want string }{
		"an undeclared local":  {"local.c", `Reference to undeclared local: There is no local.c. Did you mean "a"?`},
		"an undeclared block":  {"task.file.ff.path", `Reference to undeclared block: There is no task.file.ff. Did you mean "task.file.f"?`},
		"an unknown attribute": {"task.file.f.pth", `Unsupported attribute: task.file.f has no attribute "pth". Did you mean "path"?`},
		"each":                 {"each.key", "Reference to each without for_each: each.key and each.value are known only in a block that has for_each."},
		"too much":             {`[for a in range(1000) : [for b in range(1000) : b]]`, "Value too large: This is more than an expression may come to: the for expressions go through more than 100,000 elements. Large data belongs into files that the tasks read themselves."},
		"a secret in an error": {`file("/${var.pw}")`, `Invalid function argument: The call of "file" failed. The reason isn't shown, because something in its arguments is sensitive.`},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if _, got := expression(t, g, test.text); got != test.want {
				t.Errorf("%s fails with\n%s\nwant\n%s", test.text, got, test.want)
			}
		})
	}
}

func TestAnExpressionCanNameFactsThatTheConfigurationDoesNot(t *testing.T) {
	facts := &fakeFacts{}
	g, diags := eval.Build(load(t, ``), newFakes(), eval.Inputs{Facts: facts})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	got, problem := expression(t, g, `"${fact.os.id} ${fact.os.family}"`)
	if problem != "" || !got.RawEquals(cty.StringVal("debian debian")) {
		t.Errorf("the facts are %#v %s", got, problem)
	}
	if !slices.Equal(facts.asked, []string{"os"}) {
		t.Errorf("asked for %v, and only os is named", facts.asked)
	}
	if _, problem := expression(t, g, "fact.os.familly"); !strings.Contains(problem, `Did you mean "family"?`) {
		t.Errorf("the mistake is explained by %s", problem)
	}
	facts.broken = errors.New("no such host")
	if _, problem := expression(t, g, "fact.mount"); !strings.Contains(problem, "no such host") {
		t.Errorf("the failure is explained by %s", problem)
	}
}
