package plan

import (
	"context"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/eval"
)

// FailedAttempt is an attempt to apply a step that is followed by another.
type FailedAttempt struct {
	Step     *Step
	Attempt  int           // the first is 1
	Attempts int           // how many there may be
	Error    string        // one line
	Wait     time.Duration // before the next
}

// applyUntil applies the change of a step as often as the retry of its task
// says: always the same change, which checks each time that what it starts
// from still holds. All attempts together have the time of one.
func (s *Session) applyUntil(ctx, begin context.Context, r *Result, m member) (value cty.Value, problem string) {
	ctx, cancel := withTimeout(ctx, m.node)
	defer cancel()
	retry := m.node.Meta.Retry
	for r.Attempts = 1; ; r.Attempts++ {
		value, diags := s.applyOnce(ctx, r.Step, m)
		if !diags.HasErrors() {
			r.applied = true
			diags = append(diags, s.checkUntil(r, m, value)...)
		}
		if !diags.HasErrors() || r.Attempts >= retry.Attempts || ctx.Err() != nil || begin.Err() != nil {
			return value, s.report(diags)
		}
		wait := pause(retry, r.Attempts)
		s.Observer.Retrying(FailedAttempt{r.Step, r.Attempts, retry.Attempts, firstError(diags), wait})
		if !sleep(ctx, begin, wait) {
			return value, s.report(cutShort(ctx, diags))
		}
	}
}

// checkUntil reports that what is waited for has not come about.
func (s *Session) checkUntil(r *Result, m member, value cty.Value) hcl.Diagnostics {
	done, diags := s.graph.Until(m.node, s.values, value.MarkWithPaths(allMarks(m.node, m.Marks, r.Step.Sensitive)))
	switch {
	case diags.HasErrors():
		return diags
	case !done.IsKnown():
		return s.stillOpen(m.node)
	case done.True():
		return diags
	}
	rng := m.node.UntilRange()
	unmet := s.problem(m.node, "Condition not met", "The task was applied, attempt %d of %d, and its until is still false. Raise attempts or delay, or look at why it doesn't come about.", r.Attempts, m.node.Meta.Retry.Attempts)
	unmet[0].Subject = &rng
	return append(diags, unmet...)
}

// pause is how long to wait after an attempt, the first being 1: from half of
// a bound that doubles up to all of it, so that many hosts don't come back to
// what they share at the same moment.
func pause(r eval.Retry, attempt int) time.Duration {
	bound := min(r.Delay, r.MaxDelay)
	for i := 1; i < attempt && bound < r.MaxDelay; i++ {
		bound = min(2*bound, r.MaxDelay)
	}
	return bound/2 + rand.N(bound/2+1)
}

// sleep waits for d. It reports false when the time of the task is over before,
// or when no further attempt is to begin.
func sleep(ctx, begin context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	case <-begin.Done():
		return false
	}
}

// cutShort adds to the errors of the last attempt why there is no other.
func cutShort(ctx context.Context, diags hcl.Diagnostics) hcl.Diagnostics {
	cause, isTimeout := context.Cause(ctx).(timeoutError)
	if !isTimeout {
		return diags
	}
	for _, d := range diags {
		d.Detail = strings.TrimRight(d.Detail, "\n") + "\nThere was no time for another attempt: " + cause.Error() + "."
	}
	return diags
}
