package bus

import "sync/atomic"

// ticket is the acknowledgement tree of one emitted batch, folded into a
// count of those who have yet to finish with it. Whoever hands the batch on
// to several adds them first and is done itself afterwards, so that the count
// reaches zero only when the last leaf is done.
type ticket struct {
	ack     func(error)
	pending atomic.Int32
	settled atomic.Bool
}

func newTicket(pending int, ack func(error)) *ticket {
	t := &ticket{ack: ack}
	t.add(pending)
	return t
}

// add announces n more who have to finish. The caller is not done itself yet.
func (t *ticket) add(n int) { t.pending.Add(int32(n)) }

// done says that one of them has finished with the batch.
func (t *ticket) done() {
	if t.pending.Add(-1) == 0 && t.abandon() {
		t.ack(nil)
	}
}

// fail acknowledges with an error at once, whoever is still busy.
func (t *ticket) fail(err error) {
	if t.abandon() {
		t.ack(err)
	}
}

// abandon takes away the one right to acknowledge. It reports false when that
// has been used already.
func (t *ticket) abandon() bool { return t.settled.CompareAndSwap(false, true) }
