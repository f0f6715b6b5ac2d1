package eventexpr

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/ext/tryfunc"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/plugin/event"
)

func textFunction(test func(s, part string) bool) function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "s", Type: cty.String}, {Name: "part", Type: cty.String}},
		Type:   function.StaticReturnType(cty.Bool),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return cty.BoolVal(test(args[0].AsString(), args[1].AsString())), nil
		},
	})
}

// lengthFunction and coalesceFunction behave as those of Terraform do.
func lengthFunction() function.Function {
	return function.New(&function.Spec{
		Params: []function.Parameter{{Name: "v", Type: cty.DynamicPseudoType}},
		Type:   function.StaticReturnType(cty.Number),
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			switch t := args[0].Type(); {
			case t == cty.String:
				return stdlib.Strlen(args[0])
			case t.IsObjectType(), t.IsTupleType(), t.IsCollectionType():
				return args[0].Length(), nil
			}
			return cty.NilVal, fmt.Errorf("no length")
		},
	})
}

func coalesceFunction() function.Function {
	return function.New(&function.Spec{
		VarParam: &function.Parameter{Name: "v", Type: cty.DynamicPseudoType, AllowNull: true, AllowUnknown: true, AllowDynamicType: true},
		Type: func(args []cty.Value) (cty.Type, error) {
			var types []cty.Type
			for _, arg := range args {
				types = append(types, arg.Type())
			}
			t, _ := convert.UnifyUnsafe(types)
			if t == cty.NilType {
				return t, fmt.Errorf("no common type")
			}
			return t, nil
		},
		Impl: func(args []cty.Value, t cty.Type) (cty.Value, error) {
			for _, arg := range args {
				v, err := convert.Convert(arg, t)
				if err != nil {
					return cty.NilVal, err
				}
				if !v.IsKnown() {
					return cty.UnknownVal(t), nil
				}
				if !v.IsNull() && (t != cty.String || v.AsString() != "") {
					return v, nil
				}
			}
			return cty.NilVal, fmt.Errorf("nothing")
		},
	})
}

func scope() *hcl.EvalContext {
	return lang.WithAccount(&hcl.EvalContext{
		Variables: map[string]cty.Value{
			"var": cty.ObjectVal(map[string]cty.Value{
				"n":       cty.NumberIntVal(3),
				"name":    cty.StringVal("abc"),
				"list":    cty.ListVal([]cty.Value{cty.StringVal("abc"), cty.StringVal("1")}),
				"unknown": cty.UnknownVal(cty.String),
				"secret":  cty.StringVal("hush").Mark("sensitive"),
				"fields":  cty.ObjectVal(map[string]cty.Value{"env": cty.StringVal("prod"), "n": cty.NumberIntVal(1)}),
			}),
		},
		Functions: map[string]function.Function{
			"startswith":  textFunction(strings.HasPrefix),
			"endswith":    textFunction(strings.HasSuffix),
			"strcontains": textFunction(strings.Contains),
			"lower":       stdlib.LowerFunc,
			"upper":       stdlib.UpperFunc,
			"length":      lengthFunction(),
			"coalesce":    coalesceFunction(),
			"contains":    stdlib.ContainsFunc,
			"regex":       stdlib.RegexFunc,
			"can":         tryfunc.CanFunc,
			"replace":     stdlib.ReplaceFunc,
			"jsonencode":  stdlib.JSONEncodeFunc,
		},
	})
}

