package facts

import (
	"context"
	"sync"
	"time"
)

const (
	// patience is how long the file systems together may take to answer.
	patience = time.Second
	// maxProbes bounds how many are asked at the same time. One that never
	// answers holds on to a thread, and no context can free it.
	maxProbes = 64
)

// space is what a file system says of itself, in bytes.
type space struct{ size, available int64 }

// prober asks file systems for their space without ever waiting for one that
// hangs. No mount point is asked again while it hasn't answered.
type prober struct {
	statfs   func(path string) (space, error)
	patience time.Duration
	slots    chan struct{} // holds one element for each probe under way

	mu     sync.Mutex
	probes map[string]*probe // those under way
}

// probe is one question. What it found may be read once done is closed.
type probe struct {
	done  chan struct{}
	space space
	err   error
}

func newProber(statfs func(string) (space, error)) *prober {
	return &prober{statfs: statfs, patience: patience, slots: make(chan struct{}, maxProbes), probes: map[string]*probe{}}
}

// ask returns the space at those paths that answered in time. The first are
// asked first.
func (p *prober) ask(ctx context.Context, paths []string) map[string]space {
	ctx, cancel := context.WithTimeout(ctx, p.patience)
	defer cancel()
	probes := make(map[string]*probe, len(paths))
	for _, path := range paths {
		if one := p.start(ctx, path); one != nil {
			probes[path] = one
		}
	}
	spaces := map[string]space{}
	for path, one := range probes {
		if one.wait(ctx) && one.err == nil {
			spaces[path] = one.space
		}
	}
	return spaces
}

// wait reports whether the answer is there, or comes before ctx ends.
func (one *probe) wait(ctx context.Context) bool {
	select {
	case <-one.done:
		return true
	case <-ctx.Done():
	}
	select {
	case <-one.done: // both were ready, and select chose the other
		return true
	default:
		return false
	}
}

// start returns the probe of a path that is under way, or a new one. It is nil
// if ctx ends before there is room for it.
func (p *prober) start(ctx context.Context, path string) *probe {
	if one := p.underWay(path); one != nil {
		return one
	}
	select {
	case p.slots <- struct{}{}:
	case <-ctx.Done():
		return nil
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if one := p.probes[path]; one != nil { // someone else was faster
		<-p.slots
		return one
	}
	one := &probe{done: make(chan struct{})}
	p.probes[path] = one
	go p.run(path, one)
	return one
}

func (p *prober) underWay(path string) *probe {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.probes[path]
}

func (p *prober) run(path string, one *probe) {
	one.space, one.err = p.statfs(path)
	p.mu.Lock()
	delete(p.probes, path)
	p.mu.Unlock()
	<-p.slots
	close(one.done)
}
