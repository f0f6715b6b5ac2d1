package syntax

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/typeexpr"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
)

// attributes returns what is in a file, all as attributes.
func attributes(t *testing.T, name, src string) hcl.Attributes {
	t.Helper()
	all, diags := parse(t, name, src).Body.JustAttributes()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return all
}

func TestAListOfAddressesIsOneOfTraversals(t *testing.T) {
	for name, src := range map[string]string{
		"a.json": `{"depends_on": ["task.file.motd", "task.file.all[\"b\"]", "\u0074ask.x"]}`,
		"a.yaml": "depends_on:\n- task.file.motd\n- task.file.all[\"b\"]\n- \"\\u0074ask.x\"\n",
		"a.toml": `depends_on = ["task.file.motd", 'task.file.all["b"]', "\u0074ask.x"]`,
	} {
		items, diags := hcl.ExprList(attributes(t, name, src)["depends_on"].Expr)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		var got []string
		for _, item := range items {
			traversal, diags := hcl.AbsTraversalForExpr(item)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			var steps []string
			for _, step := range traversal {
				steps = append(steps, string(step.SourceRange().SliceBytes([]byte(src))))
			}
			got = append(got, strings.Join(steps, " "))
		}
		index := `["b"]`
		if name == "a.json" {
			index = `[\"b\"]`
		}
		want := []string{"task .file .motd", "task .file .all " + index, `\u0074ask .x`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatIsNoAddressIsNoTraversal(t *testing.T) {
	src := `{"a": "a b", "b": 1, "c": ["a"], "d": "${a}", "e": "` + strings.Repeat("(", 100) + `", "f": "` + strings.Repeat("a.", maxNative) + `a"}`
	for name, attribute := range attributes(t, "a.json", src) {
		if traversal, diags := hcl.AbsTraversalForExpr(attribute.Expr); !diags.HasErrors() {
			t.Errorf("%s is %v", name, traversal)
		}
	}
}

func TestTheTypeOfAVariableIsAString(t *testing.T) {
	src := "type: map(object({a = string}))\nno: 1\n"
	got, diags := typeexpr.TypeConstraint(attributes(t, "a.yaml", src)["type"].Expr)
	want := cty.Map(cty.Object(map[string]cty.Type{"a": cty.String}))
	if diags.HasErrors() || !got.Equals(want) {
		t.Errorf("got %#v, %s", got, diags)
	}
	if _, diags := typeexpr.TypeConstraint(attributes(t, "a.yaml", src)["no"].Expr); !diags.HasErrors() {
		t.Error("a number is a type")
	}
}

func TestThePlainScalarsOfYAMLAreWhatTheyLookLike(t *testing.T) {
	tests := map[string]cty.Value{
		"yes": cty.StringVal("yes"), "no": cty.StringVal("no"), "on": cty.StringVal("on"), "Off": cty.StringVal("Off"), "y": cty.StringVal("y"),
		"true": cty.True, "False": cty.False, "tRue": cty.StringVal("tRue"), `"true"`: cty.StringVal("true"),
		"": cty.NullVal(cty.DynamicPseudoType), "~": cty.NullVal(cty.DynamicPseudoType), "null": cty.NullVal(cty.DynamicPseudoType), "''": cty.StringVal(""),
		"0644": cty.StringVal("0644"), "0o644": cty.NumberIntVal(420), "0x1F": cty.NumberIntVal(31), "0b11": cty.StringVal("0b11"),
		"12": cty.NumberIntVal(12), "-12": cty.NumberIntVal(-12), "+12": cty.NumberIntVal(12), "0": cty.NumberIntVal(0), "1_000": cty.StringVal("1_000"),
		"1.5": cty.NumberFloatVal(1.5), ".5": cty.NumberFloatVal(.5), "5.": cty.NumberIntVal(5), "1e3": cty.NumberIntVal(1000), ".": cty.StringVal("."), "1.2.3": cty.StringVal("1.2.3"), "e3": cty.StringVal("e3"), "1e": cty.StringVal("1e"),
		"98765432109876543210987654321": cty.MustParseNumberVal("98765432109876543210987654321"),
		"2027-01-01":                    cty.StringVal("2027-01-01"), "2027-01-01T10:00:00Z": cty.StringVal("2027-01-01T10:00:00Z"), "190:20:30": cty.StringVal("190:20:30"),
		"!!str 12": cty.StringVal("12"), "!!str": cty.StringVal(""), "&a 12": cty.NumberIntVal(12), "'12'": cty.StringVal("12"),
		"|\n  12":             cty.StringVal("12\n"),
		">-\n  a\n  b\n\n":    cty.StringVal("a b"),
		"\"a\\\n  \\x41\\N\"": cty.StringVal("aA\u0085"),
	}
	for text, want := range tests {
		got, diags := attributes(t, "a.yaml", "a: "+text+"\n")["a"].Expr.Value(evalContext())
		if diags.HasErrors() || !got.RawEquals(want) {
			t.Errorf("%s is %#v, want %#v%s", text, got, want, diags)
		}
	}
}

func TestTheValuesOfTOMLAreExact(t *testing.T) {
	tests := map[string]cty.Value{
		"1_000": cty.NumberIntVal(1000), "0xdead_beef": cty.NumberIntVal(0xdeadbeef), "0o17": cty.NumberIntVal(15), "0b101": cty.NumberIntVal(5), "-0.0": cty.MustParseNumberVal("-0.0"), "6.26e-3": cty.MustParseNumberVal("6.26e-3"), "0x1F": cty.NumberIntVal(31),
		"98765432109876543210987654321": cty.MustParseNumberVal("98765432109876543210987654321"),
		"2027-01-01":                    cty.StringVal("2027-01-01"), "07:32:00.5": cty.StringVal("07:32:00.5"), "2027-01-01 10:00:00+02:00": cty.StringVal("2027-01-01 10:00:00+02:00"), "2027-01-01t10:00:00": cty.StringVal("2027-01-01t10:00:00"),
		`"""a\` + "\n  b\"\"\"": cty.StringVal("ab"), "''": cty.StringVal(""), "''''''": cty.StringVal(""), "'''\n\na'''": cty.StringVal("\na"),
	}
	for text, want := range tests {
		got, diags := attributes(t, "a.toml", "a = "+text+"\n")["a"].Expr.Value(evalContext())
		if diags.HasErrors() || !got.RawEquals(want) {
			t.Errorf("%s is %#v, want %#v%s", text, got, want, diags)
		}
	}
}

func TestYAMLAliasesAndMergeKeysAreFollowed(t *testing.T) {
	src := `
base: &base {owner: root, mode: "0644"}
other: &other {mode: "0600", group: adm}
a: *base
b: {<<: *base, mode: "0600"}
c: {mode: "0700", <<: [*base, *other]}
d: {<<: {x: 1}}
e: {"<<": 1}
&k f: *k
`
	want := map[string]string{
		"a": `{"mode":"0644","owner":"root"}`, "b": `{"mode":"0600","owner":"root"}`,
		"c": `{"group":"adm","mode":"0700","owner":"root"}`, "d": `{"x":1}`, "e": `{"<<":1}`, "f": `"f"`,
	}
	all := attributes(t, "a.yaml", src)
	for name, text := range want {
		expected := attributes(t, "a.json", `{"a": `+text+`}`)
		w, _ := expected["a"].Expr.Value(nil)
		got, diags := all[name].Expr.Value(nil)
		if diags.HasErrors() || !got.RawEquals(w) {
			t.Errorf("%s is %#v, want %#v%s", name, got, w, diags)
		}
	}
}

func TestAFileMayBeEmpty(t *testing.T) {
	for name, src := range map[string]string{
		"a.json": "{}", "a.yaml": "", "b.yaml": "# nothing\n", "c.yaml": "---\n", "d.yaml": "%YAML 1.2\n---\n", "a.toml": "# nothing", "e.yaml": "\uFEFF", "b.toml": "\uFEFF", "f.yaml": "null",
	} {
		content, diags := parse(t, name, src).Body.Content(testRoot)
		if diags.HasErrors() || len(content.Blocks) > 0 {
			t.Errorf("%s: got %v, %s", name, content.Blocks, diags)
		}
	}
}

func TestPartialContentLeavesTheRest(t *testing.T) {
	body := parse(t, "a.yaml", "a: 1\nb: 2\nc: {d: 3}\n").Body
	first := &hcl.BodySchema{Attributes: []hcl.AttributeSchema{{Name: "a"}}, Blocks: []hcl.BlockHeaderSchema{{Type: "c"}}}
	content, rest, diags := body.PartialContent(first)
	if diags.HasErrors() || content.Attributes["a"] == nil || len(content.Blocks) != 1 {
		t.Fatalf("got %v, %s", content, diags)
	}
	left, diags := rest.JustAttributes()
	if diags.HasErrors() || len(left) != 1 || left["b"] == nil {
		t.Errorf("the rest is %v, %s", left, diags)
	}
	if content, diags := rest.Content(first); len(content.Attributes) != 0 || len(content.Blocks) != 0 || len(diags) != 1 {
		t.Errorf("what was taken is there again: %v, %s", content, diags)
	}
}

func TestATemplateIsThereForThoseWhoLookIntoIt(t *testing.T) {
	src := `{"a": "\t${x} y", "b": "plain", "c": ["${x}"], "d": "${"}`
	all := attributes(t, "a.json", src)
	expr, ok, diags := Template(all["a"].Expr)
	if !ok || diags.HasErrors() {
		t.Fatal(ok, diags)
	}
	parts := expr.(*hclsyntax.TemplateExpr).Parts
	if got := string(parts[1].Range().SliceBytes([]byte(src))); got != "x" {
		t.Errorf("the variable is %q", got)
	}
	for _, name := range []string{"b", "c"} {
		if _, ok, _ := Template(all[name].Expr); ok {
			t.Errorf("%s has a template", name)
		}
	}
	if _, ok, diags := Template(all["d"].Expr); !ok || !diags.HasErrors() {
		t.Errorf("got %v, %s", ok, diags)
	}
	if _, ok, _ := Template(hcl.StaticExpr(cty.True, hcl.Range{})); ok {
		t.Error("another expression has a template")
	}
}

func TestTheDigestIsThatOfTheContent(t *testing.T) {
	digest := func(name, src string) string {
		var b bytes.Buffer
		ok, err := Digest(&b, parse(t, name, src).Body)
		if !ok || err != nil {
			t.Fatal(ok, err)
		}
		return b.String()
	}
	one := digest("a.yaml", "a: [x, 1, true, null] # comment\n")
	if other := digest("a.json", `{"a" : [ "x", 1, true, null ]}`); other != one {
		t.Errorf("%q is not %q", other, one)
	}
	for _, src := range []string{`a: [x, 1, true]`, `a: [x, "1", true, null]`, `a: [x, 1, "true", null]`, `b: [x, 1, true, null]`, `a: [x, 1, false, null]`, "a: [x, 1, true, null]\nb: 1"} {
		if digest("a.yaml", src) == one {
			t.Errorf("%s has the same digest", src)
		}
	}
	if ok, _ := Digest(&bytes.Buffer{}, hcl.EmptyBody()); ok {
		t.Error("another body has a digest")
	}
}

func TestAFileIsKnownByItsEnding(t *testing.T) {
	for name, want := range map[string]bool{
		"a.json": true, "a.hcl.json": true, "a.yaml": true, "A.YML": true, "dir.hcl/a.toml": true,
		"a.hcl": false, "a": false, "a.json/b": false, "json": false, "a.tfstate": false,
	} {
		if Known(name) != want {
			t.Errorf("Known(%q) is %v", name, !want)
		}
	}
}
