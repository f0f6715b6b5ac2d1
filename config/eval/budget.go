package eval

import "github.com/driftless-hq/driftless/config/lang"

// frugal are values of a pass over the whole configuration, all of whose
// expressions spend from one budget. They are for one goroutine.
type frugal struct {
	Values
	budget *lang.Budget
}

func newFrugal(values Values) frugal { return frugal{values, &lang.Budget{}} }

// Budget returns the budget of the pass.
func (f frugal) Budget() *lang.Budget { return f.budget }

// budgetOf returns the budget of a pass, nil where there is none: what a driver
// evaluates was evaluated when it was validated. Without values it is what is
// settled when the graph is made.
func (g *Graph) budgetOf(values Values) *lang.Budget {
	if values == nil {
		return &g.loading
	}
	if pass, ok := values.(interface{ Budget() *lang.Budget }); ok {
		return pass.Budget()
	}
	return nil
}
