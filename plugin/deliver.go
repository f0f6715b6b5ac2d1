package plugin

import (
	"context"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

// Deliver emits a batch and waits until it is settled or ctx ends. It is all
// that a source needs which has one batch under way at a time. Where everyone
// behind has accepted the batch, accepted is called, even when ctx has ended
// meanwhile: it saves the position behind the batch, and its context doesn't
// end with ctx. An error means that the batch has to be emitted again.
func Deliver(ctx context.Context, out Emitter, batch *event.Batch, accepted func(ctx context.Context) error) error {
	settled := make(chan error, 1)
	err := out.Emit(ctx, batch, func(err error) {
		if err == nil {
			err = accepted(context.WithoutCancel(ctx))
		}
		settled <- err
	})
	if err != nil {
		return err
	}
	select {
	case err := <-settled:
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Sleep waits, and reports whether ctx lasted as long.
func Sleep(ctx context.Context, d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-ctx.Done():
		return false
	}
}
