package lang_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// evaluate evaluates an expression as the language does.
func evaluate(t testing.TB, src, dir string, variables map[string]cty.Value) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(src), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	lang.Bound(expr)
	lang.Bound(expr) // a second time changes nothing
	ctx := lang.WithAccount(&hcl.EvalContext{Functions: lang.Functions(dir, nil), Variables: variables})
	return lang.Evaluate(expr, ctx)
}

func TestFunctions(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "f.txt"), []byte("text"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("DRIFTLESS_TEST_SET", "value")
	for src, want := range map[string]cty.Value{
		`file("f.txt")`:                               cty.StringVal("text"),
		`fileexists("f.txt")`:                         cty.True,
		`fileexists("none")`:                          cty.False,
		`can(fileexists("."))`:                        cty.False,
		`basename("/a/b")`:                            cty.StringVal("b"),
		`dirname("/a/b")`:                             cty.StringVal("/a"),
		`env("DRIFTLESS_TEST_SET")`:                   cty.StringVal("value"),
		`env("DRIFTLESS_TEST_UNSET", "d")`:            cty.StringVal("d"),
		`env("DRIFTLESS_TEST_UNSET", null) == null`:   cty.True,
		`base64decode(base64encode("ä"))`:             cty.StringVal("ä"),
		`md5("a")`:                                    cty.StringVal("0cc175b9c0f1b6a831c399e269772661"),
		`substr(sha256("a"), 0, 8)`:                   cty.StringVal("ca978112"),
		`replace("a.b.c", ".", "-")`:                  cty.StringVal("a-b-c"),
		`replace("a1b22", "/[0-9]+/", "<$0>")`:        cty.StringVal("a<1>b<22>"),
		`replace("abc", "/(b)(c)/", "$2$1")`:          cty.StringVal("acb"),
		`replace("aaa", "/x*/", "-")`:                 cty.StringVal("-a-a-a-"),
		`startswith("abc", "ab")`:                     cty.True,
		`endswith("abc", "ab")`:                       cty.False,
		`strcontains("abc", "b")`:                     cty.True,
		`length("äöü")`:                               cty.NumberIntVal(3),
		`length([1, "a"])`:                            cty.NumberIntVal(2),
		`length({ a = 1 })`:                           cty.NumberIntVal(1),
		`tonumber("5") + 1`:                           cty.NumberIntVal(6),
		`tostring(true)`:                              cty.StringVal("true"),
		`join(",", toset(["b", "a", "b"]))`:           cty.StringVal("a,b"),
		`tomap({ a = 1 })["a"]`:                       cty.NumberIntVal(1),
		`format("%05.1f year 20250101 %s%%", 3, "x")`: cty.StringVal("003.0 year 20250101 x%"),
		`join("-", ["a", "b"], ["c"])`:                cty.StringVal("a-b-c"),
		`indent(2, "a\nb")`:                           cty.StringVal("a\n  b"),
		`length(setproduct(["a", "b"], [1, 2, 3]))`:   cty.NumberIntVal(6),
		`length(setproduct([], [1]))`:                 cty.Zero,
		`jsondecode("{\"a\":[1,{\"b\":null}]}").a[0]`: cty.NumberIntVal(1),
		`yamldecode("a: &x [1]\nb: *x").b[0]`:         cty.NumberIntVal(1),
		`yamldecode(yamlencode({ a = "b" })).a`:       cty.StringVal("b"),
		`issensitive("a")`:                            cty.False,
		`issensitive(["a", sensitive("b")])`:          cty.True,
		`issensitive("x${sensitive("b")}")`:           cty.True,
		`issensitive(nonsensitive(sensitive("b")))`:   cty.False,
		`issensitive(upper(sensitive("b")))`:          cty.True,
		`can(tonumber("x"))`:                          cty.False,
		`try(tonumber("x"), 7)`:                       cty.NumberIntVal(7),
		`[for k, v in { a = 1 } : "${k}${v}"][0]`:     cty.StringVal("a1"),
		`max([1, 5, 3]...)`:                           cty.NumberIntVal(5),
		`{ for s in ["a", "b", "a"] : s => 1... }.a`:  cty.TupleVal([]cty.Value{cty.NumberIntVal(1), cty.NumberIntVal(1)}),
	} {
		t.Run(src, func(t *testing.T) {
			got, diags := evaluate(t, src, dir, nil)
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			got, _ = got.UnmarkDeep()
			if !got.RawEquals(want) {
				t.Errorf("got %#v, want %#v", got, want)
			}
		})
	}
}

func unknowns() map[string]cty.Value {
	return map[string]cty.Value{"u": cty.UnknownVal(cty.String), "l": cty.UnknownVal(cty.List(cty.String)), "d": cty.DynamicVal}
}

