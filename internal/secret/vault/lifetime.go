package vault

import (
	"math/rand/v2"
	"time"
)

// Lifetime is the life of a token or of a lease: when it ends, and what to do
// before that. The zero Lifetime has no end.
type Lifetime struct {
	// From is when the life began or was last extended, TTL how long it lasts
	// from there. A TTL of 0 is no end.
	From time.Time
	TTL  time.Duration

	// Renewable says that the life can be extended.
	Renewable bool
}

// End returns when the life ends, the zero time for never.
func (l Lifetime) End() time.Time {
	if l.TTL <= 0 {
		return time.Time{}
	}
	return l.From.Add(l.TTL)
}

// Over reports whether the life has ended.
func (l Lifetime) Over(now time.Time) bool {
	end := l.End()
	return !end.IsZero() && !now.Before(end)
}

// Renewed returns the life after a renewal that granted ttl. When that moved
// the end by less than a tenth of what is left, the life has come to the limit
// that the server sets, and is not renewable any more.
func (l Lifetime) Renewed(now time.Time, ttl time.Duration, renewable bool) Lifetime {
	moved := now.Add(ttl).Sub(l.End())
	return Lifetime{From: now, TTL: ttl, Renewable: renewable && moved >= ttl/10}
}

// Next returns how long after From the life is to be renewed, at a third of it,
// or replaced by a new one, at two thirds. Each varies by a tenth, so that
// many agents that began together don't come together again.
func (l Lifetime) Next() time.Duration {
	if l.Renewable {
		return Jitter(l.TTL / 3)
	}
	return Jitter(l.TTL * 2 / 3)
}

// Jitter returns a duration that differs from d by up to a tenth.
func Jitter(d time.Duration) time.Duration {
	return d + time.Duration((rand.Float64()-0.5)*0.2*float64(d))
}
