package lang

import (
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
	elementWork   = 64
	innerWork     = 4       // of an element that lies deeper
	maxElements   = 100_000 // within one value
	maxString     = 1 << 20 // bytes
	maxExponent   = 1 << 14 // of two, of a number: some 5,000 digits
)

// The functions that [Bound] puts around parts of an expression. No
// expression can call them by these names.
const (
	iterateCall = "a for expression"
	takeCall    = "a part of the expression"
	keepCall    = "the value of the expression" // of which [Evaluate] makes use
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
		case *hclsyntax.TupleConsExpr:
			accountNamed(n.Exprs)
		case *hclsyntax.ObjectConsExpr:
			for i := range n.Items {
				n.Items[i].ValueExpr = accountedName(n.Items[i].ValueExpr)
			}
		case *hclsyntax.FunctionCallExpr:
			if !isAccount(n.Name) {
				accountAll(n.Args)
			}
		case *hclsyntax.BinaryOpExpr:
			if n.Op == hclsyntax.OpEqual || n.Op == hclsyntax.OpNotEqual { // looks at all that is in its operands
				n.LHS, n.RHS = accounted(takeCall, n.LHS), accounted(takeCall, n.RHS)
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

// accountNamed puts a call around those parts of a tuple that name a value: it
// can be large, and be named any number of times.
func accountNamed(exprs []hclsyntax.Expression) {
	for i := range exprs {
		exprs[i] = accountedName(exprs[i])
	}
}

func accountedName(expr hclsyntax.Expression) hclsyntax.Expression {
	switch expr.(type) {
	case *hclsyntax.TupleConsExpr, *hclsyntax.ObjectConsExpr, *hclsyntax.TemplateExpr, *hclsyntax.BinaryOpExpr, *hclsyntax.UnaryOpExpr:
		return expr // what they are made of is accounted for, or is small
	}
	return accounted(takeCall, expr)
}

// accounted puts a call around an expression, unless it is there already or
// the expression is as large as it is written.
func accounted(name string, expr hclsyntax.Expression) hclsyntax.Expression {
	if _, literal := expr.(*hclsyntax.LiteralValueExpr); literal {
		return expr
	}
	if call, ok := expr.(*hclsyntax.FunctionCallExpr); ok && isAccount(call.Name) {
		return expr
	}
	rng := expr.Range()
	return &hclsyntax.FunctionCallExpr{
		Name: name, Args: []hclsyntax.Expression{expr},
		NameRange: rng, OpenParenRange: rng, CloseParenRange: rng,
	}
}

// Unbound returns what [Bound] has put a call around, for those who look into
// expressions.
func Unbound(expr hcl.Expression) hcl.Expression {
	if call, ok := expr.(*hclsyntax.FunctionCallExpr); ok && isAccount(call.Name) {
		return call.Args[0]
	}
	return expr
}

func isAccount(name string) bool { return name == iterateCall || name == takeCall }

// account is what one evaluation has taken up.
type account struct {
	iterations, work int
	budget           *Budget
}

// WithAccount returns a scope within ctx for one evaluation of expressions
// that went through [Bound]. Ctx may be nil.
func WithAccount(ctx *hcl.EvalContext) *hcl.EvalContext { return WithBudget(ctx, nil) }

// WithBudget is [WithAccount] for expressions that spend from a budget, too.
func WithBudget(ctx *hcl.EvalContext, b *Budget) *hcl.EvalContext {
	a := account{budget: b}
	inner := ctx.NewChild()
	inner.Functions = map[string]function.Function{
		iterateCall: accountFunc(a.iterate),
		takeCall:    accountFunc(a.take),
		keepCall:    accountFunc(a.keep),
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
	length := shallowLength(v)
	a.iterations += length
	if a.iterations > maxIterations {
		return limitError("the for expressions go through more than 100,000 elements")
	}
	return a.budget.spend(length, 0)
}

// keep accounts for a value that stays in memory. That it isn't too large by
// itself was made sure of.
func (a *account) keep(v cty.Value) error {
	if a.budget == nil {
		return nil
	}
	size := 0
	err := cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		size += elementWork
		if part, _ = part.Unmark(); part.IsKnown() && !part.IsNull() && part.Type() == cty.String {
			size += len(part.AsString())
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return a.budget.spend(0, size)
}

func (a *account) take(v cty.Value) error {
	work, err := shallowWork(v)
	if err != nil {
		return err
	}
	before := a.work
	a.work += work
	if err := a.takeInner(v); err != nil {
		return err
	}
	return a.budget.spend(0, a.work-before)
}

// takeInner accounts for what lies deeper in a value. It gives up as soon as it
// is too much, as the same part may be in a value any number of times.
func (a *account) takeInner(v cty.Value) error {
	return cty.Walk(v, func(path cty.Path, part cty.Value) (bool, error) {
		if a.work > maxWork {
			return false, limitError("the functions and templates take up too many elements and strings")
		}
		if len(path) == 0 {
			return true, nil
		}
		part, _ = part.Unmark()
		a.work += innerWork
		switch {
		case !part.IsKnown() || part.IsNull():
		case part.Type() == cty.String:
			a.work += len(part.AsString()) / elementWork
		case part.Type() == cty.Number:
			return false, checkNumber(part)
		}
		return true, nil
	})
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
		return limitError("a number is infinite or has too many digits")
	}
	return nil
}

// checkSize refuses a value that is too large. It gives up as soon as it
// knows, as the same part may be in a value any number of times.
func checkSize(v cty.Value) error {
	elements := 0
	return cty.Walk(v, func(_ cty.Path, part cty.Value) (bool, error) {
		if elements++; elements > maxElements {
			return false, limitError("the value has more than 100,000 elements")
		}
		part, _ = part.Unmark()
		switch {
		case !part.IsKnown() || part.IsNull():
			return false, nil
		case part.Type() == cty.String && len(part.AsString()) > maxString:
			return false, limitError("a string in the value is longer than 1 MiB")
		case part.Type() == cty.Number:
			return false, checkNumber(part)
		}
		return true, nil
	})
}
