package secret

import (
	"context"
	"sync"
)

// Watch returns a channel of the refs whose value has changed, or can no
// longer be had. A change that nobody has received yet is not told twice, so a
// slow receiver holds up nothing. The channel is closed when ctx ends or the
// resolver is closed.
func (r *Resolver) Watch(ctx context.Context) <-chan Ref {
	out := make(chan Ref)
	w := &watcher{pending: make(map[Ref]bool), wake: make(chan struct{}, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		close(out)
		return out
	}
	r.watchers[w] = struct{}{}
	r.loops.Go(func() {
		defer close(out)
		w.send(ctx, r.background.Done(), out)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.watchers, w)
	})
	return out
}

// notify tells every watcher.
func (r *Resolver) notify(refs []Ref) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.notifyLocked(refs)
}

func (r *Resolver) notifyLocked(refs []Ref) {
	for w := range r.watchers {
		w.add(refs)
	}
}

// watcher is one receiver of changes.
type watcher struct {
	wake    chan struct{}
	mu      sync.Mutex
	pending map[Ref]bool
	queue   []Ref
}

func (w *watcher) add(refs []Ref) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, ref := range refs {
		if !w.pending[ref] {
			w.pending[ref] = true
			w.queue = append(w.queue, ref)
		}
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// peek returns the next ref, which stays pending until it is received.
func (w *watcher) peek() (Ref, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.queue) == 0 {
		return Ref{}, false
	}
	return w.queue[0], true
}

func (w *watcher) pop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.pending, w.queue[0])
	w.queue = w.queue[1:]
}

func (w *watcher) send(ctx context.Context, closed <-chan struct{}, out chan<- Ref) {
	for {
		ref, ok := w.peek()
		if !ok {
			select {
			case <-w.wake:
				continue
			case <-ctx.Done():
				return
			case <-closed:
				return
			}
		}
		select {
		case out <- ref:
			w.pop()
		case <-ctx.Done():
			return
		case <-closed:
			return
		}
	}
}
