package agent

import (
	"context"
	"sync/atomic"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/internal/plan"
)

// atWork counts the runs that are applying something.
type atWork struct{ atomic.Int64 }

func (w *atWork) converge(ctx context.Context, s *plan.Session) ([]plan.Result, hcl.Diagnostics) {
	p, diags := s.Plan(ctx)
	if p == nil || ctx.Err() != nil {
		return nil, diags
	}
	w.Add(1)
	defer w.Add(-1)
	results, applyDiags := s.Apply(ctx, p)
	return results, append(diags, applyDiags...)
}
