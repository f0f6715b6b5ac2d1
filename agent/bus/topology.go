package bus

import (
	"fmt"
	"maps"
	"slices"
)

// Topology says who feeds whom, by address. A batch goes to all that are
// listed.
type Topology struct {
	Emitters  map[string][]string // source, task or collector: the pipelines it feeds
	Pipelines map[string][]string // pipeline: the sinks it feeds
}

// Configure puts a topology in place of the present one, whole or, when it
// returns an error, not at all. It may be called while everything runs: what
// lies in a mailbox stays there, and the next batch takes the new way.
//
// The worker of an address that the new topology lacks is ended. What its
// mailbox holds is given up, counted and logged: of a sink, because nobody is
// left who wants it; of a pipeline, with [ErrRemoved], so that its source reads
// it again.
func (b *Bus) Configure(t Topology) error {
	if err := t.check(); err != nil {
		return err
	}
	b.mu.Lock()
	if b.closed {
		b.mu.Unlock()
		return fmt.Errorf("configuring the event bus: %w", ErrClosed)
	}
	old := b.boxes
	b.rebuild(t)
	type remains struct {
		box  *mailbox
		left queue
	}
	var gone []remains
	for addr, box := range old {
		if b.boxes[addr] != box {
			box.removed = true
			gone = append(gone, remains{box, b.shut(box, errRemoved)})
		}
	}
	b.mu.Unlock()

	for _, r := range gone {
		b.discardRemoved(r.box, r.left)
	}
	return nil
}

// rebuild makes boxes and routes what t says, with the mailboxes there are.
func (b *Bus) rebuild(t Topology) {
	boxes := make(map[string]*mailbox)
	box := func(addr string) *mailbox {
		m := boxes[addr]
		if m == nil {
			m = b.boxes[addr]
		}
		if m == nil {
			m = newMailbox(addr, b.counter(addr))
		}
		boxes[addr] = m
		return m
	}
	for pipeline, sinks := range t.Pipelines {
		targets := make([]*mailbox, len(sinks))
		for i, sink := range sinks {
			targets[i] = box(sink)
		}
		box(pipeline).sinks = targets
	}
	routes := make(map[string][]*mailbox)
	for emitter, pipelines := range t.Emitters {
		for _, pipeline := range pipelines {
			routes[emitter] = append(routes[emitter], boxes[pipeline])
		}
	}
	b.boxes, b.routes = boxes, routes
}

func (t Topology) check() error {
	for _, emitter := range slices.Sorted(maps.Keys(t.Emitters)) {
		for i, pipeline := range t.Emitters[emitter] {
			if _, ok := t.Pipelines[pipeline]; !ok {
				return fmt.Errorf("configuring the event bus: %s feeds %s, which is not a pipeline of the topology", emitter, pipeline)
			}
			if slices.Contains(t.Emitters[emitter][:i], pipeline) {
				return fmt.Errorf("configuring the event bus: %s feeds %s twice; name it once", emitter, pipeline)
			}
		}
	}
	for _, pipeline := range slices.Sorted(maps.Keys(t.Pipelines)) {
		for i, sink := range t.Pipelines[pipeline] {
			if _, ok := t.Pipelines[sink]; ok {
				return fmt.Errorf("configuring the event bus: %s feeds %s, which is itself a pipeline; a pipeline feeds sinks only", pipeline, sink)
			}
			if slices.Contains(t.Pipelines[pipeline][:i], sink) {
				return fmt.Errorf("configuring the event bus: %s feeds %s twice; name it once", pipeline, sink)
			}
		}
	}
	return nil
}
