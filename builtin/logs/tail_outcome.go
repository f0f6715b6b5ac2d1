package logs

import (
	"sync"
	"time"
)

// outcomes collects what became of the batches. Adding never blocks, because
// those who acknowledge must not wait for those who read.
type outcomes struct {
	wake chan struct{} // holds a token while there is something to take

	mu   sync.Mutex
	list []outcome
}

type outcome struct {
	flight *flight
	err    error
}

func newOutcomes() *outcomes { return &outcomes{wake: make(chan struct{}, 1)} }

func (o *outcomes) add(f *flight, err error) {
	o.mu.Lock()
	o.list = append(o.list, outcome{f, err})
	o.mu.Unlock()
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

func (o *outcomes) take() []outcome {
	o.mu.Lock()
	defer o.mu.Unlock()
	list := o.list
	o.list = nil
	return list
}

// settle moves the positions over what was delivered, and goes back to read
// again what was not.
func (t *tailer) settle() {
	for _, o := range t.outcomes.take() {
		t.inFlight -= o.flight.size
		one := o.flight.tail
		switch {
		case o.flight.generation != one.generation:
			continue
		case o.err == nil:
			t.unsaved = one.settle(o.flight) || t.unsaved
		default:
			t.failed(one, o.err)
		}
	}
}

func (t *tailer) failed(one *tail, err error) {
	one.rewind(time.Now().Add(retryDelay))
	if one.isLost() {
		t.log.Error("lines were lost: they could not be delivered, and their file is gone",
			"file", one.name, "offset", one.acked.offset, "error", err)
		return
	}
	t.log.Debug("a batch was not delivered and will be read again",
		"file", one.name, "offset", one.acked.offset, "error", err)
}
