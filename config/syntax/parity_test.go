package syntax

import (
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hcldec"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/config/scanner"
)

// testRoot is the schema of the files of these tests.
var testRoot = &hcl.BodySchema{Blocks: []hcl.BlockHeaderSchema{
	{Type: "agent"},
	{Type: "locals"},
	{Type: "variable", LabelNames: []string{"name"}},
	{Type: "pipeline", LabelNames: []string{"name"}},
	{Type: "task", LabelNames: []string{"type", "name"}},
}}

var testParser = Parser{Root: testRoot, Guard: guardDepth}

// guardDepth refuses brackets that are nested deeper than 50.
func guardDepth(src []byte, name string, mode scanner.Mode) hcl.Diagnostics {
	depth := 0
	for s := scanner.New(src, mode); ; {
		token := s.Next()
		switch token.Type {
		case hclsyntax.TokenEOF:
			return nil
		case hclsyntax.TokenOParen, hclsyntax.TokenOBrack, hclsyntax.TokenTemplateInterp:
			depth++
		case hclsyntax.TokenCParen, hclsyntax.TokenCBrack, hclsyntax.TokenTemplateSeqEnd:
			depth--
		}
		if depth > 50 {
			at := hcl.Range{Filename: name, Start: hcl.Pos{Byte: token.Start}, End: hcl.Pos{Byte: token.End}}
			return hcl.Diagnostics{problem(at, "Nesting too deep", "Brackets may be nested at most 50 deep.")}
		}
	}
}

func parse(t *testing.T, name, src string) *hcl.File {
	t.Helper()
	file, diags := testParser.Parse([]byte(src), name)
	if diags.HasErrors() {
		t.Fatalf("%s: %s", name, diags)
	}
	return file
}

func evalContext() *hcl.EvalContext {
	return lang.WithAccount(&hcl.EvalContext{
		Variables: map[string]cty.Value{
			"var": cty.ObjectVal(map[string]cty.Value{
				"env":  cty.StringVal("prod"),
				"port": cty.NumberIntVal(8080),
				"list": cty.ListVal([]cty.Value{cty.StringVal("a"), cty.StringVal("b")}),
			}),
			"unknown": cty.UnknownVal(cty.String),
			"secret":  cty.StringVal("hidden").Mark("sensitive"),
		},
		Functions: map[string]function.Function{"upper": stdlib.UpperFunc},
	})
}

// everything has an argument of each shape, in blocks of no, one and two labels.
var everything = hcldec.ObjectSpec{
	"agent": &hcldec.BlockSpec{TypeName: "agent", Nested: hcldec.ObjectSpec{
		"listen": &hcldec.AttrSpec{Name: "listen", Type: cty.String},
		"limits": &hcldec.BlockSpec{TypeName: "limits", Nested: &hcldec.AttrSpec{Name: "memory", Type: cty.Number}},
	}},
	"locals": &hcldec.BlockAttrsSpec{TypeName: "locals", ElementType: cty.DynamicPseudoType},
	"pipeline": &hcldec.BlockObjectSpec{TypeName: "pipeline", LabelNames: []string{"name"}, Nested: hcldec.ObjectSpec{
		"stage": &hcldec.BlockTupleSpec{TypeName: "stage", Nested: hcldec.ObjectSpec{
			"type":   &hcldec.BlockLabelSpec{Index: 0, Name: "type"},
			"format": &hcldec.AttrSpec{Name: "format", Type: cty.String},
			"fields": &hcldec.AttrSpec{Name: "fields", Type: cty.DynamicPseudoType},
		}},
	}},
	"task": &hcldec.BlockObjectSpec{TypeName: "task", LabelNames: []string{"type", "name"}, Nested: hcldec.ObjectSpec{
		"path":    &hcldec.AttrSpec{Name: "path", Type: cty.DynamicPseudoType},
		"content": &hcldec.AttrSpec{Name: "content", Type: cty.DynamicPseudoType},
		"mode":    &hcldec.AttrSpec{Name: "mode", Type: cty.String},
		"port":    &hcldec.AttrSpec{Name: "port", Type: cty.DynamicPseudoType},
		"ratio":   &hcldec.AttrSpec{Name: "ratio", Type: cty.DynamicPseudoType},
		"huge":    &hcldec.AttrSpec{Name: "huge", Type: cty.DynamicPseudoType},
		"force":   &hcldec.AttrSpec{Name: "force", Type: cty.DynamicPseudoType},
		"nothing": &hcldec.AttrSpec{Name: "nothing", Type: cty.DynamicPseudoType},
		"owner":   &hcldec.AttrSpec{Name: "owner", Type: cty.DynamicPseudoType},
		"args":    &hcldec.AttrSpec{Name: "args", Type: cty.DynamicPseudoType},
		"env":     &hcldec.AttrSpec{Name: "env", Type: cty.DynamicPseudoType},
		"ignore":  &hcldec.BlockTupleSpec{TypeName: "ignore", Nested: &hcldec.AttrSpec{Name: "address", Type: cty.String}},
	}},
}

