package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// backoffs hold back stacks whose last checks failed, for as long as this
// process lives: another process that is asked for a check makes it.
type backoffs struct {
	mu     sync.Mutex
	failed map[string]*heldBack // by the private directory of the task and the name of the stack
}

// heldBack is a stack that is not checked again before a time, unless what it
// is made of changes.
type heldBack struct {
	problem   *problem
	checked   time.Time
	succeeded time.Time
	unused    bool
	inputs    string
	failures  int
	until     time.Time
}

func newBackoffs() *backoffs { return &backoffs{failed: map[string]*heldBack{}} }

// limits is how long a stack is held back after the first failure of a kind,
// and at most. What only a person can cure is seldom looked at; what may be
// over in a moment, soon.
func (f failure) limits() (first, most time.Duration) {
	switch f {
	case failedNetwork, failedThrottle:
		return 10 * time.Second, 10 * time.Minute
	case failedLock:
		return time.Minute, 5 * time.Minute
	}
	return time.Minute, time.Hour
}

// held returns why a stack is not checked now, nil where it is.
func (b *backoffs) held(key, inputs string, now time.Time) *heldBack {
	b.mu.Lock()
	defer b.mu.Unlock()
	h := b.failed[key]
	if h == nil || h.inputs != inputs || !now.Before(h.until) {
		return nil
	}
	found := *h
	return &found
}

// forget has a stack checked as if it had never failed.
func (b *backoffs) forget(key string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.failed, key)
}

// note takes the result of a check.
func (b *backoffs) note(key, inputs string, res *result, now time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := res.problem
	if p == nil {
		delete(b.failed, key)
		return
	}
	h := b.failed[key]
	if h == nil || h.inputs != inputs || h.problem.kind != p.kind {
		h = &heldBack{inputs: inputs}
		b.failed[key] = h
	}
	first, most := p.kind.limits()
	wait := min(first<<min(h.failures, 20), most)
	h.problem, h.checked, h.succeeded, h.unused, h.failures = p, res.checked, res.succeeded, res.unused, h.failures+1
	h.until = now.Add(wait - time.Duration(rand.Int64N(int64(wait)/5+1))) // so that not all come back at once
}

// configDigest is the same for the same configuration. It is kept in memory alone:
// there may be secrets in what it is made of.
func configDigest(cfg cty.Value) string {
	sum := sha256.New()
	fmt.Fprintf(sum, "%#v", cfg)
	return hex.EncodeToString(sum.Sum(nil))
}
