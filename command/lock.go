package command

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/internal/state"
)

// lock takes the lock of the host for apply. While another process has it, it
// waits as long as -lock-timeout says, or until ctx ends.
func (e env) lock(ctx context.Context, dataDir string) (release func() error, err error) {
	patience := e.flags.Duration("lock-timeout")
	if patience < 0 {
		return nil, errors.New("-lock-timeout is negative; write it as in -lock-timeout=30s")
	}
	try := func() error {
		release, err = state.Lock(dataDir, "apply", time.Now())
		return err
	}
	if patience == 0 {
		err = try()
		if _, held := errors.AsType[*state.LockedError](err); held {
			err = fmt.Errorf("%w, or have apply wait for that with -lock-timeout=5m", err)
		}
		return release, err
	}
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err = state.Await(waiting, try, func(held *state.LockedError) {
		e.Notice("Waiting for the lock", fmt.Sprintf("Waiting up to %s, because %s. Press Ctrl-C to stop waiting.", patience, held.Reason()))
	})
	if err != nil && waiting.Err() != nil {
		err = fmt.Errorf("waited %s for the lock: %w", patience, err)
	}
	return release, err
}
