package eventexpr

import (
	"errors"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

func jsonEvent(t testing.TB, text string) *event.Batch {
	t.Helper()
	var b event.Builder
	b.Log(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), []byte(text))
	b.Origin(event.Origin{Source: "source.file.a", Path: "/a"}, 7)
	batch := b.Batch()
	if err := event.ParseJSON(batch, 0); err != nil {
		t.Fatal(err)
	}
	return batch
}

func mustCompile(t testing.TB, text string) event.Expr {
	t.Helper()
	expr, diags := Compile(bounded(t, text), scope())
	if diags.HasErrors() {
		t.Fatalf("compile %s: %v", text, diags)
	}
	return expr
}

func TestEval(t *testing.T) {
	batch := jsonEvent(t, `{"status":404,"path":"/admin/x","a-b":{"c":["x",{"d":"e\"f"}]},"list":["a","b\n"],"n":null,"big":9007199254740993,
		"name":"own","labels":{"l":1},"f":0.1,"e":"caf\u00e9","kind":"fake","cr":"a\r\nb"}`)
	for _, row := range []struct{ name, expr, want string }{
		{"a comparison", `event.status >= 400`, `true`},
		{"a numeric string is a number where one is needed", `"500" > event.status`, `true`},
		{"== does not convert", `event.status == "404"`, `false`},
		{"a comparison with a word is null", `event.path > 1`, `null`},
		{"a field that the event lacks is null", `event.missing`, `null`},
		{"an operation on null is null", `event.missing + 1`, `null`},
		{"null && false is false", `event.missing && false`, `false`},
		{"null && true is null", `event.missing && true`, `null`},
		{"true || null is true", `true || event.missing`, `true`},
		{"null || false is null", `event.missing || false`, `null`},
		{"null equals null", `event.missing == null && event.n == null`, `true`},
		{"a value is not null", `event.status != null`, `true`},
		{"nothing but null equals null", `event.missing == "x"`, `false`},
		{"a nested member", `event["a-b"].c[1].d`, `"e\"f"`},
		{"an element in the old notation", `event.list.1`, `"b\n"`},
		{"an index that is a constant expression", `event.list[var.n - 3]`, `"a"`},
		{"an index beyond the end is null", `event.list[9]`, `null`},
		{"a member of a string is null", `event.path.x`, `null`},
		{"whole numbers are exact", `event.big == 9007199254740993`, `true`},
		{"whole numbers beyond 53 bits are compared exactly with fractions", `event.big > 9007199254740992.5`, `true`},
		{"a fraction equals the same fraction in the configuration", `event.f == 0.1`, `true`},
		{"a template", `"${event.status}: ${upper(event.path)}"`, `"404: /ADMIN/X"`},
		{"a template of a null is null", `"x${event.missing}"`, `null`},
		{"a template with a condition", `"%{if event.status > 400}bad%{else}good%{endif}"`, `"bad"`},
		{"a conditional", `event.status < 400 ? "ok" : event.path`, `"/admin/x"`},
		{"startswith", `startswith(event.path, "/admin")`, `true`},
		{"a regular expression", `can(regex("^/adm[a-z]+/", event.path))`, `true`},
		{"a regular expression does not match null", `can(regex(".*", event.missing))`, `false`},
		{"contains in a literal list", `contains(["a", 404], event.status)`, `true`},
		{"contains in a variable", `contains(var.list, event.name)`, `false`},
		{"contains in a list of the event", `contains(event.list, "b\n")`, `true`},
		{"contains in what is no list is null", `contains(event.path, "b")`, `null`},
		{"coalesce takes the first that is not empty", `coalesce(event.missing, "", event.path)`, `"/admin/x"`},
		{"length of a string in characters", `length(event.e)`, `4`},
		{"a line break is one character", `length(event.cr)`, `3`},
		{"length of a list", `length(event.list)`, `2`},
		{"length of an object", `length(event.labels)`, `1`},
		{"the kind can't be forged by a field", `event.kind`, `"log"`},
		{"the time", `event.timestamp`, `"2026-01-02T03:04:05Z"`},
		{"the origin", `"${event.meta.source} ${event.meta.path} ${event.meta.offset}"`, `"source.file.a /a 7"`},
		{"name and labels of a log are fields", `"${event.name} ${event.labels.l}"`, `"own 1"`},
		{"division by zero is infinite", `event.status / 0 > 1`, `true`},
		{"zero by zero is null", `0 * event.status / 0`, `null`},
		{"what is not compiled works, too", `replace(event.path, "/", "-")`, `"-admin-x"`},
		{"for is left to HCL", `[for x in event.list : upper(x)]`, `["A","B\n"]`},
		{"an index that depends on the event is left to HCL", `event.list[event.labels.l]`, `"b\n"`},
		{"the whole origin", `jsonencode(event.meta)`, `"{\"offset\":7,\"path\":\"/a\",\"source\":\"source.file.a\"}"`},
		{"the whole event", `length(jsonencode(event)) > 100`, `true`},
		{"a constant", `var.n + 1`, `4`},
		{"what is not known yet is null", `event.path == "x" || var.unknown == "y"`, `null`},
	} {
		t.Run(row.name, func(t *testing.T) {
			expr := mustCompile(t, row.expr)
			for range 2 { // the second time with memory that was used before
				if got := string(event.AppendValue(nil, expr.Eval(batch, 0))); got != row.want {
					t.Errorf("%s = %s, want %s", row.expr, got, row.want)
				}
			}
		})
	}
}

