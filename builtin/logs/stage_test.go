package logs

import (
	"fmt"
	"maps"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// stageConfig completes the attributes given with the defaults of the schema.
func stageConfig(t testing.TB, name string, given map[string]cty.Value) plugin.OpenRequest {
	t.Helper()
	for _, stageType := range StageTypes() {
		if stageType.Ref.Name != name {
			continue
		}
		values := map[string]cty.Value{}
		for _, a := range stageType.Schema.Attributes {
			values[a.Name] = cty.NullVal(a.Type)
			if a.Default != cty.NilVal {
				values[a.Name] = a.Default
			}
		}
		maps.Copy(values, given)
		return plugin.OpenRequest{Type: stageType.Ref, Addr: "stage." + name, Config: cty.ObjectVal(values)}
	}
	t.Fatalf("there is no stage %q", name)
	return plugin.OpenRequest{}
}

func openStage(t testing.TB, name string, given map[string]cty.Value) plugin.Stage {
	t.Helper()
	instance, diags := OpenStage(stageConfig(t, name, given))
	if diags.HasErrors() {
		t.Fatalf("open stage %s: %v", name, diags.Err())
	}
	t.Cleanup(func() {
		if err := instance.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
	return instance.(plugin.Stage)
}

// process runs lines through a stage and returns them as JSON.
func process(t *testing.T, stage plugin.Stage, lines ...string) []string {
	t.Helper()
	var b event.Builder
	for _, line := range lines {
		b.Log(time.Time{}, []byte(line))
	}
	batch := b.Batch()
	if err := stage.Process(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	return encoded(batch)
}

func encoded(batch *event.Batch) []string {
	var lines []string
	for i := range batch.Len() {
		lines = append(lines, string(event.AppendJSON(nil, batch, i, event.EncodeOptions{})))
	}
	return lines
}

func texts(lines ...string) cty.Value {
	values := make([]cty.Value, len(lines))
	for k, line := range lines {
		values[k] = cty.StringVal(line)
	}
	return cty.ListVal(values)
}

func capsule(eval func(b *event.Batch, i int) event.Value) cty.Value {
	return cty.CapsuleVal(schema.EventExpr, &event.Expr{Eval: eval, Text: "test"})
}

func TestSchemasFitTheirConfigurations(t *testing.T) {
	for name, check := range map[string]error{
		"parse":  schema.Check(parseSchema(), parseConfig{}),
		"filter": schema.Check(filterSchema(), filterConfig{}),
		"set":    schema.Check(setSchema(), setConfig{}),
	} {
		if check != nil {
			t.Errorf("%s: %v", name, check)
		}
	}
}

func TestParse(t *testing.T) {
	const combined = `^(?P<addr>\S+) (?P<user>\S+) "(?P<request>[^"]*)"(?: (?P<status>\d+))?$`
	for _, row := range []struct {
		name   string
		config map[string]cty.Value
		line   string
		want   []string
	}{
		{"JSON goes out as it came in", map[string]cty.Value{"format": cty.StringVal("json")},
			`{"a": 1, "b": "x"}`, []string{`{"a": 1, "b": "x"}`}},
		{"what is not JSON is kept and says why", map[string]cty.Value{"format": cty.StringVal("json")},
			`plain`, []string{`{"message":"plain","parse_error":"not a JSON object"}`}},
		{"what is not JSON is dropped when told so", map[string]cty.Value{"format": cty.StringVal("json"), "on_error": cty.StringVal("drop")},
			`plain`, nil},
		{"named groups become fields in place of the text", map[string]cty.Value{"format": cty.StringVal("regex"), "pattern": cty.StringVal(combined)},
			`10.0.0.1 eve "GET /" 404`, []string{`{"addr":"10.0.0.1","user":"eve","request":"GET /","status":"404"}`}},
		{"a group that took no part is no field", map[string]cty.Value{"format": cty.StringVal("regex"), "pattern": cty.StringVal(combined)},
			`10.0.0.1 eve ""`, []string{`{"addr":"10.0.0.1","user":"eve","request":""}`}},
		{"a text that does not match is kept", map[string]cty.Value{"format": cty.StringVal("regex"), "pattern": cty.StringVal(combined)},
			`nothing`, []string{`{"message":"nothing","parse_error":"the text does not match the pattern"}`}},
		{"the field is missing", map[string]cty.Value{"format": cty.StringVal("json"), "field": cty.StringVal("log")},
			`x`, []string{`{"message":"x","parse_error":"the event does not have the field to parse"}`}},
	} {
		t.Run(row.name, func(t *testing.T) {
			got := process(t, openStage(t, "parse", row.config), row.line)
			if diff := cmp.Diff(row.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestParseOfAFieldReplacesIt(t *testing.T) {
	outer := openStage(t, "parse", map[string]cty.Value{"format": cty.StringVal("json")})
	inner := openStage(t, "parse", map[string]cty.Value{"format": cty.StringVal("json"), "field": cty.StringVal("log")})
	pattern := openStage(t, "parse", map[string]cty.Value{
		"format": cty.StringVal("regex"), "field": cty.StringVal("msg"), "pattern": cty.StringVal(`^(?P<verb>\w+) (?P<path>\S+)`)})
	var b event.Builder
	b.Log(time.Time{}, []byte(`{"stream":"out","log":"{\"msg\":\"GET /a\",\"stream\":\"err\"}\n"}`))
	batch := b.Batch()
	for _, stage := range []plugin.Stage{outer, inner, pattern} {
		if err := stage.Process(t.Context(), batch); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{`{"stream":"err","verb":"GET","path":"/a"}`}
	if diff := cmp.Diff(want, encoded(batch)); diff != "" {
		t.Error(diff)
	}
}

func TestParseSetsTheTime(t *testing.T) {
	want := time.Date(2026, 3, 4, 5, 6, 7, 250_000_000, time.UTC)
	for _, row := range []struct {
		name, format, zone, line string
		want                     time.Time
	}{
		{"RFC 3339 is the default", "rfc3339", "UTC", `{"t":"2026-03-04T06:06:07.25+01:00"}`, want},
		{"seconds with a fraction", "unix", "UTC", fmt.Sprintf(`{"t":%d.25}`, want.Unix()), want},
		{"seconds in a string", "unix", "UTC", fmt.Sprintf(`{"t":"%d"}`, want.Unix()), want.Truncate(time.Second)},
		{"milliseconds", "unix_ms", "UTC", fmt.Sprintf(`{"t":%d}`, want.UnixMilli()), want},
		{"a layout in a zone", "2006-01-02 15:04:05.00", "Etc/GMT-2", `{"t":"2026-03-04 07:06:07.25"}`, want},
		{"no such field leaves the time alone", "rfc3339", "UTC", `{"u":1}`, time.Time{}},
		{"a number that is no time leaves the time alone", "unix", "UTC", `{"t":1e300}`, time.Time{}},
		{"a text that is no time leaves the time alone", "rfc3339", "UTC", `{"t":"soon"}`, time.Time{}},
	} {
		t.Run(row.name, func(t *testing.T) {
			stage := openStage(t, "parse", map[string]cty.Value{
				"format": cty.StringVal("json"), "time_key": cty.StringVal("t"),
				"time_format": cty.StringVal(row.format), "timezone": cty.StringVal(row.zone),
			})
			var b event.Builder
			b.Log(time.Time{}, []byte(row.line))
			batch := b.Batch()
			if err := stage.Process(t.Context(), batch); err != nil {
				t.Fatal(err)
			}
			if got := batch.Time(0); !got.Equal(row.want) {
				t.Errorf("got %v, want %v", got, row.want)
			}
		})
	}
}

func TestFilter(t *testing.T) {
	isLong := capsule(func(b *event.Batch, i int) event.Value { return event.BoolValue(len(b.Original(i)) > 6) })
	null := capsule(func(*event.Batch, int) event.Value { return event.Value{} })
	lines := []string{"a warning", "an error", "debug", "errors"}
	for _, row := range []struct {
		name   string
		config map[string]cty.Value
		want   []string
	}{
		{"keep lets through what is true", map[string]cty.Value{"keep": isLong}, []string{"a warning", "an error"}},
		{"keep does not let through null", map[string]cty.Value{"keep": null}, nil},
		{"drop holds back what is true", map[string]cty.Value{"drop": isLong}, []string{"debug", "errors"}},
		{"drop lets through null", map[string]cty.Value{"drop": null}, lines},
		{"include needs one match", map[string]cty.Value{"include": texts("^debug$", "war+n")}, []string{"a warning", "debug"}},
		{"exclude holds back each match", map[string]cty.Value{"exclude": texts("error$", "warn")}, []string{"debug", "errors"}},
		{"all conditions must be met", map[string]cty.Value{"include": texts("error"), "keep": isLong}, []string{"an error"}},
		{"a field that the event lacks matches nothing", map[string]cty.Value{"include": texts("error"), "field": cty.StringVal("x")}, nil},
	} {
		t.Run(row.name, func(t *testing.T) {
			stage := openStage(t, "filter", row.config)
			var want []string
			for _, line := range row.want {
				want = append(want, fmt.Sprintf(`{"message":%q}`, line))
			}
			if diff := cmp.Diff(want, process(t, stage, lines...)); diff != "" {
				t.Error(diff)
			}
			discarded := uint64(len(lines) - len(row.want))
			if got := stage.(Counted).Counts()["discarded"]; got != discarded {
				t.Errorf("counted %d discarded, want %d", got, discarded)
			}
		})
	}
}

func TestSetReadsTheEventAsItCame(t *testing.T) {
	field := func(name string) event.Expr { return event.Expr{Eval: event.NewRef(name).Field} }
	fields := event.ExprMap{
		{Name: "a", Expr: field("b")}, {Name: "b", Expr: field("a")}, {Name: "c", Expr: field("missing")},
		{Name: "env", Expr: event.Expr{Eval: func(*event.Batch, int) event.Value { return event.StringValue("prod") }}},
	}
	set := openStage(t, "set", map[string]cty.Value{"fields": cty.CapsuleVal(schema.EventExprs, &fields)})
	var b event.Builder
	b.Log(time.Time{}, []byte(`{"a":"x","b":"y\n","c":3}`))
	batch := b.Batch()
	if err := event.ParseJSON(batch, 0); err != nil {
		t.Fatal(err)
	}
	if err := set.Process(t.Context(), batch); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{`{"a":"y\n","b":"x","env":"prod"}`}, encoded(batch)); diff != "" {
		t.Error(diff)
	}
}

func TestValidateStage(t *testing.T) {
	text := cty.StringVal
	for _, row := range []struct {
		name, stage string
		config      map[string]cty.Value
		want        string
	}{
		{"regex without a pattern", "parse", map[string]cty.Value{"format": text("regex")}, "Missing pattern"},
		{"a pattern that makes no field", "parse", map[string]cty.Value{"format": text("regex"), "pattern": text("(a)")}, "Invalid pattern"},
		{"a pattern for JSON", "parse", map[string]cty.Value{"format": text("json"), "pattern": text("a")}, "Pattern without effect"},
		{"a layout of strftime", "parse", map[string]cty.Value{"format": text("json"), "time_key": text("t"), "time_format": text("%Y")}, "Invalid time format"},
		{"an unknown zone", "parse", map[string]cty.Value{"format": text("json"), "time_key": text("t"), "timezone": text("Mars/Base")}, "Unknown time zone"},
		{"a filter without a condition", "filter", nil, "Filter without a condition"},
		{"what is not known yet is not judged", "parse", map[string]cty.Value{"format": cty.UnknownVal(cty.String), "pattern": cty.UnknownVal(cty.String)}, ""},
	} {
		t.Run(row.name, func(t *testing.T) {
			req := stageConfig(t, row.stage, row.config)
			var got []string
			for _, d := range ValidateStage(req.Type, req.Config) {
				got = append(got, d.Summary)
			}
			if strings.Join(got, ", ") != row.want {
				t.Errorf("got %q, want %q", got, row.want)
			}
		})
	}
}

func FuzzPatternLiteral(f *testing.F) {
	for _, seed := range [][2]string{
		{`^abc$`, "abc"}, {`a(?:bcd)+e|x`, "x"}, {`(?i)abc`, "ABC"}, {`(?:foo){2}bar?`, "foofooba"}, {`[a-c]error: \d+`, "aerror: 1"}, {`abc`, "xabcx"},
		{"\uFFFD", "\xff"}, {`(ab){0}c`, "c"},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, expr, text string) {
		re, err := regexp.Compile(expr)
		if err != nil {
			return
		}
		p, err := newPattern(expr)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := p.match([]byte(text)), re.MatchString(text); got != want {
			t.Errorf("%q on %q: got %v, want %v (literal %q)", expr, text, got, want, p.literal)
		}
	})
}
