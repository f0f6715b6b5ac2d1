package lang

import (
	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"
)

// Budget is what all expressions of a configuration may take up together, in
// one pass over them. Each has limits of its own, and yet thousands that come
// close to those would take minutes, and all memory there is. The zero Budget is
// unspent. It is for one goroutine.
type Budget struct{ iterations, work int }

const (
	allIterations = 1_000_000 // of all for expressions together: some seconds
	allWork       = 512 << 20 // bytes that are worked on, or that values hold
)

type budgetError struct{}

func (budgetError) Error() string { return "the budget of the configuration is used up" }

// spend is without end where there is no budget.
func (b *Budget) spend(iterations, work int) error {
	if b == nil {
		return nil
	}
	b.iterations += iterations
	b.work += work
	if b.iterations > allIterations || b.work > allWork {
		return budgetError{}
	}
	return nil
}

// exhausted is attached to diagnostics that say that the budget is used up.
type exhausted struct{}

// IsExhausted reports whether a diagnostic says that the budget of the
// configuration is used up, which is no fault of the one expression that it is
// about.
func IsExhausted(d *hcl.Diagnostic) bool {
	_, ok := d.Extra.(exhausted)
	return ok
}

func tooMuch(rng hcl.Range) *hcl.Diagnostic {
	return &hcl.Diagnostic{
		Severity: hcl.DiagError,
		Summary:  "Too much to evaluate",
		Detail:   "With this the expressions of the configuration are too much together: their for expressions go through more than 1,000,000 elements, or their values take up more than 512 MiB. Put into a local what several of them make, or have tasks read large data from files.",
		Subject:  &rng,
		Extra:    exhausted{},
	}
}

// spendOn charges the budget of a scope with a value that is kept.
func spendOn(ctx *hcl.EvalContext, v cty.Value) error {
	for ; ctx != nil; ctx = ctx.Parent() {
		if keep, ok := ctx.Functions[keepCall]; ok {
			_, err := keep.Call([]cty.Value{v})
			return err
		}
	}
	return nil
}
