package bus

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// The pauses between attempts where no others are given.
const (
	DefaultDelay    = 500 * time.Millisecond
	DefaultMaxDelay = 30 * time.Second
)

// maxRetryAfter bounds what a far end can ask for, so that a mistake there
// doesn't silence a sink for days.
const maxRetryAfter = time.Hour

// Retry says how often and how fast a failed write is repeated. The pause
// before each attempt is drawn at random between zero and a bound that
// doubles from Delay to MaxDelay, so that many agents don't come back to a
// sink all at once. An error with a method RetryAfter() time.Duration, such
// as one made of an HTTP response, sets a lower bound of the pause.
type Retry struct {
	Attempts int           // writes of one batch in all; 0: for ever
	Delay    time.Duration // 0: [DefaultDelay]
	MaxDelay time.Duration // 0: [DefaultMaxDelay]
}

func (r Retry) withDefaults() Retry {
	if r.Delay <= 0 {
		r.Delay = DefaultDelay
	}
	if r.MaxDelay <= 0 {
		r.MaxDelay = DefaultMaxDelay
	}
	return r
}

// pause returns how long to wait after an attempt, the first being 1.
func (r Retry) pause(attempt int, err error) time.Duration {
	bound := min(r.Delay, r.MaxDelay)
	for i := 1; i < attempt && bound < r.MaxDelay; i++ {
		bound = min(2*bound, r.MaxDelay)
	}
	wait := rand.N(bound + 1)
	var asks interface{ RetryAfter() time.Duration }
	if errors.As(err, &asks) {
		wait = max(wait, min(asks.RetryAfter(), maxRetryAfter))
	}
	return wait
}

// sleep waits for d. It reports false when ctx ends before.
func sleep(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
