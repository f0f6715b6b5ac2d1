package bus

import (
	"context"
	"fmt"
)

// enter makes the caller the worker of an address. The context it returns
// ends with ctx, and when the mailbox is removed or the bus is closed.
func (b *Bus) enter(ctx context.Context, addr string) (context.Context, *mailbox, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m, ok := b.boxes[addr]
	switch {
	case b.closed:
		return nil, nil, fmt.Errorf("starting %s: %w", addr, ErrClosed)
	case !ok:
		return nil, nil, fmt.Errorf("starting %s: the bus has no mailbox of that address; configure it first", addr)
	case m.stop != nil:
		return nil, nil, fmt.Errorf("starting %s: its mailbox already has a worker; stop that one first", addr)
	}
	ctx, m.stop = context.WithCancel(ctx)
	return ctx, m, nil
}

// leave gives back what the worker did not finish: it will be the first that
// the next worker takes.
func (b *Bus) leave(m *mailbox) {
	b.mu.Lock()
	m.stop()
	m.stop = nil
	m.waiting = m.taken.concat(m.waiting)
	m.taken = queue{}
	var left queue
	var reason error
	switch {
	case b.closed:
		left, reason = b.shut(m, ErrClosed), ErrClosed
	case m.removed:
		left = b.shut(m, errRemoved)
	}
	b.mu.Unlock()

	if reason != nil {
		for _, t := range left.tickets() {
			t.fail(reason)
		}
		return
	}
	b.discardRemoved(m, left)
}

// take waits for the oldest parcel. It returns nil when ctx ends.
func (b *Bus) take(ctx context.Context, m *mailbox) *parcel {
	for ctx.Err() == nil {
		b.mu.Lock()
		p := m.takeNext()
		b.mu.Unlock()
		if p != nil {
			return p
		}
		select {
		case <-m.wake:
		case <-ctx.Done():
		}
	}
	return nil
}

func (m *mailbox) takeNext() *parcel {
	p := m.waiting.pop()
	if p != nil {
		m.taken.push(p)
	}
	return p
}

// settle finishes with all that the worker has taken.
func (b *Bus) settle(m *mailbox) {
	b.mu.Lock()
	finished := m.taken
	m.taken = queue{}
	b.release(m, finished)
	b.mu.Unlock()

	for p := finished.head; p != nil; p = p.next {
		p.ticket.done()
	}
}

// release returns what the parcels cost to the budget.
func (b *Bus) release(m *mailbox, gone queue) {
	for p := gone.head; p != nil; p = p.next {
		m.bytes -= p.cost()
		m.events -= p.events
		b.used -= p.cost()
	}
	b.admit()
	if b.used == 0 && b.drained != nil {
		close(b.drained)
		b.drained = nil
	}
}

// shut ends the worker and the senders of a mailbox and returns what waited
// in it. What the worker has taken comes back when it leaves.
func (b *Bus) shut(m *mailbox, reason error) queue {
	for _, s := range m.senders {
		s.err = reason
		close(s.done)
	}
	m.senders = nil
	delete(b.blocked, m)
	if m.stop != nil {
		m.stop()
	}
	left := m.waiting
	m.waiting = queue{}
	b.release(m, left)
	return left
}

// discardRemoved gives up what lay in a mailbox that nobody will empty. What a
// sink was to get nobody wants any more. What lay before a pipeline may still
// be wanted by its sinks, under a pipeline of another name: it goes back to
// the source, which reads it again if it can.
func (b *Bus) discardRemoved(m *mailbox, left queue) {
	if left.head == nil {
		return
	}
	isPipeline := len(m.sinks) > 0 // which changes no more, now that it is removed
	events := 0
	for p := left.head; p != nil; p = p.next {
		events += p.events
		if isPipeline {
			p.ticket.fail(ErrRemoved)
		} else {
			p.ticket.done()
		}
	}
	m.count.discarded[removed].Add(uint64(events))
	b.log.Warn("events were given up because their pipeline or sink was removed from the configuration",
		"component", m.addr, "events", events, "read_again", isPipeline)
}
