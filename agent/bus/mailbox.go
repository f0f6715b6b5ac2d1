package bus

import (
	"context"
	"errors"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

// ErrRemoved says that the pipeline of a batch was removed before it had
// handed the batch on.
var ErrRemoved = errors.New("the pipeline was removed before the events had passed it")

// errRemoved says that a mailbox is no longer part of the topology.
var errRemoved = errors.New("the mailbox was removed")

// overhead is what a batch costs beside its events, in bytes. Counting it
// keeps a flood of tiny batches within the budget.
const overhead = 512

// mailbox holds what the worker of one address has yet to finish. All of it
// is guarded by the mutex of the bus.
type mailbox struct {
	addr    string
	count   *counters
	sinks   []*mailbox // of a pipeline: where its batches go
	waiting queue      // not yet looked at, oldest first
	taken   queue      // in the hands of the worker, older than all that wait
	senders []*sender  // wait for room, first come first served
	bytes   int        // cost of all that waits or is taken
	events  int
	wake    chan struct{}      // tells the worker to look again
	stop    context.CancelFunc // ends the worker; nil: there is none
	removed bool

	// Only the worker uses these.
	complained time.Time // when it last told of discarded events
	unsaid     int       // how many were discarded since
}

func newMailbox(addr string, count *counters) *mailbox {
	return &mailbox{addr: addr, count: count, wake: make(chan struct{}, 1)}
}

// parcel is a batch on its way through one mailbox.
type parcel struct {
	batch   *event.Batch
	ticket  *ticket
	size    int
	events  int
	arrived time.Time
	shared  bool       // others hold the batch too, so it must not be changed
	staged  bool       // the stages of the pipeline are behind it
	todo    []*mailbox // once staged: the sinks it has yet to be handed to
	next    *parcel
}

func (p *parcel) cost() int { return p.size + overhead }

// sender is someone who waits for room in a mailbox.
type sender struct {
	parcel *parcel
	done   chan struct{} // closed when the parcel was taken, or err is set
	err    error
}

// signal wakes the worker, now or when it next waits.
func (m *mailbox) signal() {
	select {
	case m.wake <- struct{}{}:
	default:
	}
}

// room reports whether the mailbox may take a parcel now.
func (b *Bus) room(m *mailbox, p *parcel) bool {
	return m.bytes == 0 || m.bytes+p.cost() <= b.budget-b.used
}

// put hands a parcel to a mailbox and waits until there is room for it. An
// error means that the parcel was not taken.
func (b *Bus) put(ctx context.Context, m *mailbox, p *parcel) error {
	s, err := b.offer(m, p)
	if s == nil {
		return err
	}
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		return b.withdraw(m, s, ctx.Err())
	}
}

// offer hands over the parcel if there is room. Otherwise it returns a sender
// that waits for it.
func (b *Bus) offer(m *mailbox, p *parcel) (*sender, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch {
	case b.closed:
		return nil, ErrClosed
	case m.removed:
		return nil, errRemoved
	case len(m.senders) == 0 && b.room(m, p):
		b.accept(m, p)
		return nil, nil
	}
	s := &sender{parcel: p, done: make(chan struct{})}
	m.senders = append(m.senders, s)
	b.blocked[m] = struct{}{}
	m.signal() // a sink that waits for its batch to fill must not wait longer
	return s, nil
}

// withdraw takes back an offer. It returns nil when it comes too late.
func (b *Bus) withdraw(m *mailbox, s *sender, reason error) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, one := range m.senders {
		if one == s {
			m.senders = append(m.senders[:i], m.senders[i+1:]...)
			b.admit()
			return reason
		}
	}
	return s.err
}

func (b *Bus) accept(m *mailbox, p *parcel) {
	p.arrived = b.now()
	m.waiting.push(p)
	m.bytes += p.cost()
	m.events += p.events
	b.used += p.cost()
	m.count.received.Add(uint64(p.events))
	m.signal()
}

// admit lets in the senders for whom there is room now.
func (b *Bus) admit() {
	for m := range b.blocked {
		for len(m.senders) > 0 && b.room(m, m.senders[0].parcel) {
			s := m.senders[0]
			m.senders[0] = nil
			m.senders = m.senders[1:]
			b.accept(m, s.parcel)
			close(s.done)
		}
		if len(m.senders) == 0 {
			m.senders = nil
			delete(b.blocked, m)
		}
	}
}