// oracle evaluates an expression with HCL, operation by operation, and adds
// only what this package promises for null.
func oracle(expr hclsyntax.Expression, ctx *hcl.EvalContext) cty.Value {
	null := cty.NullVal(cty.DynamicPseudoType)
	literal := func(e hclsyntax.Expression) *hclsyntax.LiteralValueExpr {
		return &hclsyntax.LiteralValueExpr{Val: oracle(e, ctx)}
	}
	value := func(e hclsyntax.Expression) cty.Value {
		v, diags := e.Value(ctx)
		if diags.HasErrors() {
			return null
		}
		return v
	}
	if !mentionsEvent(expr) {
		return value(expr)
	}
	switch e := expr.(type) {
	case *hclsyntax.ParenthesesExpr:
		return oracle(e.Expression, ctx)
	case *hclsyntax.TemplateWrapExpr:
		return oracle(e.Wrapped, ctx)
	case *hclsyntax.UnaryOpExpr:
		return value(&hclsyntax.UnaryOpExpr{Op: e.Op, Val: literal(e.Val)})
	case *hclsyntax.BinaryOpExpr:
		if e.Op == hclsyntax.OpLogicalAnd || e.Op == hclsyntax.OpLogicalOr {
			return oracleLogic(e.Op == hclsyntax.OpLogicalOr, oracle(e.LHS, ctx), oracle(e.RHS, ctx))
		}
		return value(&hclsyntax.BinaryOpExpr{Op: e.Op, LHS: literal(e.LHS), RHS: literal(e.RHS)})
	case *hclsyntax.ConditionalExpr:
		if yes, no := oracle(e.TrueResult, ctx), oracle(e.FalseResult, ctx); isCollection(yes) && isCollection(no) {
			return oracleChoice(oracle(e.Condition, ctx), yes, no)
		}
		return value(&hclsyntax.ConditionalExpr{
			Condition: literal(e.Condition), TrueResult: literal(e.TrueResult), FalseResult: literal(e.FalseResult)})
	case *hclsyntax.TemplateExpr:
		parts := make([]hclsyntax.Expression, len(e.Parts))
		for k, part := range e.Parts {
			parts[k] = literal(part)
		}
		return value(&hclsyntax.TemplateExpr{Parts: parts})
	case *hclsyntax.FunctionCallExpr:
		if e.Name == "can" {
			match := e.Args[0].(*hclsyntax.FunctionCallExpr)
			return value(&hclsyntax.FunctionCallExpr{Name: "can", Args: []hclsyntax.Expression{
				&hclsyntax.FunctionCallExpr{Name: match.Name, Args: []hclsyntax.Expression{match.Args[0], literal(match.Args[1])}},
			}})
		}
		args := make([]hclsyntax.Expression, len(e.Args))
		if first := oracle(e.Args[0], ctx); e.Name == "coalesce" && isCollection(first) && isCollection(oracle(e.Args[1], ctx)) {
			return first
		}
		for k, arg := range e.Args {
			args[k] = literal(arg)
		}
		if needle := oracle(e.Args[len(args)-1], ctx); e.Name == "contains" && needle.IsNull() {
			// A null without a type makes HCL put the call off for good.
			args[1] = &hclsyntax.LiteralValueExpr{Val: cty.NullVal(cty.String)}
		}
		return value(&hclsyntax.FunctionCallExpr{Name: e.Name, Args: args})
	}
	return value(expr)
}

// oracleChoice doesn't convert: HCL would make a list of two different tuples,
// this package takes the one that was chosen as it is.
func oracleChoice(condition, yes, no cty.Value) cty.Value {
	b, err := convert.Convert(condition, cty.Bool)
	switch {
	case err != nil || b.IsNull():
		return cty.NullVal(cty.DynamicPseudoType)
	case b.True():
		return yes
	}
	return no
}

func isCollection(v cty.Value) bool {
	return !v.IsNull() && (v.Type().IsObjectType() || v.Type().IsTupleType())
}

// oracleLogic is true or false where one side decides, else null if one is.
func oracleLogic(decides bool, l, r cty.Value) cty.Value {
	unknown := false
	for _, v := range []cty.Value{l, r} {
		b, err := convert.Convert(v, cty.Bool)
		switch {
		case err != nil || b.IsNull():
			unknown = true
		case b.True() == decides:
			return cty.BoolVal(decides)
		}
	}
	if unknown {
		return cty.NullVal(cty.Bool)
	}
	return cty.BoolVal(!decides)
}

func parse(t testing.TB, text string) hclsyntax.Expression {
	t.Helper()
	expr, diags := hclsyntax.ParseExpression([]byte(text), "test.hcl", hcl.InitialPos)
	if diags.HasErrors() {
		t.Fatalf("parse %s: %v", text, diags)
	}
	return expr
}

// bounded parses an expression as [Compile] is given it.
func bounded(t testing.TB, text string) hclsyntax.Expression {
	t.Helper()
	expr := parse(t, text)
	lang.Bound(expr)
	return expr
}

// checkAgainstOracle compares compiled and interpreted values for each event.
func checkAgainstOracle(t *testing.T, text string, batch *event.Batch) {
	t.Helper()
	expr := parse(t, text)
	compiled, diags := Compile(expr, scope())
	if diags.HasErrors() {
		t.Fatalf("compile %s: %v", text, diags)
	}
	for i := range batch.Len() {
		ctx := scope().NewChild()
		ctx.Variables = map[string]cty.Value{root: object(batch, i, referenced(expr))}
		want := fromCty(oracle(expr, ctx))
		got := compiled.Eval(batch, i)
		if !same(got, want) {
			t.Fatalf("%s\nevent %s\ngot  %s\nwant %s", text, event.AppendRaw(nil, batch, i), show(got), show(want))
		}
	}
}

