package lang_test

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/driftless-hq/driftless/config/lang"
)

// FuzzFunctions calls any function with any arguments, given as a list in JSON.
// None of them panics, passes a limit or loses a mark.
func FuzzFunctions(f *testing.F) {
	names := slices.Sorted(maps.Keys(lang.Functions("", nil)))
	dir := f.TempDir()
	for _, g := range lang.Reference() {
		for _, d := range g.Docs {
			f.Add(uint8(slices.Index(names, d.Name)), argumentsOf(f, d), uint8(1))
		}
	}
	for _, args := range []string{`[]`, `[null]`, `["%5d%[1]s", [1], {}]`, `[[[[]]], "a", -1]`, `["a", 1e300, 0.5]`, `[{"a":[1,null]},{"b":"c"}]`} {
		for i := range names {
			f.Add(uint8(i), args, uint8(i))
		}
	}
	functions := lang.Functions(dir, nil)
	f.Fuzz(func(t *testing.T, which uint8, text string, kinds uint8) {
		name := names[int(which)%len(names)]
		args, sensitive, ok := argumentsFrom(text, kinds)
		if !ok {
			return
		}
		expr, diags := hclsyntax.ParseExpression([]byte(name+"(args...)"), "test", hcl.InitialPos)
		if diags.HasErrors() {
			t.Fatal(diags)
		}
		lang.Bound(expr)
		v, diags := lang.Evaluate(expr, lang.WithAccount(&hcl.EvalContext{
			Functions: functions, Variables: map[string]cty.Value{"args": args},
		}))
		for _, d := range diags {
			call, ok := hcl.DiagnosticExtra[hclsyntax.FunctionCallDiagExtra](d)
			if !ok {
				continue
			}
			if p, panicked := errors.AsType[function.PanicError](call.FunctionCallError()); panicked {
				t.Errorf("%s(%s) panicked: %v\n%s", name, text, p.Value, p.Stack)
			}
		}
		if !diags.HasErrors() && sensitive && !lang.IsSensitive(v) && unmarked[name] == "" {
			t.Errorf("%s(%s) is not sensitive: %#v", name, text, v)
		}
	})
}

// argumentsOf returns the arguments of an example as JSON.
func argumentsOf(t testing.TB, d lang.Doc) string {
	t.Helper()
	inner, isCall := strings.CutPrefix(d.Example, d.Name+"(")
	inner, closed := strings.CutSuffix(inner, ")")
	if !isCall || !closed {
		return "[]"
	}
	v, diags := evaluate(t, "jsonencode(try(["+inner+"], []))", "", nil)
	if diags.HasErrors() || !v.IsKnown() {
		return "[]"
	}
	v, _ = v.Unmark()
	return v.AsString()
}

// argumentsFrom reads arguments. The low bits of kinds make the first of them
// sensitive or unknown.
func argumentsFrom(text string, kinds uint8) (args cty.Value, sensitive, ok bool) {
	if len(text) > 1<<12 {
		return cty.NilVal, false, false
	}
	v, err := stdlib.JSONDecode(cty.StringVal(text))
	if err != nil || !v.Type().IsTupleType() {
		return cty.NilVal, false, false
	}
	list := v.AsValueSlice()
	for i := range min(len(list), 4) {
		switch kinds >> (2 * i) & 3 {
		case 1:
			list[i], sensitive = list[i].Mark(lang.Sensitive), true
		case 2:
			list[i] = cty.UnknownVal(list[i].Type())
		case 3:
			list[i], sensitive = cty.UnknownVal(list[i].Type()).Mark(lang.Sensitive), true
		}
	}
	return cty.TupleVal(list), sensitive, true
}
