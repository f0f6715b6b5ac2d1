package plugintest

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// Source is a source of events that is run twice. In the first run none of its
// events can be delivered, so that the second, of a source that was opened
// anew, has to emit them all again.
type Source struct {
	Example
	Want []string // the bodies of events that it has to emit
}

var _ Case = Source{}

var errUndelivered = errors.New("the test has not delivered the events")

func (c Source) run(t *testing.T, w *world) {
	c.prepare(t, w)
	c.emit(t, w, errUndelivered)
	c.emit(t, w, nil)
}

// emit runs the source until it has emitted all that is wanted. All batches
// are settled with an error or, with nil, delivered.
func (c Source) emit(t *testing.T, w *world, settled error) {
	t.Helper()
	source := as[plugin.Source](t, c.Example, w.open(t, c.Example))
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	out := &collecting{want: c.Want, settled: settled, done: cancel}
	if err := source.Run(ctx, out); err != nil && ctx.Err() == nil {
		t.Fatalf("run: %s", err)
	}
	missing(t, c.Want, out.bodies())
	if err := source.Close(context.WithoutCancel(ctx)); err != nil {
		t.Errorf("close: %s", err)
	}
}

// collecting takes events until all that are wanted are there.
type collecting struct {
	want    []string
	settled error
	done    func()

	mu  sync.Mutex
	got []string
}

var _ plugin.Emitter = (*collecting)(nil)

// Emit implements [plugin.Emitter].
func (c *collecting) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	c.mu.Lock()
	for i := range batch.Len() {
		c.got = append(c.got, string(batch.Original(i)))
	}
	all := !slices.ContainsFunc(c.want, func(one string) bool { return !slices.Contains(c.got, one) })
	c.mu.Unlock()
	ack(c.settled)
	if all {
		c.done()
	}
	return nil
}

func (c *collecting) bodies() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Clone(c.got)
}
