package terraform

import (
	"context"
	"sync"
)

// groups bounds how many stacks that share something are checked at the same
// time, over all tasks of the process.
type groups struct {
	mu      sync.Mutex
	running map[string]int
	left    chan struct{} // closed, and made anew, when one leaves
}

func newGroups() *groups {
	return &groups{running: map[string]int{}, left: make(chan struct{})}
}

// enter waits until fewer than limit of the group are running, and counts as
// one of them until leave is called.
func (g *groups) enter(ctx context.Context, name string, limit int) (leave func(), err error) {
	for {
		g.mu.Lock()
		left := g.left
		if g.running[name] < limit {
			g.running[name]++
			g.mu.Unlock()
			return func() { g.leave(name) }, nil
		}
		g.mu.Unlock()
		select {
		case <-left:
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		}
	}
}

func (g *groups) leave(name string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.running[name]--; g.running[name] == 0 {
		delete(g.running, name)
	}
	close(g.left)
	g.left = make(chan struct{})
}
