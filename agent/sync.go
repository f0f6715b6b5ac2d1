package agent

import (
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
)

// sync makes the running units those of a graph. On an error nothing has
// changed.
func (a *Agent) sync(ctx context.Context, graph *eval.Graph) error {
	w := a.wantedFor(graph)
	problems := slices.Concat(slices.Collect(maps.Values(w.invalid)), slices.Collect(maps.Values(w.unclear)))
	if err := errors.Join(problems...); err != nil {
		return err
	}
	if err := a.become(ctx, w); err != nil {
		return err
	}
	a.learned.keep(graph)
	a.keepWebhooks(graph)
	a.checks.keep(graph)
	a.keepHistory(graph)
	a.keepApprovals(graph)
	a.keepAcknowledgements(graph)
	a.slots.setLimit(graph.Agent.MaxParallel)
	if a.Adopted != nil {
		a.Adopted(graph)
	}
	return nil
}

// follow has the units use what tasks and sources have learned since. A block
// for which that is no good runs on with what it had, and so do tasks that can't
// be evaluated now: their next run tells why.
func (a *Agent) follow(ctx context.Context) {
	w := a.wantedFor(a.graph.Load())
	for _, invalid := range slices.SortedFunc(maps.Keys(w.invalid), addr.Compare) {
		a.Log.Named(invalid.String()).Error("the block can't be what others have learned", "error", w.invalid[invalid])
		w.keepUnit(a.units, invalid.String())
	}
	for unit := range w.unclear {
		w.keepUnit(a.units, unit)
	}
	if err := a.become(ctx, w); err != nil {
		a.Log.Error("what was learned can't be used", "error", err)
	}
}

// keepUnit wants a unit as it was before, and reports whether there was one.
func (w *wanted) keepUnit(before []runner.Unit, name string) bool {
	i := slices.IndexFunc(before, func(u runner.Unit) bool { return u.Name == name })
	if i >= 0 {
		w.units = append(w.units, before[i])
	}
	return i >= 0
}

// become makes what is wanted be so.
func (a *Agent) become(ctx context.Context, w *wanted) error {
	w.order()
	if err := runner.Validate(w.units); err != nil {
		return err
	}
	if err := a.bus.Configure(w.topology); err != nil {
		return err
	}
	a.routes.Store(&w.topology)
	a.graph.Store(w.graph)
	a.catalog.Store(w.catalog)
	lacked := a.board.declare(w)
	report, err := a.runner.Sync(ctx, w.units)
	if err != nil {
		return err
	}
	a.units = w.units
	a.noteAbsences(lacked, w, report.Kept)
	if len(report.Started)+len(report.Restarted)+len(report.Stopped) > 0 {
		a.Log.Info("units changed", "started", report.Started, "restarted", report.Restarted, "stopped", report.Stopped, "kept", len(report.Kept))
	}
	return nil
}

// routed reports whether a pipeline begins at an address.
func (a *Agent) routed(name string) bool {
	return len(a.routes.Load().Emitters[name]) > 0
}

// requestSync asks for the units to be worked out again, because values that
// they may use have changed.
func (a *Agent) requestSync() {
	select {
	case a.wake <- struct{}{}:
	default: // it is asked for already
	}
}
