package vault

import (
	"context"
	"time"
)

// Backoff is the growing time between attempts.
type Backoff struct{ next, limit time.Duration }

// NewBackoff begins with a second and doubles up to the limit.
func NewBackoff(limit time.Duration) *Backoff { return &Backoff{time.Second, limit} }

// Next returns how long to wait before the next attempt.
func (b *Backoff) Next() time.Duration {
	wait := b.next
	b.next = min(2*b.next, b.limit)
	return Jitter(wait)
}

// Reset says that an attempt went well.
func (b *Backoff) Reset() { b.next = time.Second }

// sleep waits and reports whether there is something to do then: not when ctx
// has ended or done is closed.
func sleep(ctx context.Context, wait time.Duration, done <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-done:
		return false
	case <-timer.C:
		return true
	}
}