// everythingIn returns the same configuration in the syntax of an ending.
func everythingIn(t testing.TB, ending string) string {
	t.Helper()
	src, err := os.ReadFile("testdata/everything" + ending)
	if err != nil {
		t.Fatal(err)
	}
	return string(src)
}

func TestEverySyntaxMeansTheSame(t *testing.T) {
	native, diags := hclsyntax.ParseConfig([]byte(everythingIn(t, ".hcl")), "main.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	want := decode(t, native.Body, everything)
	for _, ending := range []string{".json", ".yaml", ".toml"} {
		t.Run(ending, func(t *testing.T) {
			got := decode(t, parse(t, "main"+ending, everythingIn(t, ending)).Body, everything)
			if !got.RawEquals(want) {
				t.Errorf("the content differs from the native one:\n%s", cmp.Diff(want.GoString(), got.GoString()))
			}
		})
	}
}

func decode(t *testing.T, body hcl.Body, spec hcldec.Spec) cty.Value {
	t.Helper()
	v, diags := hcldec.Decode(body, spec, evalContext())
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return v
}

func TestJSONMeansWhatHCLTakesItFor(t *testing.T) {
	inputs := map[string]string{
		"everything":                           everythingIn(t, ".json"),
		"a body as a list of objects":          `[{"agent": {"listen": "x"}}, {"locals": {"a": 1}}]`,
		"labels as lists of objects":           `{"task": [{"file": [{"a": {"path": 1}}, {"b": {"path": 2}}]}, {"file": {"c": {"path": 3}}}]}`,
		"a null block":                         `{"agent": null, "task": {"file": {"a": null}}}`,
		"a null argument":                      `{"agent": {"listen": null}}`,
		"no blocks in a list":                  `{"agent": [], "locals": {}}`,
		"a comment in a block":                 `{"agent": {"//": {"any": "thing"}, "listen": "x"}}`,
		"the comment key in a value":           `{"task": {"file": {"a": {"env": {"//": 1}}}}}`,
		"escapes of all kinds":                 `{"locals": {"a": "\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\u0000 é"}}`,
		"a template with escapes":              `{"locals": {"a": "\t${upper(\"x\\n\u00e9\")}\n"}}`,
		"an escaped template":                  `{"locals": {"a": "$${x} %%{y}"}}`,
		"a template alone keeps its type":      `{"locals": {"a": "${[1, true]}"}}`,
		"numbers":                              `{"locals": {"a": [0, -0, 1.50, 1e3, 1E-2, 9007199254740993, 0.1]}}`,
		"an unknown key of an object":          `{"task": {"file": {"a": {"env": {"${unknown}": 1, "b": 2}}}}}`,
		"an object key that is no string":      `{"task": {"file": {"a": {"env": {"${true}": 1}}}}}`,
		"a number key twice":                   `{"task": {"file": {"a": {"env": {"${1}": 1, "1": 2}}}}}`,
		"a list as an object key":              `{"task": {"file": {"a": {"env": {"${[]}": 1}}}}}`,
		"a null object key":                    `{"task": {"file": {"a": {"env": {"${null}": 1}}}}}`,
		"an unknown argument":                  `{"agent": {"lisn": 1}}`,
		"an unknown block":                     `{"agents": {}}`,
		"a scalar for a block":                 `{"agent": 1}`,
		"a scalar for a label":                 `{"task": {"file": 1}}`,
		"no label":                             `{"task": {"file": {}}}`,
		"a reference to what there is not":     `{"locals": {"a": "${nothing}"}}`,
		"a template that is broken":            `{"locals": {"a": "${"}}`,
		"white space and a template in a list": " {\r\n\t\"locals\" : { \"a\" : [ \"${var.env}\" , [ ] , { } ] } } \n",
	}
	for name, src := range inputs {
		t.Run(name, func(t *testing.T) {
			theirs, diags := json.Parse([]byte(src), "main.json")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			want, wantDiags := hcldec.Decode(theirs.Body, everything, evalContext())
			got, gotDiags := hcldec.Decode(parse(t, "main.json", src).Body, everything, evalContext())
			if wantDiags.HasErrors() != gotDiags.HasErrors() {
				t.Errorf("HCL says %s, and we say %s", wantDiags, gotDiags)
			}
			if !wantDiags.HasErrors() && !got.RawEquals(want) {
				t.Errorf("the content differs from HCL's:\n%s", cmp.Diff(want.GoString(), got.GoString()))
			}
		})
	}
}

func TestASensitiveKeyMakesAnObjectSensitive(t *testing.T) {
	file := parse(t, "main.yaml", "locals: {a: {\"${secret}\": 1}}")
	content, diags := file.Body.Content(testRoot)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	attributes, _ := content.Blocks[0].Body.JustAttributes()
	v, diags := attributes["a"].Expr.Value(evalContext())
	if diags.HasErrors() || !v.HasMark("sensitive") {
		t.Errorf("got %#v, %s", v, diags)
	}
}
