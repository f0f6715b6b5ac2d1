package runner

import (
	"context"
	"math/rand/v2"
	"time"
)

// The pause before a restart doubles from the first to the last. A unit that
// has run stably begins with the first again.
const (
	firstPause  = 250 * time.Millisecond
	lastPause   = time.Minute
	stableAfter = time.Minute
)

// pause returns how long to wait after so many failures in a row, the first
// being 1. A random half of it keeps units that failed together from coming
// back together.
func pause(failures int) time.Duration {
	d := firstPause
	for i := 1; i < failures && d < lastPause; i++ {
		d = min(2*d, lastPause)
	}
	return d/2 + rand.N(d/2+1)
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
