package agent

import (
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
)

// board keeps what is known of every task and source of values: what the API
// and the metrics tell.
type board struct {
	now func() time.Time

	mu      sync.Mutex
	began   time.Time // when the agent was up
	kinds   map[addr.Addr]*eval.Node
	waiting []addr.Addr
	tasks   map[addr.Addr]*taskState
}

// taskState is what is known of a task, or of a source of values.
type taskState struct {
	state    string
	since    time.Time
	lastRun  time.Time
	nextRun  time.Time
	drifted  bool
	problem  string
	findings []plan.FindingRecord
	runs     map[string]uint64 // by result
}

func newBoard(now func() time.Time) *board {
	return &board{now: now, tasks: make(map[addr.Addr]*taskState)}
}

func (b *board) started() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.began = b.now()
}

// declare takes over the blocks of a graph, and forgets those it lacks.
func (b *board) declare(waiting []addr.Addr, graph *eval.Graph) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = waiting
	b.kinds = make(map[addr.Addr]*eval.Node)
	for _, n := range graph.Order() {
		b.kinds[n.Addr] = n
		if n.Addr.Kind == addr.Task || n.Addr.Kind == addr.Source && !n.Type.Emits {
			b.task(n.Addr)
		}
	}
	for a := range b.tasks {
		if b.kinds[a] == nil {
			delete(b.tasks, a)
		}
	}
}

// task must be called with the lock held.
func (b *board) task(a addr.Addr) *taskState {
	t := b.tasks[a]
	if t == nil {
		t = &taskState{state: api.StatePending, since: b.now(), runs: make(map[string]uint64)}
		if n := b.kinds[a]; n != nil && n.Meta.Enforcement == eval.Off {
			t.state = api.StateOff
		}
		b.tasks[a] = t
	}
	return t
}

func (t *taskState) become(state string, now time.Time) {
	if t.state != state {
		t.state, t.since = state, now
	}
}

func (b *board) running(a addr.Addr) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.task(a).become(api.StateRunning, b.now())
}

func (b *board) polled(a addr.Addr, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	t := b.task(a)
	t.lastRun, t.problem = b.now(), ""
	if err != nil {
		t.problem = err.Error()
		t.become(api.StateFailed, b.now())
		return
	}
	t.become(api.StateOK, b.now())
}

// finished notes the outcome of a step for each of its tasks.
func (b *board) finished(r plan.Result, drifted bool, problem error, next time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	record := r.Step.Record()
	for _, a := range append(slices.Clone(r.Step.With), r.Step.Addr) {
		t := b.task(a)
		t.lastRun, t.nextRun, t.findings = b.now(), next, record.Findings
		t.problem = r.Error
		if problem != nil {
			t.problem = problem.Error()
		}
		t.drifted = r.Outcome == plan.Reported || drifted && r.Outcome == plan.Broken
		t.runs[string(r.Outcome)]++
		t.become(stateOf(r.Outcome), b.now())
	}
}

func stateOf(o plan.Outcome) string {
	switch o {
	case plan.Reported:
		return api.StateDrifted
	case plan.Broken:
		return api.StateFailed
	case plan.LeftOut:
		return api.StateSkipped
	}
	return api.StateOK
}

// tasksCopy returns what is known now.
func (b *board) tasksCopy() map[addr.Addr]taskState {
	b.mu.Lock()
	defer b.mu.Unlock()
	out := make(map[addr.Addr]taskState, len(b.tasks))
	for a, t := range b.tasks {
		c := *t
		c.runs = make(map[string]uint64, len(t.runs))
		for k, v := range t.runs {
			c.runs[k] = v
		}
		out[a] = c
	}
	return out
}