func TestUnknownValuesGoThroughEveryFunction(t *testing.T) {
	variables := unknowns()
	for _, src := range []string{
		`format("%s", u)`, `join(u, ["a"])`, `join(",", l)`, `indent(2, u)`, `jsondecode(u)`, `yamldecode(u)`, `replace("a", u, "b")`, `setproduct(l, ["a"])`,
		`formatlist("%s", l)`, `length(l)`, `[for x in l : x]`, `"${u}!"`, `file(u)`, `tostring(d)`, `upper(d)`, `sensitive(d)`, `u == "" ? "a" : "b"`,
	} {
		v, diags := evaluate(t, src, "", variables)
		if diags.HasErrors() || v.IsWhollyKnown() {
			t.Errorf("%s is %#v, %v", src, v, diags)
		}
	}
}

func TestWorkIsBounded(t *testing.T) {
	list := make([]cty.Value, 2000)
	for i := range list {
		list[i] = cty.StringVal("element")
	}
	nested := make([]cty.Value, 1000)
	for i := range nested {
		nested[i] = cty.ListVal(slices.Repeat([]cty.Value{cty.StringVal("x")}, 90))
	}
	variables := map[string]cty.Value{"many": cty.ListVal(list), "long": cty.StringVal(strings.Repeat("x", 1<<20)), "big": cty.ListVal(nested)}
	for _, src := range []string{
		`[for a in many : [for b in many : 1]]`,
		`[for a in many : many]`,
		`[for a in many : length(upper(long))]`,
		`[for a in many : "${long}${long}"]`,
		`length([for a in many : contains(many, "x")]) + length([for a in many : contains(many, "x")])`,
		`"${long}${long}"`,
		`join("", [long, long])`,
		`{ for a in many : "${long}${a}" => 1... }`,
		`concat(` + strings.Repeat("many, ", 60) + `many)`,
		`{ (pow(10, 300) * pow(10, 300) * pow(2, 100000)) = 1 }`,
		`"${jsondecode("1e999999")} digits"`,
		`(true ? jsondecode("1e999999") : "x")`,
		`("1e99999999" * 1) == "a"`,
		`upper(jsondecode("[1e99999999]")...)`,
		`tostring(jsondecode("1e999999"))`,
		`parseint("1${join("", [for a in many : "0000000000"])}", 10)`,
		`jsonencode([` + strings.Repeat("big, ", 200) + `])`,
		`join("", [` + strings.Repeat("long, ", 30) + `])`,
		`formatlist("%s", [` + strings.Repeat("long, ", 30) + `])`,
		`formatlist("%s%s", long, many)`,
		`formatlist("` + strings.Repeat("%9999d", 10) + `", many)`,
		`format("` + strings.Repeat("%[1]s", 10) + `", long)`,
		`format("` + strings.Repeat("%9999d", 200) + `"` + strings.Repeat(", 1", 200) + `)`,
		`split("", long)`,
		`regexall("x", long)`,
		`regex("x{900}y{900}", long)`,
		`replace(long, "/(((((((((((((((((((x)))))))))))))))))))/", "y")`,
		`replace(long, "x", long)`,
		`replace(long, "/x/", "yy")`,
		`csvdecode(join("\n", [long]))`,
		`csvdecode(replace(substr(long, 0, 200000), "x", "\n"))`,
		`jsondecode("[${join(",", [for i in range(1000) : join(",", [for j in range(200) : "1"])])}]")`,
		`trim(replace(long, "/x{2}/", "ä"), replace(substr(long, 0, 2000), "x", "ö"))`,
		`[for a in many : templatestring("$${x}", { x = long })]`,
		`"%{for a in many}%{for b in many}x%{endfor}%{endfor}"`,
	} {
		t.Run(src[:min(len(src), 60)], func(t *testing.T) {
			v, diags := evaluate(t, src, "", variables)
			if !diags.HasErrors() {
				t.Fatalf("is %.100s", v.GoString())
			}
			if d := diags[0]; d.Summary != "Value too large" || d.Subject == nil {
				t.Errorf("%s", d)
			}
		})
	}
}

func TestSuggest(t *testing.T) {
	known := []string{"content", "path", "mode", "owner", "group"}
	for given, want := range map[string]string{
		"contnet": "content", "pth": "path", "mdoe": "mode", "groups": "group", "x": "", "entirely_different": "", "": "", "ab": "",
	} {
		got := lang.Suggest(given, known)
		if want == "" && got != "" || want != "" && !strings.Contains(got, `"`+want+`"`) {
			t.Errorf("for %q: %q, want %q", given, got, want)
		}
	}
	if a, b := lang.Suggest("aa", []string{"ab", "ac"}), lang.Suggest("aa", []string{"ac", "ab"}); a != b {
		t.Errorf("the order decides: %q, %q", a, b)
	}
}