func TestEvalOfATextAndOfAMetric(t *testing.T) {
	var b event.Builder
	b.Log(time.Time{}, []byte("plain text"))
	b.Metric(&event.Family{Name: "up", Type: event.Gauge}, time.Time{}, 0.5, "job", "x", "name", "label")
	batch := b.Batch()
	for _, row := range []struct{ expr, text, metric string }{
		{`event.message`, `"plain text"`, `null`},
		{`event.kind`, `"log"`, `"metric"`},
		{`event.name`, `null`, `"up"`},
		{`event.type`, `null`, `"gauge"`},
		{`event.value * 2`, `null`, `1`},
		{`event.labels.job`, `null`, `"x"`},
		{`event.labels.name`, `null`, `"label"`},
		{`event.timestamp`, `null`, `null`},
		{`event.meta.offset`, `null`, `null`},
		{`jsonencode(event.labels)`, `"null"`, `"{\"job\":\"x\",\"name\":\"label\"}"`},
		{`jsonencode(event.value)`, `"null"`, `"0.5"`},
	} {
		expr := mustCompile(t, row.expr)
		for i, want := range []string{row.text, row.metric} {
			if got := string(event.AppendValue(nil, expr.Eval(batch, i))); got != want {
				t.Errorf("%s of event %d = %s, want %s", row.expr, i, got, want)
			}
		}
	}
}

