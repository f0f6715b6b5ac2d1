package agent

import (
	"context"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/internal/state"
)

// hostLock is the lock of the host, shared by the islands of this agent: the
// first to need it takes it, the last releases it.
type hostLock struct {
	dir string
	now func() time.Time

	mu      sync.Mutex
	holders int
	release func() error
}

// acquire waits until the agent has the lock. Waiting is called once when
// another process has it.
func (l *hostLock) acquire(ctx context.Context, waiting func(error)) error {
	return state.Await(ctx, l.try, func(err *state.LockedError) { waiting(err) })
}

func (l *hostLock) try() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.holders == 0 {
		release, err := state.Lock(l.dir, "agent", l.now())
		if err != nil {
			return err
		}
		l.release = release
	}
	l.holders++
	return nil
}

func (l *hostLock) unlock() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holders--
	return l.freeIfUnused()
}

// close releases the lock, whoever was left behind holding it.
func (l *hostLock) close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.holders = 0
	return l.freeIfUnused()
}

func (l *hostLock) freeIfUnused() error {
	if l.holders > 0 || l.release == nil {
		return nil
	}
	release := l.release
	l.release = nil
	return release()
}
