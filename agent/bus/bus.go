// Package bus is the data plane of the agent: it moves batches of events from
// emitters through pipelines to sinks, and carries the acknowledgements back.
// A mailbox belongs to an address and not to an instance, so that a pipeline
// or a sink can be restarted while what it has yet to do stays where it is.
//
//	b := bus.New(bus.Options{Log: log})
//	err := b.Configure(bus.Topology{
//		Emitters:  map[string][]string{"source.file.nginx": {"pipeline.web"}},
//		Pipelines: map[string][]string{"pipeline.web": {"sink.http.out"}},
//	})
//	go b.RunPipeline(ctx, "pipeline.web", stages)
//	go b.RunSink(ctx, "sink.http.out", sink, bus.SinkOptions{})
//	err = source.Run(ctx, b.Emitter("source.file.nginx"))
//
// # Memory
//
// A mailbox takes a batch while that leaves as many bytes of the budget free
// as the mailbox then holds, and always when it is empty. So a sink that is
// down can't take the room that the others need, a batch larger than the
// whole budget still passes alone, and the mailboxes never hold more than the
// budget and one batch each. A batch that lies in several mailboxes counts in
// each of them. Beside the budget there is the one batch that each emitter and
// pipeline waits with, and the one that each sink has joined to write.
//
// # Why it can't deadlock
//
// Whoever waits for room waits for the one mailbox that is next on its way,
// and holds nothing that the worker of that mailbox needs. Batches only move
// towards the sinks, and a sink waits for no one.
package bus

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin/event"
)

// DefaultMaxBytes is the budget of a bus for which none was given.
const DefaultMaxBytes = 32 << 20

// ErrClosed says that the bus was closed before the batch was delivered.
var ErrClosed = errors.New("the event bus was closed before the events were delivered to every sink")

// Options are the parts that a bus is made of.
type Options struct {
	Log      hclog.Logger     // nil: nothing is logged
	MaxBytes int              // budget of all mailboxes together; 0: [DefaultMaxBytes]
	Now      func() time.Time // nil: [time.Now]
}

// Bus holds the mailboxes of all pipelines and sinks. It is safe for
// concurrent use.
type Bus struct {
	log    hclog.Logger
	budget int
	now    func() time.Time
	merged sync.Pool // of *event.Batch, in which a sink's small batches are joined

	// mu guards everything below and the mailboxes. It is held for a few
	// instructions per batch, never while an event is looked at and never
	// while foreign code runs.
	mu       sync.Mutex
	used     int
	boxes    map[string]*mailbox   // of pipelines and sinks
	routes   map[string][]*mailbox // of emitters: the pipelines they feed
	counters map[string]*counters
	blocked  map[*mailbox]struct{} // those with senders that wait for room
	drained  chan struct{}         // closed when nothing is left; nil: nobody asked
	hasty    bool                  // no sink waits for a batch to fill
	closed   bool
}

// New returns a bus without any mailbox.
func New(o Options) *Bus {
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = DefaultMaxBytes
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Bus{
		log:      o.Log,
		budget:   o.MaxBytes,
		now:      o.Now,
		merged:   sync.Pool{New: func() any { return new(event.Batch) }},
		boxes:    make(map[string]*mailbox),
		routes:   make(map[string][]*mailbox),
		counters: make(map[string]*counters),
		blocked:  make(map[*mailbox]struct{}),
	}
}

// Hasten makes the sinks write what they have at once from now on, instead of
// waiting for a batch to fill. It is meant for the end: a source that is to
// stop waits for its acknowledgements.
func (b *Bus) Hasten() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.hasty = true
	for _, box := range b.boxes {
		box.signal()
	}
}

// Drain waits until every mailbox is empty. For that time no sink waits for a
// batch to fill. The emitters must have ended before, or it may wait for ever.
// It fails when ctx ends first; what is left then stays where it is.
func (b *Bus) Drain(ctx context.Context) error {
	b.mu.Lock()
	if b.used == 0 {
		b.mu.Unlock()
		return nil
	}
	if b.drained == nil {
		b.drained = make(chan struct{})
	}
	drained := b.drained
	for _, box := range b.boxes {
		box.signal()
	}
	b.mu.Unlock()

	select {
	case <-drained:
		return nil
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.drained == drained {
		b.drained = nil
	}
	return fmt.Errorf("waiting for the sinks to take the last events: %d bytes are left: %w", b.used, ctx.Err())
}

// Close ends all workers and emitters, and acknowledges with [ErrClosed] what
// has not been delivered, so that sources read it again from their last saved
// position. It doesn't wait for the workers. It may be called twice.
func (b *Bus) Close() {
	b.mu.Lock()
	b.closed = true
	var left []*ticket
	events := 0
	for _, box := range b.boxes {
		events += box.events
		left = append(left, box.taken.tickets()...)
		left = append(left, b.shut(box, ErrClosed).tickets()...)
	}
	b.mu.Unlock()

	if events > 0 {
		b.log.Warn("events were left at the end; their sources will read them again", "events", events)
	}
	for _, t := range left {
		t.fail(ErrClosed)
	}
}
