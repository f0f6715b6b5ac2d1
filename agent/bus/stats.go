package bus

import (
	"sync/atomic"
	"time"
)

// reason says why events were discarded.
type reason int

const (
	unrouted   reason = iota // nobody wants them
	filtered                 // a stage dropped them, as it was told
	stageError               // a stage failed on them
	permanent                // a sink will never take them
	exhausted                // a sink failed too often
	removed                  // their mailbox left the topology
	numReasons
)

var reasonNames = [numReasons]string{
	"unrouted", "filtered", "stage error", "permanent error", "attempts exhausted", "removed",
}

// counters belong to an address, like its mailbox. They outlive it, since a
// count that vanishes together with a removed sink would hide what was lost.
type counters struct {
	received, sent, bytes, retries atomic.Uint64
	discarded                      [numReasons]atomic.Uint64
	lastSent                       atomic.Int64 // Unix nanoseconds
}

// counter returns the counters of an address. The caller holds the mutex.
func (b *Bus) counter(addr string) *counters {
	c := b.counters[addr]
	if c == nil {
		c = new(counters)
		b.counters[addr] = c
	}
	return c
}

// Stats are the figures of one address since the bus was made.
type Stats struct {
	Received  uint64            // events emitted, or put into the mailbox
	Sent      uint64            // events handed on, or written by a sink
	Bytes     uint64            // size of what was emitted, handed on or written
	Retries   uint64            // writes that a sink repeated
	Discarded map[string]uint64 // events by reason; only reasons that happened
	LastSent  time.Time         // when a sink last wrote; zero: never

	MailboxBytes  int // what the mailbox holds now, finished or not
	MailboxEvents int
}

// Stats returns the figures of every address that has ever been part of the
// topology or has emitted.
func (b *Bus) Stats() map[string]Stats {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := make(map[string]Stats, len(b.counters))
	for addr, c := range b.counters {
		s := c.stats()
		if box := b.boxes[addr]; box != nil {
			s.MailboxBytes, s.MailboxEvents = box.bytes, box.events
		}
		all[addr] = s
	}
	return all
}

func (c *counters) stats() Stats {
	s := Stats{
		Received: c.received.Load(),
		Sent:     c.sent.Load(),
		Bytes:    c.bytes.Load(),
		Retries:  c.retries.Load(),
	}
	if at := c.lastSent.Load(); at != 0 {
		s.LastSent = time.Unix(0, at)
	}
	for i := range c.discarded {
		if n := c.discarded[i].Load(); n > 0 {
			if s.Discarded == nil {
				s.Discarded = make(map[string]uint64)
			}
			s.Discarded[reasonNames[i]] = n
		}
	}
	return s
}
