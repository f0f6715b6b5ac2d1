package agent

import (
	"context"
	"errors"

	"github.com/driftless-hq/driftless/plugin"
)

// untilLost runs work until it ends by itself, ctx ends, or one of the
// instances that it uses is lost. That is an error, so that the unit is started
// again and opens them anew, even where nothing happens that would need them.
func untilLost(ctx context.Context, work func(ctx context.Context) error, instances ...plugin.Instance) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, i := range instances {
		if p, ok := i.(plugin.Perishable); ok {
			go func() {
				select {
				case <-p.Lost():
					cancel(plugin.ErrLost)
				case <-ctx.Done():
				}
			}()
		}
	}
	err := work(ctx)
	if err == nil && errors.Is(context.Cause(ctx), plugin.ErrLost) {
		return plugin.ErrLost
	}
	return err
}