func TestDiagnostics(t *testing.T) {
	for _, row := range []struct{ name, expr, want string }{
		{"an unknown variable", `event.a == vra.n`, "Unknown variable"},
		{"an unknown function", `startwith(event.a, "x")`, "Call to unknown function"},
		{"too few arguments", `startswith(event.a)`, "Not enough function arguments"},
		{"a bad pattern", `can(regex("(", event.a))`, "Invalid regular expression"},
		{"a part of meta that is none", `event.meta.file`, "Unsupported attribute"},
		{"a constant of the wrong type", `event.a && "maybe"`, "Invalid operand"},
		{"a function that is not compiled", `replace(event.a, "x", "y")`, "Expression is not compiled"},
		{"only the part that is not compiled", `event.b == 1 && [for x in event.a : x] == event.c`, "Expression is not compiled"},
		{"nothing wrong", `event.a.b["c"][0] > var.n`, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, diags := Compile(bounded(t, row.expr), scope())
			var got []string
			for _, d := range diags {
				got = append(got, d.Summary)
				if d.Subject == nil {
					t.Errorf("%q has no position", d.Summary)
				}
			}
			if strings.Join(got, ", ") != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func TestCompileMap(t *testing.T) {
	batch := jsonEvent(t, `{"user":"EVE"}`)
	for _, row := range []struct{ name, expr, fields, want string }{
		{"literal and computed names", `{ user = lower(event.user), (var.name) = var.n }`, `abc=3 user="eve"`, ""},
		{"an object from elsewhere", `var.fields`, `env="prod" n=1`, ""},
		{"no name may depend on the event", `{ (event.user) = 1 }`, ``, "Invalid field name"},
		{"an empty name", `{ "" = event.user }`, ``, "Invalid field name"},
		{"not an object", `"x"`, ``, "Fields must be an object"},
		{"not a static object", `[event.user]`, ``, "Invalid expression"},
		{"a sensitive value stays here", `{ a = "x${var.secret}${event.user}", b = event.user }`, `a="(sensitive value)" b="EVE"`, "Sensitive value not put into events"},
		{"a sensitive constant stays here", `{ a = var.secret }`, `a="(sensitive value)"`, "Sensitive value not put into events"},
		{"an object that is not known yet", `var.unknown`, ``, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			compiled, diags := CompileMap(bounded(t, row.expr), scope())
			var got, summaries []string
			for _, member := range compiled {
				got = append(got, member.Name+"="+string(event.AppendValue(nil, member.Expr.Eval(batch, 0))))
			}
			for _, d := range diags {
				summaries = append(summaries, d.Summary)
			}
			if diff := cmp.Diff(row.fields, strings.Join(got, " ")); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff(row.want, strings.Join(summaries, ", ")); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestJSONSyntax(t *testing.T) {
	file, diags := json.Parse([]byte(`{"keep": "${event.status > 1}", "fields": {"a": "<${event.status}>", "b": 1}, "on": true, "list": ["${event.status}"]}`), "test.json")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	attributes, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	batch := jsonEvent(t, `{"status":2}`)
	for name, want := range map[string]string{"keep": "true", "on": "true", "list": "[2]"} {
		expr, diags := Compile(attributes[name].Expr, scope())
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if got := string(event.AppendValue(nil, expr.Eval(batch, 0))); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	fields, diags := CompileMap(attributes["fields"].Expr, scope())
	if diags.HasErrors() || len(fields) != 2 {
		t.Fatalf("got %d fields, %v", len(fields), diags)
	}
	if got := string(fields[0].Expr.Eval(batch, 0).Text()); got != "<2>" {
		t.Errorf("field a is %s, want <2>", got)
	}
	if _, diags := Compile(mustJSON(t, `{"x": "${event.a ==}"}`), scope()); !diags.HasErrors() {
		t.Error("a template that can't be parsed is accepted")
	}
}

func mustJSON(t *testing.T, text string) hcl.Expression {
	t.Helper()
	file, diags := json.Parse([]byte(text), "test.json")
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	attributes, diags := file.Body.JustAttributes()
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return attributes["x"].Expr
}

func TestVariablesLeavesOutTheEvent(t *testing.T) {
	var got []string
	for _, traversal := range Variables(parse(t, `event.a == var.n && [for e in event.list : e.x] == source.git.a`)) {
		got = append(got, traversal.RootName())
	}
	if diff := cmp.Diff([]string{"var", "source"}, got); diff != "" {
		t.Error(diff)
	}
}

const benchExpr = `event.status >= 400 && startswith(event.path, "/admin") || contains(["POST", "PUT"], event.method) && ` +
	`"${event.method} ${event.status}" != lower(event.o.user) && can(regex("x+", event.path)) && event.o.list[1] + 1 > 2 && length(coalesce(event.no, event.path)) > 3`

const benchText = `{"status":200,"path":"/x","method":"PUT","o":{"user":"E\"VE","list":[1,2]}}`

func TestEvalAllocatesNothing(t *testing.T) {
	expr, batch := mustCompile(t, benchExpr), jsonEvent(t, benchText)
	if got := expr.Eval(batch, 0); got.Kind() != event.Bool || got.Bool() {
		t.Fatalf("got %s", event.AppendValue(nil, got))
	}
	dates := jsonEvent(t, `{"status":"2026-01-02","path":"1.5"}`)
	if n := testing.AllocsPerRun(100, func() { expr.True(batch, 0); expr.True(dates, 0) }); n > 0 {
		t.Errorf("%v allocations for an event, want none", n)
	}
}

func FuzzNumber(f *testing.F) {
	for _, seed := range []string{"1", "-1.5e+3", "+.5", "1.", ".", "e1", "2026-01-02", "0x10", "1_000", "99999999999999999999", "1e", " 1"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if _, err := strconv.ParseFloat(text, 64); errors.Is(err, strconv.ErrRange) || strings.ContainsAny(text, "pP") {
			return // HCL's numbers are larger, and may have a binary exponent
		}
		got := parseNumber([]byte(text))
		v, err := convert.Convert(cty.StringVal(text), cty.Number)
		if err != nil || strings.Contains(strings.ToLower(text), "inf") {
			if !got.IsNull() {
				t.Errorf("%q is %s, want null", text, show(got))
			}
			return
		}
		if want := fromCty(v); !same(got, want) {
			t.Errorf("%q is %s, want %s", text, show(got), show(want))
		}
	})
}

// What an expression may take up is for one event, and not for all of them.
func TestEachEventHasAnAccountOfItsOwn(t *testing.T) {
	numbers := strings.Repeat("1, ", 1000)
	expr, batch := mustCompile(t, "[for n in ["+numbers+"] : event.a][999]"), jsonEvent(t, `{"a":"x"}`)
	for i := range 200 {
		if got := expr.Eval(batch, 0); string(got.Text()) != "x" {
			t.Fatalf("the expression is %v for event %d", got, i)
		}
	}
}

func FuzzCompile(f *testing.F) {
	for _, seed := range []string{benchExpr, `event`, `event[*].x`, `"%{for x in event.a}${x}%{endfor}"`, `event.a["b"].0[-1]`, `!event.x ? -event.y : event.z % 0`} {
		f.Add(seed, benchText)
	}
	f.Fuzz(func(t *testing.T, text, line string) {
		if len(text) > 200 || len(line) > 500 {
			return
		}
		parsed, diags := hclsyntax.ParseExpression([]byte(text), "fuzz.hcl", hcl.InitialPos)
		if diags.HasErrors() {
			return
		}
		var b event.Builder
		b.Log(time.Time{}, []byte(line))
		batch := b.Batch()
		if err := event.ParseJSON(batch, 0); err != nil {
			t.Logf("the event stays a text: %v", err)
		}
		lang.Bound(parsed)
		expr, diags := Compile(parsed, scope())
		if !diags.HasErrors() {
			expr.Eval(batch, 0)
		}
	})
}

func BenchmarkEval(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 2))
	batch := randomBatch(b, r, 512)
	for _, row := range []struct{ name, expr string }{
		{"compiled", `event.status > 1 && startswith(event.a, "a")`},
		{"interpreted", `[event.status > 1, startswith(event.a, "a")] == [true, true]`},
	} {
		b.Run(row.name, func(b *testing.B) {
			expr := mustCompile(b, row.expr)
			b.ReportAllocs()
			for b.Loop() {
				for i := range batch.Len() {
					expr.True(batch, i)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*batch.Len()), "ns/event")
		})
	}
}
