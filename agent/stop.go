package agent

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
)

const (
	// stopTimeout is how long the agent waits for its units at the end.
	stopTimeout = 15 * time.Second
	// drainTimeout is how long the sinks have for what is under way at the
	// end. What they can't take is read again after the next start.
	drainTimeout = 5 * time.Second
	// applyTimeout is how long it waits beyond that for what is being applied:
	// a terraform that is interrupted ends what it has begun, writes its state
	// and releases the lock.
	applyTimeout = 65 * time.Second
)

// stop ends what emits events first, lets the sinks take what is under way,
// and closes everything.
func (a *Agent) stop(server *api.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	err := server.Close(ctx)
	a.drain(ctx)
	err = errors.Join(err, a.stopUnits(ctx))
	a.bus.Close()
	return errors.Join(err, a.history.Close(), a.positions.Close(), a.lock.close())
}

// stopUnits waits longer where something is being applied, which would
// otherwise be left half done.
func (a *Agent) stopUnits(ctx context.Context) error {
	err := a.runner.Stop(ctx)
	if err == nil || a.atWork.Load() == 0 {
		return err
	}
	a.Log.Warn("waiting for what is being applied to come to a good end", "at_most", applyTimeout)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), applyTimeout)
	defer cancel()
	return a.runner.Stop(ctx)
}

func (a *Agent) drain(ctx context.Context) {
	downstream := slices.DeleteFunc(slices.Clone(a.units), func(u runner.Unit) bool { return !isDownstream(u.Name) })
	a.bus.Hasten()
	_, err := a.runner.Sync(ctx, downstream)
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	a.courier.finish(ctx) // a task that was just stopped still tells what it did
	if err == nil {
		err = a.bus.Drain(ctx)
	}
	if err != nil {
		a.Log.Warn("some events were not delivered before the end; they are read again after the next start, where their source can do that", "error", err)
	}
}

func isDownstream(unit string) bool {
	return strings.HasPrefix(unit, string(addr.Sink)+".") || strings.HasPrefix(unit, string(addr.Pipeline)+".")
}
