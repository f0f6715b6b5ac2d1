package bus

import (
	"context"
	"errors"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// DefaultBatchBytes is the size up to which the batches for a sink are joined
// where no other is given.
const DefaultBatchBytes = 1 << 20

// SinkOptions say how a sink wants to be fed.
type SinkOptions struct {
	Batch   Batch
	Retry   Retry
	Timeout time.Duration // of one Write; 0: none
}

// Batch says how batches are joined before a sink gets them. A batch that is
// larger than the limits when it arrives is not split.
type Batch struct {
	MaxEvents int           // 0: no limit
	MaxBytes  int           // 0: [DefaultBatchBytes]
	MaxAge    time.Duration // how long the oldest event waits for more; 0: not at all
}

// RunSink is the worker of a sink. It joins the batches in the mailbox of
// addr and writes them in the order in which they came, each until the sink
// has taken it. It returns nil when ctx ends, the address is removed or the
// bus is closed, and an error when it can't begin or when the sink is lost; see
// [plugin.ErrLost]. What was not written then waits for the next RunSink of
// the address.
//
// Events are discarded, counted and logged when Write returns an error that is
// [plugin.IsPermanent], or has failed as often as the options allow. The sink
// must not keep a batch beyond its Write: the memory is used again.
func (b *Bus) RunSink(ctx context.Context, addr string, sink plugin.Sink, o SinkOptions) error {
	ctx, box, err := b.enter(ctx, addr)
	if err != nil {
		return err
	}
	defer b.leave(box)
	if o.Batch.MaxBytes <= 0 {
		o.Batch.MaxBytes = DefaultBatchBytes
	}
	d := delivery{bus: b, box: box, sink: sink, retry: o.Retry.withDefaults(), timeout: o.Timeout}
	for b.gather(ctx, box, o.Batch) {
		batch, joined := b.join(box)
		delivered, err := d.deliver(ctx, batch)
		if joined {
			b.merged.Put(batch)
		}
		if !delivered {
			return err
		}
		b.settle(box)
	}
	return nil
}

// gather takes parcels until they make up a batch that should be written now.
// It reports false when ctx ends before.
func (b *Bus) gather(ctx context.Context, box *mailbox, limit Batch) bool {
	first := b.take(ctx, box)
	if first == nil {
		return false
	}
	load := load{events: first.events, bytes: first.size}
	var due <-chan time.Time
	for !b.fill(box, limit, &load) {
		if due == nil {
			wait := limit.MaxAge - b.now().Sub(first.arrived)
			if wait <= 0 {
				return true
			}
			timer := time.NewTimer(wait)
			defer timer.Stop()
			due = timer.C
		}
		select {
		case <-box.wake:
		case <-due:
			return true
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// load is how much a worker has taken for one write.
type load struct{ events, bytes int }

// fill takes all that fits, and reports whether to wait for more is useless:
// the batch is full, or others wait for the room that it takes up.
func (b *Bus) fill(box *mailbox, limit Batch, l *load) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for p := box.waiting.head; p != nil; p = box.waiting.head {
		if limit.MaxEvents > 0 && l.events+p.events > limit.MaxEvents || l.bytes+p.size > limit.MaxBytes {
			return true
		}
		l.events += p.events
		l.bytes += p.size
		box.takeNext()
	}
	full := limit.MaxEvents > 0 && l.events >= limit.MaxEvents || l.bytes >= limit.MaxBytes
	return full || len(box.senders) > 0 || b.hasty || b.drained != nil
}

// join makes one batch of all that was taken, and says whether it is a new one.
func (b *Bus) join(box *mailbox) (batch *event.Batch, joined bool) {
	first := box.taken.head
	if first.next == nil {
		return first.batch, false
	}
	batch = b.merged.Get().(*event.Batch)
	batch.Reset()
	for p := first; p != nil; p = p.next {
		batch.Append(p.batch)
	}
	return batch, true
}

// delivery is what it takes to bring a batch to a sink.
type delivery struct {
	bus     *Bus
	box     *mailbox
	sink    plugin.Sink
	retry   Retry
	timeout time.Duration
}

// deliver writes the batch until the sink has it or it is given up. It
// reports false when ctx ended before, and the error when the sink was lost.
func (d delivery) deliver(ctx context.Context, batch *event.Batch) (delivered bool, err error) {
	events, size := batch.Len(), batch.Size()
	for attempt := 1; ; attempt++ {
		err := d.write(ctx, batch)
		if err == nil {
			d.delivered(attempt, events, size)
			return true, nil
		}
		if ctx.Err() != nil {
			return false, nil
		}
		if errors.Is(err, plugin.ErrLost) {
			return false, err
		}
		if plugin.IsPermanent(err) {
			d.bus.discard(d.box, permanent, events, err)
			return true, nil
		}
		if d.retry.Attempts > 0 && attempt >= d.retry.Attempts {
			d.bus.discard(d.box, exhausted, events, err)
			return true, nil
		}
		wait := d.retry.pause(attempt, err)
		if attempt == 1 {
			d.bus.log.Warn("a sink did not take a batch; it is tried again",
				"component", d.box.addr, "events", events, "next", wait, "error", err)
		}
		if !sleep(ctx, wait) {
			return false, nil
		}
		d.box.count.retries.Add(1)
	}
}

func (d delivery) write(ctx context.Context, batch *event.Batch) error {
	if d.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, d.timeout)
		defer cancel()
	}
	return d.bus.guard(d.box, func() error { return d.sink.Write(ctx, batch) })
}

func (d delivery) delivered(attempt, events, size int) {
	d.box.count.sent.Add(uint64(events))
	d.box.count.bytes.Add(uint64(size))
	d.box.count.lastSent.Store(d.bus.now().UnixNano())
	if attempt > 1 {
		d.bus.log.Info("a sink took a batch that it had refused before",
			"component", d.box.addr, "events", events, "attempts", attempt)
	}
}