func show(v event.Value) string { return fmt.Sprintf("%d:%s", v.Kind(), event.AppendValue(nil, v)) }

func same(got, want event.Value) bool {
	if isNumber(got) && isNumber(want) {
		x, y := got.Number(), want.Number()
		return x == y || math.Abs(x-y) <= 1e-12*math.Max(math.Abs(x), math.Abs(y))
	}
	if got.Kind() == event.String && want.Kind() == event.String {
		// HCL's numbers have a negative zero where whole numbers have none.
		return strings.ReplaceAll(string(got.Text()), "-0", "0") == strings.ReplaceAll(string(want.Text()), "-0", "0")
	}
	return equal(got, want)
}

var randomValues = []string{
	`null`, `true`, `false`, `0`, `1`, `2`, `-3`, `12`, `1.5`, `-0.25`, `1000`, `1e3`, `""`, `"abc"`, `"ABC"`, `"true"`, `"0"`, `"1"`,
	`"12"`, `"1.5"`, `"x\ty"`, `"\u00fcn\u00ef \ud83d\ude00"`, `"a\r\n"`, `[]`, `["abc",1,"t\n"]`, `[[1],{"x":2}]`, `{}`, `{"x":1,"y":{"z":"\u0041bc"},"0":true}`,
}

func randomBatch(t testing.TB, r *rand.Rand, n int) *event.Batch {
	t.Helper()
	var b event.Builder
	for range n {
		var members []string
		for _, name := range []string{"a", "b", "c", "status", "o", "message"} {
			if r.IntN(5) > 0 {
				members = append(members, fmt.Sprintf("%q: %s", name, randomValues[r.IntN(len(randomValues))]))
			}
		}
		b.Log(time.Unix(1_700_000_000, 5).UTC(), []byte("{"+strings.Join(members, ", ")+"}"))
		b.Origin(event.Origin{Source: "source.file.x"}, int64(r.IntN(3)-1))
	}
	batch := b.Batch()
	for i := range batch.Len() {
		if r.IntN(10) == 0 {
			continue // stays a text
		}
		if err := event.ParseJSON(batch, i); err != nil {
			t.Fatal(err)
		}
	}
	return batch
}

// randomExpr writes an expression. Divisors are powers of two, so that a
// result has the same digits with 53 and with 512 bits.
func randomExpr(r *rand.Rand, depth int) string {
	if depth == 0 {
		leaves := []string{"event.a", "event.b", "event.c", "event.status", "event.o.x", "event.o.y.z", `event["a"]`, "event.o[0]", "event.kind",
			"event.message", "event.meta.offset", "event.meta.path", "var.n", "var.name", "1", "2.5", `"abc"`, `"12"`, "true", "false", "null"}
		return leaves[r.IntN(len(leaves))]
	}
	sub := func() string { return randomExpr(r, r.IntN(depth)) }
	switch r.IntN(14) {
	case 0:
		return fmt.Sprintf("(%s ? %s : %s)", sub(), sub(), sub())
	case 1:
		return fmt.Sprintf(`"<${%s}|${%s}>"`, sub(), sub())
	case 2:
		return fmt.Sprintf("%s(%s, %s)", []string{"startswith", "endswith", "strcontains", "coalesce"}[r.IntN(4)], sub(), sub())
	case 3:
		return fmt.Sprintf("%s(%s)", []string{"lower", "upper", "length"}[r.IntN(3)], sub())
	case 4:
		return fmt.Sprintf(`can(regex("^[a1]", %s))`, sub())
	case 5:
		return fmt.Sprintf(`contains(["abc", 1, true], %s)`, sub())
	case 6:
		return fmt.Sprintf("!(%s)", sub())
	case 7:
		return fmt.Sprintf("-(%s)", sub())
	case 8:
		return fmt.Sprintf("(%s / %s)", sub(), []string{"2", "0.5", "4"}[r.IntN(3)])
	}
	operators := []string{"==", "!=", "<", "<=", ">", ">=", "&&", "||", "+", "-", "*", "%"}
	return fmt.Sprintf("(%s %s %s)", sub(), operators[r.IntN(len(operators))], sub())
}

func TestCompiledEqualsInterpreted(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	compiled := 0
	for range 6000 {
		text := randomExpr(r, 4)
		expr := parse(t, text)
		if _, diags := Compile(expr, scope()); diags.HasErrors() {
			continue // a mistake that HCL finds without an event
		}
		checkAgainstOracle(t, text, randomBatch(t, r, 8))
		compiled++
	}
	if compiled < 2000 {
		t.Errorf("only %d expressions were compared", compiled)
	}
}
