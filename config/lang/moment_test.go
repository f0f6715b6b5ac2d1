package lang_test

import (
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
)

// at evaluates an expression at a moment, as part of something.
func at(t *testing.T, m *lang.Moment, src, within string) (cty.Value, hcl.Diagnostics) {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(src), "test", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatal(diags)
	}
	ctx := lang.WithAccount(&hcl.EvalContext{Functions: lang.Functions("", nil)})
	return lang.Evaluate(expr, m.Answer(ctx, within))
}

func TestACallHasOneAnswerHoweverOftenItIsEvaluated(t *testing.T) {
	m := lang.NewMoment(time.Unix(1, 0))
	calls := []string{`timestamp()`, `uuid()`, `bcrypt("x", 4)`, `[for i in [1, 2] : uuid()]`, `bcrypt(sensitive("x"), 4)`}
	for _, src := range calls {
		if v, diags := at(t, m, src, "a"); diags.HasErrors() || v.IsWhollyKnown() {
			t.Errorf("before the apply %s is %#v, %v", src, v, diags)
		}
	}
	m.Apply(time.Unix(2, 0))
	for _, src := range calls {
		first, diags := at(t, m, src, "a")
		second, more := at(t, m, src, "a")
		if append(diags, more...).HasErrors() || !first.RawEquals(second) || !first.IsWhollyKnown() {
			t.Errorf("%s is %#v and then %#v", src, first, second)
		}
	}
	a, _ := at(t, m, `uuid()`, "a")
	b, _ := at(t, m, `uuid()`, "b")
	if a.RawEquals(b) {
		t.Errorf("two blocks have the same UUID %#v", a)
	}
	if same, _ := at(t, m, `uuid() == uuid()`, "c"); same.True() {
		t.Error("two calls have the same UUID")
	}
	for src, want := range map[string]string{`plantimestamp()`: "1970-01-01T00:00:01Z", `timestamp()`: "1970-01-01T00:00:02Z"} {
		if v, _ := at(t, m, src, "a"); v.AsString() != want {
			t.Errorf("%s is %s, and not %s", src, v.AsString(), want)
		}
	}
}

func TestTheWorkOfBcryptIsBounded(t *testing.T) {
	m := lang.NewMoment(time.Unix(1, 0))
	for src, want := range map[string]string{
		`[for i in range(1000) : bcrypt("x", 10)]`: "Value too large",
		`bcrypt("x", 31)`:                          "Invalid function argument",
	} {
		if _, diags := at(t, m, src, "a"); !diags.HasErrors() || diags[0].Summary != want {
			t.Errorf("%s: %v", src, diags)
		}
	}
}
