package bus

import (
	"context"
	"errors"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// Emitter returns the entrance for the events of an address. It may be used
// by several goroutines, and goes on across restarts and changes of the
// topology.
func (b *Bus) Emitter(addr string) plugin.Emitter {
	b.mu.Lock()
	defer b.mu.Unlock()
	return &emitter{bus: b, addr: addr, count: b.counter(addr)}
}

type emitter struct {
	bus   *Bus
	addr  string
	count *counters
}

var _ plugin.Emitter = (*emitter)(nil)

// Emit hands the batch to every pipeline that the address feeds, and waits
// for room where there is none. Events that no pipeline wants are counted as
// discarded and acknowledged at once. When ctx ends before every pipeline has
// taken the batch, some of them may have.
func (e *emitter) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	pipelines, err := e.bus.route(e.addr)
	if err != nil {
		return err
	}
	if ack == nil {
		ack = func(error) {}
	}
	events, size := batch.Len(), batch.Size()
	if events == 0 || len(pipelines) == 0 {
		e.took(events, size)
		e.count.discarded[unrouted].Add(uint64(events))
		ack(nil)
		return nil
	}
	t := newTicket(len(pipelines), ack)
	for _, pipeline := range pipelines {
		err := e.bus.hand(ctx, pipeline, &parcel{
			batch:  batch,
			ticket: t,
			size:   size,
			events: events,
			shared: len(pipelines) > 1,
		})
		if err != nil && t.abandon() {
			return err
		}
		if err != nil {
			return nil // closing the bus has acknowledged it already
		}
	}
	e.took(events, size)
	e.count.sent.Add(uint64(events))
	return nil
}

// took counts a batch that Emit has taken. One that it has not comes again.
func (e *emitter) took(events, size int) {
	e.count.received.Add(uint64(events))
	e.count.bytes.Add(uint64(size))
}

// route returns the pipelines that an emitter feeds.
func (b *Bus) route(addr string) ([]*mailbox, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, ErrClosed
	}
	return b.routes[addr], nil
}

// hand is put for one of those that a ticket waits for: where the mailbox was
// removed meanwhile, the ticket waits for it no longer.
func (b *Bus) hand(ctx context.Context, m *mailbox, p *parcel) error {
	err := b.put(ctx, m, p)
	if errors.Is(err, errRemoved) {
		b.discardRemoved(m, queue{p, p})
		return nil
	}
	return err
}
