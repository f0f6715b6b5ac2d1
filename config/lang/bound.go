package lang

import (
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
)

// The limits of one evaluation. An expression can describe more than any
// machine can hold in a few words, such as a list in which each element holds
// the list before it twice.
const (
	maxIterations = 100_000  // of all for expressions together
	maxWork       = 16 << 20 // bytes that functions and templates take up, an element counting as elementWork
	elementWork   = 32
	maxElements   = 100_000 // within one value
	maxString     = 1 << 20 // bytes
	maxExponent   = 1 << 14 // of two, of a number: some 5,000 digits
)

// The functions that [Bound] puts around parts of an expression. No
// expression can call them by these names.
const (
	iterateCall = "a for expression"
	takeCall    = "a part of the expression"
)

// Bound makes an expression account for what it takes up, so that [Evaluate]
// can stop it. It changes the expression in place, once.
func Bound(expr hcl.Expression) {
	native, ok := expr.(hclsyntax.Expression)
	if !ok {
		return
	}
	hclsyntax.VisitAll(native, func(node hclsyntax.Node) hcl.Diagnostics { //nolint:errcheck // the visitor has none
		switch n := node.(type) {
		case *hclsyntax.ForExpr:
			n.CollExpr = accounted(iterateCall, n.CollExpr)
			n.ValExpr = accounted(takeCall, n.ValExpr)
			if n.KeyExpr != nil {
				n.KeyExpr = accounted(takeCall, n.KeyExpr)
			}
		case *hclsyntax.TemplateExpr:
			accountAll(n.Parts)
		case *hclsyntax.FunctionCallExpr:
			if n.Name != iterateCall && n.Name != takeCall {
				accountAll(n.Args)
			}
		case *hclsyntax.ConditionalExpr:
			n.TrueResult = accounted(takeCall, n.TrueResult)
			n.FalseResult = accounted(takeCall, n.FalseResult)
		case *hclsyntax.IndexExpr:
			n.Key = accounted(takeCall, n.Key)
		case *hclsyntax.ObjectConsKeyExpr:
			if n.ForceNonLiteral {
				n.Wrapped = accounted(takeCall, n.Wrapped)
			}
		}
		return nil
	})
}

func accountAll(exprs []hclsyntax.Expression) {
	for i := range exprs {
		exprs[i] = accounted(takeCall, exprs[i])
	}
}

// accounted puts a call around an expression, unless it is there already or
// the expression is as large as it is written.
func accounted(name string, expr hclsyntax.Expression) hclsyntax.Expression {
	if _, literal := expr.(*hclsyntax.LiteralValueExpr); literal {
		return expr
	}
	if call, ok := expr.(*hclsyntax.FunctionCallExpr); ok && (call.Name == iterateCall || call.Name == takeCall) {
		return expr
	}
	rng := expr.Range()
	return &hclsyntax.FunctionCallExpr{
		Name: name, Args: []hclsyntax.Expression{expr},
		NameRange: rng, OpenParenRange: rng, CloseParenRange: rng,
	}
}

// account is what one evaluation has taken up.
type account struct {
	iterations, work int
}

// WithAccount returns a scope within ctx for one evaluation of expressions
// that went through [Bound]. Ctx may be nil.
func WithAccount(ctx *hcl.EvalContext) *hcl.EvalContext {
	var a account
	inner := ctx.NewChild()
	inner.Functions = map[string]function.Function{
		iterateCall: accountFunc(a.iterate),
		takeCall:    accountFunc(a.take),
	}
	return inner
}

// accountFunc makes a function that returns its argument.
func accountFunc(charge func(cty.Value) error) function.Function {
	return function.New(&function.Spec{
		Params: markParam(),
		Type:   sameType,
		Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
			return args[0], charge(args[0])
		},
	})
}

func (a *account) iterate(v cty.Value) error {
	a.iterations += shallowLength(v)
	if a.iterations > maxIterations {
		return fmt.Errorf("the for expressions go through more than %d elements", maxIterations)
	}
	return nil
}

func (a *account) take(v cty.Value) error {
	work, err := shallowWork(v)
	if err != nil {
		return err
	}
	if a.work += work; a.work > maxWork {
		return errors.New("the functions and templates take up too many elements and strings")
	}
	return nil
}

func shallowLength(v cty.Value) int {
	v, _ = v.Unmark()
	if !v.IsKnown() || v.IsNull() || !v.CanIterateElements() {
		return 0
	}
	return v.LengthInt()
}

func shallowWork(v cty.Value) (int, error) {
	v, _ = v.Unmark()
	switch {
	case !v.IsKnown() || v.IsNull():
		return 0, nil
	case v.Type() == cty.String:
		return len(v.AsString()), nil
	case v.Type() == cty.Number:
		return elementWork, checkNumber(v)
	}
	return elementWork * shallowLength(v), nil
}

func checkNumber(v cty.Value) error {
	if f := v.AsBigFloat(); f.IsInf() || f.MantExp(nil) > maxExponent || f.MantExp(nil) < -maxExponent {
		return errors.New("a number is infinite or has too many digits")
	}
	return nil
}

// checkSize refuses a value that is too large. It gives up as soon as it
// knows, as the same part may be in a value any number of times.
func checkSize(v cty.Value) error {
	elements := 0
	return cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		if elements++; elements > maxElements {
			return false, fmt.Errorf("the value has more than %d elements", maxElements)
		}
		part, _ = part.Unmark()
		switch {
		case !part.IsKnown() || part.IsNull():
			return false, nil
		case part.Type() == cty.String && len(part.AsString()) > maxString:
			return false, errors.New("a string in the value is longer than 1 MiB")
		case part.Type() == cty.Number:
			return false, checkNumber(part)
		}
		return true, nil
	})
}
