package bus

import (
	"fmt"
	"runtime/debug"
	"time"
)

// complainEvery is how often, at most, one component's log tells of events
// that were discarded. The counters tell of each.
const complainEvery = 10 * time.Second

// guard calls foreign code and turns a panic of it into an error.
func (b *Bus) guard(m *mailbox, call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			b.log.Error("a component panicked, which is a defect of its provider",
				"component", m.addr, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("%s panicked, which is a defect of its provider: %v", m.addr, r)
		}
	}()
	return call()
}

// discard counts events that the worker of m gives up, and says so in the log.
func (b *Bus) discard(m *mailbox, why reason, events int, err error) {
	m.count.discarded[why].Add(uint64(events))
	m.unsaid += events
	now := b.now()
	if now.Sub(m.complained) < complainEvery {
		return
	}
	b.log.Error("events were discarded", "component", m.addr, "reason", reasonNames[why], "events", m.unsaid, "error", err)
	m.complained, m.unsaid = now, 0
}
