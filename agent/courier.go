package agent

import (
	"context"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/internal/history"
)

// courier emits the transitions that nobody was told of yet. Those of one task
// go one after the other, so that they arrive in order; a pipeline that is busy
// holds up those of its own tasks, and no run. What is emitted waits in the
// history until every sink has it.
type courier struct {
	history *history.Store
	bus     *bus.Bus
	log     hclog.Logger
	ctx     context.Context // of what is under way
	cancel  context.CancelFunc

	mu     sync.Mutex
	busy   map[string]bool // the tasks of which something is under way
	closed bool            // nothing new is begun
	group  sync.WaitGroup
}

func newCourier(h *history.Store, b *bus.Bus, log hclog.Logger) *courier {
	ctx, cancel := context.WithCancel(context.Background())
	return &courier{history: h, bus: b, log: log, ctx: ctx, cancel: cancel, busy: make(map[string]bool)}
}

// tell has what waits of a task told. It doesn't wait for that.
func (c *courier) tell(task string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.busy[task] || c.closed {
		return // who is busy takes along what has come meanwhile
	}
	c.busy[task] = true
	c.group.Go(func() {
		for transitions := c.next(task); len(transitions) > 0; transitions = c.next(task) {
			c.emit(task, transitions)
		}
	})
}

// next takes what waits of a task. Where there is nothing the courier is busy
// with the task no more.
func (c *courier) next(task string) []history.Transition {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() == nil {
		if transitions := c.history.Take(task); len(transitions) > 0 {
			return transitions
		}
	}
	delete(c.busy, task)
	return nil
}

// emit waits until the pipelines have taken the events. That they have arrived
// is known later.
func (c *courier) emit(task string, transitions []history.Transition) {
	ids := make([]int64, len(transitions))
	for i, t := range transitions {
		ids[i] = t.ID
	}
	settle := func(err error) {
		if err := c.history.Settle(ids, err == nil); err != nil {
			c.log.Error("which drift was told is not on the disk", "error", err)
		}
	}
	if err := c.bus.Emitter(task).Emit(c.ctx, transitionEvents(task, transitions), settle); err != nil {
		c.log.Warn("what happened to a task could not be told; that is done after the next start", "task", task, "transitions", len(transitions), "reason", err)
		settle(err)
	}
}

// courierInterval is how often the courier looks for what came back.
const courierInterval = 5 * time.Second

// run has told what waits from before the start, and what comes back because
// its pipeline was removed, until ctx ends.
func (c *courier) run(ctx context.Context) {
	ticker := time.NewTicker(courierInterval)
	defer ticker.Stop()
	for ctx.Err() == nil {
		for _, task := range c.history.Waiting() {
			c.tell(task)
		}
		if n := c.history.Dropped(); n > 0 {
			c.log.Error("transitions were never told, because too many waited for their pipelines", "transitions", n)
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
		}
	}
}

// finish waits until the pipelines have taken what is under way. After ctx ends
// the rest is left to the next start.
func (c *courier) finish(ctx context.Context) {
	c.mu.Lock()
	c.closed = true
	c.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		c.group.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
	}
	c.cancel()
	<-idle
}
