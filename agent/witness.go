package agent

import (
	"context"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// witness tells what a run finds while it goes on, so that nobody waits for the
// slowest of many stacks. What is known at the end of the run replaces it.
type witness struct {
	plan.Quiet
	agent *Agent
	ctx   context.Context // of the run
	tasks []addr.Addr     // that it looks at
	run   int64           // its id in the history

	mu     sync.Mutex // held while something is told
	closed bool
}

var _ plan.Observer = (*witness)(nil)

func (a *Agent) witness(ctx context.Context, tasks []addr.Addr) *witness {
	return &witness{agent: a, ctx: ctx, tasks: tasks, run: a.history.Begin()}
}

// Found implements [plan.Observer]. What is found while the run is being stopped
// says nothing, and neither does what comes after its end.
func (w *witness) Found(task addr.Addr, finding plan.FindingRecord, total int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.agent
	if w.closed || w.ctx.Err() != nil || !a.board.found(task, finding, total) {
		return
	}
	a.remember(history.Run{
		ID: w.run, Task: task.String(), At: a.Now().UTC(), IsWanted: a.routed(task.String()), Extent: history.Part,
		Observations: []history.Observation{a.observeFinding(task, finding)},
	})
}

// close is called when all is known, which has the last word.
func (w *witness) close() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
}

// end has told what has happened in the run, as nothing more is going to.
func (w *witness) end() {
	w.agent.history.End(w.run)
	for _, task := range w.tasks {
		w.agent.board.update(task, func(t *taskState) { t.progress = progress{} })
		w.agent.courier.tell(task.String())
	}
}

// Retrying implements [plan.Observer].
func (w *witness) Retrying(f plan.FailedAttempt) {
	w.agent.Log.Named(f.Step.Addr.String()).Warn("an attempt failed", "attempt", f.Attempt, "of", f.Attempts, "next", f.Wait.Round(time.Millisecond), "error", f.Error)
}
