package console_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/console"
	"github.com/driftless-hq/driftless/plugin"
)

// read puts the lines of a text together, as "line: expression".
func read(text string) []string {
	var lines console.Lines
	var out []string
	add := func(e console.Expression, ok bool) {
		if ok {
			out = append(out, string(rune('0'+e.Line))+": "+strings.TrimSuffix(string(e.Source), "\n"))
		}
	}
	for line := range strings.Lines(text) {
		add(lines.Add(strings.TrimSuffix(line, "\n")))
	}
	add(lines.Rest())
	return out
}

func TestLinesArePutTogetherToExpressions(t *testing.T) {
	tests := map[string]struct {
		text string
		want []string
	}{
		"one on a line":              {"1\n2\n", []string{"1: 1", "2: 2"}},
		"several lines in brackets":  {"[1,\n2]\n3\n", []string{"1: [1,\n2]", "3: 3"}},
		"a heredoc":                  {"<<EOT\n[\nEOT\n4\n", []string{"1: <<EOT\n[\nEOT", "4: 4"}},
		"blank lines and comments":   {"\n# [\n// {\n/* ( */\n1 # [\n", []string{"5: 1 # ["}},
		"a comment within brackets":  {"[ # ]\n1 ]\n", []string{"1: [ # ]\n1 ]"}},
		"one that is never complete": {"1\n[2,\n", []string{"1: 1", "2: [2,"}},
		"nothing":                    {"", nil},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, read(test.text)); diff != "" {
				t.Errorf("not as expected (-want +got):\n%s", diff)
			}
		})
	}
}

// Each line is looked at with all before it, so that without a limit an input
// without an end could keep the console busy for ever.
func TestAnExpressionThatIsNeverClosedIsCutOff(t *testing.T) {
	var lines console.Lines
	line := `["` + strings.Repeat("x", 300_000) + `",`
	for range 100 {
		if _, ok := lines.Add(line); ok {
			return
		}
	}
	t.Error("a hundred long lines are taken for one expression")
}

func TestWhatWasBegunCanBeDropped(t *testing.T) {
	var lines console.Lines
	lines.Add("[")
	if !lines.Open() {
		t.Error("an open bracket leaves nothing open")
	}
	lines.Drop()
	if e, ok := lines.Add("1"); !ok || string(e.Source) != "1\n" || e.Line != 2 {
		t.Errorf("after it was dropped, the next line is %q of line %d", e.Source, e.Line)
	}
}

type noTypes struct{}

func (noTypes) Type(plugin.TypeRef) (plugin.Type, bool) { return plugin.Type{}, false }
func (noTypes) Names(plugin.Kind) []string              { return nil }

// newSession is one without a configuration.
func newSession(t *testing.T) *console.Session {
	t.Helper()
	g, diags := eval.Build(&config.Config{Dir: t.TempDir()}, noTypes{}, eval.Inputs{Secrets: oneSecret{}})
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	return console.New(g, g.Static())
}

// oneSecret is an object in JSON, whatever it is asked for.
type oneSecret struct{}

func (oneSecret) Secret(string) (cty.Value, error) { return cty.StringVal(`{"alice": "pw"}`), nil }
func (oneSecret) Vault(string, string, cty.Value) (cty.Value, error) {
	return cty.StringVal("x"), nil
}

func TestAMistakeIsShownWhereItIsInTheInput(t *testing.T) {
	_, diags := newSession(t).Eval(console.Expression{Source: []byte("[\n  1,\n  nope,\n]\n"), Line: 5}, "input")
	if len(diags) != 1 {
		t.Fatalf("%d diagnostics: %v", len(diags), diags)
	}
	at := diags[0].Subject
	if at.Filename != "input" || at.Start.Line != 7 || at.Start.Column != 3 || at.Start.Byte != 9 {
		t.Errorf("the mistake is at %+v, want line 7, column 3, byte 9", at)
	}
}

func TestTheTypeOfAValue(t *testing.T) {
	tests := map[string]struct {
		text string
		want cty.Type
	}{
		"a string":           {`type("x")`, cty.String},
		"a null":             {"type(null)", cty.DynamicPseudoType},
		"an object":          {"type({ a = [1] })", cty.Object(map[string]cty.Type{"a": cty.Tuple([]cty.Type{cty.Number})})},
		"a secret":           {`type(secret("x"))`, cty.String},
		"an object with one": {`type({ a = secret("x") })`, cty.Object(map[string]cty.Type{"a": cty.String})},
		"a list of secrets":  {`type(sensitive(tolist(["x"])))`, cty.List(cty.String)},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			v, diags := newSession(t).Eval(console.Expression{Source: []byte(test.text), Line: 1}, "input")
			if diags.HasErrors() {
				t.Fatal(diags)
			}
			if got, ok := console.TypeIn(v); !ok || !got.Equals(test.want) {
				t.Errorf("%s is %#v, want %#v", test.text, got, test.want)
			}
		})
	}
}

// The names in an object can tell as much as its values.
func TestTheTypeOfASecretObjectIsASecret(t *testing.T) {
	for _, text := range []string{`type(jsondecode(secret("x")))`, `type({ a = jsondecode(secret("x")) })`, `type(tolist([jsondecode(secret("x"))]))`} {
		v, diags := newSession(t).Eval(console.Expression{Source: []byte(text), Line: 1}, "input")
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		if !lang.IsSensitive(v) {
			t.Errorf("%s is not sensitive", text)
		}
		if _, ok := console.TypeIn(v); ok {
			t.Errorf("%s shows a type", text)
		}
	}
}
