package view

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/schema"
)

func TestAValueIsWrittenAsInAConfiguration(t *testing.T) {
	tests := map[string]struct {
		value cty.Value
		want  string
	}{
		"a string":                       {cty.StringVal("a\"b"), `"a\"b"`},
		"a template is none any more":    {cty.StringVal("${x}"), `"$${x}"`},
		"what would drive the terminal":  {cty.StringVal("\x1b[31m\u202e"), `"\u001b[31m\u202e"`},
		"a number":                       {cty.MustParseNumberVal("12345678901234567890.5"), "12345678901234567890.5"},
		"a bool":                         {cty.True, "true"},
		"a null":                         {cty.NullVal(cty.DynamicPseudoType), "null"},
		"a null of a type":               {cty.NullVal(cty.Number), "tonumber(null)"},
		"a null of another":              {cty.NullVal(cty.List(cty.Bool)), "null /* list of bool */"},
		"an unknown value":               {cty.UnknownVal(cty.String), "(known after apply)"},
		"a sensitive value":              {cty.StringVal("x").Mark(lang.Sensitive), "(sensitive value)"},
		"an expression":                  {cty.NullVal(schema.SelfExpr), "null /* expression over self */"},
		"a tuple":                        {cty.TupleVal([]cty.Value{cty.Zero, cty.StringVal("x")}), "[\n  0,\n  \"x\",\n]"},
		"an empty tuple":                 {cty.EmptyTupleVal, "[]"},
		"a list with what is sensitive":  {cty.ListVal([]cty.Value{cty.Zero, cty.Zero.Mark(lang.Sensitive)}), "tolist([\n  0,\n  (sensitive value),\n])"},
		"a set":                          {cty.SetVal([]cty.Value{cty.StringVal("b"), cty.StringVal("a")}), "toset([\n  \"a\",\n  \"b\",\n])"},
		"a map":                          {cty.MapVal(map[string]cty.Value{"a b": cty.True}), "tomap({\n  \"a b\" = true\n})"},
		"an empty map":                   {cty.MapValEmpty(cty.String), "tomap({})"},
		"an object in an object":         {cty.ObjectVal(map[string]cty.Value{"a": cty.ObjectVal(map[string]cty.Value{"b": cty.Zero})}), "{\n  \"a\" = {\n    \"b\" = 0\n  }\n}"},
		"lines":                          {cty.StringVal("a\n  ${b}\n"), "<<EOT\na\n  $${b}\nEOT"},
		"lines without an end":           {cty.StringVal("a\nb"), `"a\nb"`},
		"lines with the end of the text": {cty.StringVal("a\nEOT\n"), `"a\nEOT\n"`},
		"lines in an object":             {cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("b\n\n  c\n")}), "{\n  \"a\" = <<-EOT\n  b\n\n    c\n  EOT\n}"},
		"indented lines in an object":    {cty.ObjectVal(map[string]cty.Value{"a": cty.StringVal("  b\n")}), "{\n  \"a\" = \"  b\\n\"\n}"},
		"lines in a list":                {cty.ListVal([]cty.Value{cty.StringVal("a\n")}), "tolist([\n  \"a\\n\",\n])"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, valueText(style{}, test.value)); diff != "" {
				t.Errorf("not as expected (-want +got):\n%s", diff)
			}
		})
	}
}

func TestATypeIsWrittenAsThatOfAVariable(t *testing.T) {
	object := cty.Object(map[string]cty.Type{"a": cty.List(cty.String), "b c": cty.Object(map[string]cty.Type{"d": cty.Bool}), "e": schema.SelfExpr})
	want := `object({
  a = list(string)
  "b c" = object({
    d = bool
  })
  e = expression over self
})`
	if diff := cmp.Diff(want, typeText(object, 0)); diff != "" {
		t.Errorf("not as expected (-want +got):\n%s", diff)
	}
	if got := typeText(cty.Tuple([]cty.Type{cty.Map(cty.DynamicPseudoType), cty.Set(cty.Number), cty.EmptyObject}), 0); got != "tuple([\n  map(any),\n  set(number),\n  object({}),\n])" {
		t.Errorf("got %s", got)
	}
}

// What is shown can be put back into a configuration, and is the same there.
func FuzzWhatIsShownEvaluatesToTheSame(f *testing.F) {
	for _, document := range []string{
		`"a\nb\n"`, `{"a": "x\n\n  y\n", "": [1, "${x}\n", null, true]}`, `["\u001b", "%{if}", "EOT\n", " \n"]`, `{"a": {"b": "\tx\ny\n"}}`, `{"for": 1, "null": -1.5e30}`, `"\r\n"`, `{"a":" \n\n"}`,
	} {
		f.Add([]byte(document))
	}
	f.Fuzz(func(t *testing.T, document []byte) {
		typ, err := ctyjson.ImpliedType(document)
		if err != nil {
			return
		}
		want, err := ctyjson.Unmarshal(document, typ)
		if err != nil {
			return
		}
		for name, v := range map[string]cty.Value{"the value": want, "a list of it": cty.ListVal([]cty.Value{want}), "a map of it": cty.MapVal(map[string]cty.Value{"k\n": want})} {
			text := valueText(style{}, v)
			expr, diags := hclsyntax.ParseExpression([]byte(text+"\n"), "", hcl.InitialPos)
			if diags.HasErrors() {
				t.Fatalf("%s is shown as what can't be read: %v\n%s", name, diags, text)
			}
			got, diags := expr.Value(&hcl.EvalContext{Functions: lang.Functions("", nil)})
			if diags.HasErrors() {
				t.Fatalf("%s is shown as what can't be evaluated: %v\n%s", name, diags, text)
			}
			got, err := convert.Convert(got, v.Type()) // a null has lost its type
			if err != nil || !got.RawEquals(v) {
				t.Errorf("%s has become another: %#v, not %#v (%v)\n%s", name, got, v, err, text)
			}
		}
	})
}
