package lang_test

import (
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin"
)

func TestFunctionsOfAProvider(t *testing.T) {
	text := plugin.Parameter{Name: "text", Type: cty.String}
	functions := []plugin.Function{
		{Name: "shout", Parameters: []plugin.Parameter{text}, Result: cty.String},
		{Name: "count", Variadic: &plugin.Parameter{Name: "any", Type: cty.String, AllowNull: true}, Result: cty.Number},
		{Name: "wrong", Result: cty.Bool},
		{Name: "fails", Parameters: []plugin.Parameter{text}, Result: cty.String},
		{Name: "huge", Result: cty.String},
	}
	scope := lang.ProviderFunctions("acme", functions, func(name string, args []cty.Value) (cty.Value, error) {
		switch name {
		case "shout":
			return cty.StringVal(strings.ToUpper(args[0].AsString())), nil
		case "count":
			return cty.NumberIntVal(int64(len(args))), nil
		case "huge":
			return cty.StringVal(strings.Repeat("x", 2<<20)), nil
		case "fails":
			return cty.NilVal, errors.New("it can't make sense of " + args[0].AsString())
		}
		return cty.StringVal("no bool"), nil
	})
	variables := map[string]cty.Value{"unknown": cty.UnknownVal(cty.String), "secret": cty.StringVal("hunter2").Mark(lang.Sensitive)}
	tests := []struct {
		name, src string
		want      cty.Value
		err       string
	}{
		{"a call", `provider::acme::shout("a")`, cty.StringVal("A"), ""},
		{"what can be converted is", `provider::acme::shout(1)`, cty.StringVal("1"), ""},
		{"any number of arguments", `provider::acme::count("a", null, "b")`, cty.NumberIntVal(3), ""},
		{"an unknown argument makes the result unknown", `provider::acme::shout(unknown)`, cty.UnknownVal(cty.String), ""},
		{"a sensitive one makes it sensitive", `provider::acme::shout(secret)`, cty.StringVal("HUNTER2").Mark(lang.Sensitive), ""},
		{"null where it is not allowed", `provider::acme::shout(null)`, cty.NilVal, "must not be null"},
		{"too many arguments", `provider::acme::shout("a", "b")`, cty.NilVal, "1 argument"},
		{"a result of another type", `provider::acme::wrong()`, cty.NilVal, "something else than a bool"},
		{"a result that is too large", `provider::acme::huge()`, cty.NilVal, "longer than 1 MiB"},
		{"an error", `provider::acme::fails("x")`, cty.NilVal, "it can't make sense of x"},
		{"an error that could show a secret", `provider::acme::fails(secret)`, cty.NilVal, "something in its arguments is sensitive"},
		{"a function that there isn't", `provider::acme::shuot("a")`, cty.NilVal, `Did you mean "provider::acme::shout"?`},
		{"a provider that there isn't", `provider::blue::shout("a")`, cty.NilVal, "no provider blue is required"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			expr, diags := hclsyntax.ParseExpression([]byte(test.src), "test", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			lang.Bound(expr)
			got, diags := lang.Evaluate(expr, lang.WithAccount(&hcl.EvalContext{Functions: scope, Variables: variables}))
			if test.err != "" {
				if !diags.HasErrors() || !strings.Contains(diags[0].Detail, test.err) || strings.Contains(diags[0].Detail, "hunter2") {
					t.Errorf("got %v, want an error with %q", diags, test.err)
				}
				return
			}
			if diags.HasErrors() || !got.RawEquals(test.want) {
				t.Errorf("got %#v, %v, want %#v", got, diags, test.want)
			}
		})
	}
}
