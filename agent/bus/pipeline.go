package bus

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// RunPipeline is the worker of a pipeline. It takes batches from the mailbox
// of addr, runs the stages over each, and hands the result to the sinks. It
// returns nil when ctx ends, the address is removed or the bus is closed, and
// an error when it can't begin. What it has not finished then waits for the
// next RunPipeline of the address.
//
// A batch that a stage fails on is discarded, counted and logged: nothing
// waits for it for ever. It is kept, and RunPipeline returns the error, where
// the stage failed because it is lost; see [plugin.ErrLost]. Stages are not interrupted when ctx ends, because a
// batch that was changed halfway could neither be delivered nor begun anew.
func (b *Bus) RunPipeline(ctx context.Context, addr string, stages []plugin.Stage) error {
	ctx, box, err := b.enter(ctx, addr)
	if err != nil {
		return err
	}
	defer b.leave(box)
	for p := b.take(ctx, box); p != nil; p = b.take(ctx, box) {
		if !p.staged {
			if err := b.stage(context.WithoutCancel(ctx), box, p, stages); err != nil {
				return err
			}
		}
		if !b.forward(ctx, p) {
			return nil
		}
		b.settle(box)
	}
	return nil
}

// stage runs the stages over the batch of p and decides where it goes. An
// error says that a stage is lost; p is then as it was.
func (b *Bus) stage(ctx context.Context, box *mailbox, p *parcel, stages []plugin.Stage) error {
	batch := p.batch
	if p.shared && len(stages) > 0 || slices.ContainsFunc(stages, isPerishable) {
		batch = batch.Clone()
	}
	var gone uint64 // to the filters among the stages
	for i, stage := range stages {
		before := batch.Len()
		if before == 0 {
			break
		}
		err := b.guard(box, func() error { return stage.Process(ctx, batch) })
		if errors.Is(err, plugin.ErrLost) {
			return fmt.Errorf("stage %d: %w", i+1, err)
		}
		if err != nil {
			p.staged = true
			box.count.discarded[filtered].Add(gone)
			b.discard(box, stageError, before, fmt.Errorf("stage %d: %w", i+1, err))
			return nil
		}
		if after := batch.Len(); after < before {
			gone += uint64(before - after)
		}
	}
	p.staged, p.batch = true, batch
	box.count.discarded[filtered].Add(gone)
	b.direct(box, p)
	return nil
}

// isPerishable reports whether a stage may leave a batch half done, so that it
// has to be done again from the beginning.
func isPerishable(s plugin.Stage) bool {
	_, ok := s.(plugin.Perishable)
	return ok
}

// direct notes to which sinks the batch of p goes.
func (b *Bus) direct(box *mailbox, p *parcel) {
	events := p.batch.Len()
	if events == 0 {
		return
	}
	p.batch = compact(p.batch, p.events)
	p.todo = b.sinksOf(box)
	p.ticket.add(len(p.todo))
	box.count.bytes.Add(uint64(p.batch.Size()))
	if len(p.todo) == 0 {
		box.count.discarded[unrouted].Add(uint64(events))
		return
	}
	box.count.sent.Add(uint64(events))
}

// compact returns the batch without the memory of the events it has lost, if
// those were most of the events it had.
func compact(batch *event.Batch, had int) *event.Batch {
	if 2*batch.Len() > had {
		return batch
	}
	small := new(event.Batch)
	small.Append(batch)
	return small
}

func (b *Bus) sinksOf(box *mailbox) []*mailbox {
	b.mu.Lock()
	defer b.mu.Unlock()
	return box.sinks
}

// forward hands the batch to the sinks that have yet to get it. It reports
// false when ctx ended before the last had it; p then knows the rest.
func (b *Bus) forward(ctx context.Context, p *parcel) bool {
	for len(p.todo) > 0 {
		err := b.hand(ctx, p.todo[0], &parcel{
			batch:  p.batch,
			ticket: p.ticket,
			size:   p.batch.Size(),
			events: p.batch.Len(),
		})
		if err != nil {
			return false
		}
		p.todo = p.todo[1:]
	}
	return true
}
