package agent

import (
	"context"
	"sync"
)

// slots bound how many tasks all islands together work on at once.
type slots struct {
	mu    sync.Mutex
	limit int
	used  int
	freed chan struct{} // closed when there may be a free one
}

func newSlots(limit int) *slots { return &slots{limit: limit, freed: make(chan struct{})} }

// setLimit changes the number of slots. Those that are taken stay so.
func (s *slots) setLimit(limit int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit = limit
	s.signal()
}

// take waits for a free slot and takes it, and with it up to the wanted number
// of those that are free by then. It returns 0 when ctx ends.
func (s *slots) take(ctx context.Context, wanted int) int {
	for {
		n, freed := s.try(wanted)
		if n > 0 {
			return n
		}
		select {
		case <-freed:
		case <-ctx.Done():
			return 0
		}
	}
}

func (s *slots) try(wanted int) (int, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := max(min(wanted, s.limit-s.used), 0)
	s.used += n
	return n, s.freed
}

// give returns slots.
func (s *slots) give(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used -= n
	s.signal()
}

func (s *slots) signal() {
	close(s.freed)
	s.freed = make(chan struct{})
}
