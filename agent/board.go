package agent

import (
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// board keeps what is known of the configuration and of every task and source
// of values: what the API and the metrics tell.
type board struct {
	now func() time.Time

	mu      sync.Mutex
	began   time.Time // when the agent was up
	reload  reloadState
	nodes   []*eval.Node
	waiting map[addr.Addr]string  // why a block has no unit
	invalid map[addr.Addr]string  // why a block runs on with an old configuration, or not at all
	absent  map[addr.Addr]absence // blocks that lack secrets
	tasks   map[addr.Addr]*taskState
	phases  phases
}

// reloadState is what became of the last attempt to read the configuration.
type reloadState struct {
	ok      bool
	at      time.Time // of the last success
	problem string
}

// taskState is what is known of a task, or of a source of values.
type taskState struct {
	state    string
	since    time.Time
	lastRun  time.Time
	nextRun  time.Time
	success  time.Time // of a source, when it was last read
	queued   bool      // it is due, and waits for its turn
	drifted  bool
	problem  string
	findings []plan.FindingRecord
	progress progress
	stacks   map[stackSeries]float64 // what checks of stacks have counted; never changed, but replaced
	runs     map[string]uint64       // by result
	figures  figures                 // of a source of values
	drifts   uint64                  // runs that found drift
	lost     uint64                  // events that no pipeline took in time
}

func newBoard(now func() time.Time) *board {
	return &board{now: now, reload: reloadState{ok: true, at: now()}, tasks: make(map[addr.Addr]*taskState), phases: newPhases()}
}

func (b *board) started() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.began = b.now()
}

func (b *board) reloaded(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if err != nil {
		b.reload.ok, b.reload.problem = false, err.Error()
		return
	}
	b.reload = reloadState{ok: true, at: b.now()}
}

// declare takes over the blocks that are wanted, and forgets the others. It
// returns those that lacked secrets before.
func (b *board) declare(w *wanted) (lacked map[addr.Addr]absence) {
	b.mu.Lock()
	defer b.mu.Unlock()
	lacked, b.absent = b.absent, w.absent
	b.nodes, b.waiting = w.graph.Order(), w.waiting
	b.invalid = make(map[addr.Addr]string)
	for a, err := range w.invalid {
		b.invalid[a] = err.Error()
	}
	tasks := make(map[addr.Addr]*taskState)
	for _, n := range b.nodes {
		if n.Addr.Kind == addr.Task || isData(n) {
			tasks[n.Addr] = b.declared(n)
		}
	}
	b.phases.keep(b.tasks, tasks)
	b.tasks = tasks
	return lacked
}

// declared returns the state of a task that is declared, anew or still.
func (b *board) declared(n *eval.Node) *taskState {
	t := b.tasks[n.Addr]
	off := n.Addr.Kind == addr.Task && n.Meta.Enforcement == eval.Off
	if t != nil && off == (t.state == api.StateOff) {
		return t
	}
	t = &taskState{state: api.StatePending, since: b.now(), runs: make(map[string]uint64)}
	if off {
		t.state = api.StateOff
	}
	return t
}

// update changes the state of a task that is declared. A run that was under way
// when the task was removed or turned off tells nobody.
func (b *board) update(a addr.Addr, change func(*taskState)) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if t := b.tasks[a]; t != nil && t.state != api.StateOff {
		change(t)
	}
}

// queue notes whether tasks wait for their turn.
func (b *board) queue(addrs []addr.Addr, queued bool) {
	for _, a := range addrs {
		b.update(a, func(t *taskState) { t.queued = queued })
	}
}

// become sets the state that tasks are in.
func (b *board) become(addrs []addr.Addr, state, problem string) {
	for _, a := range addrs {
		b.update(a, func(t *taskState) { t.become(state, problem, b.now()) })
	}
}

func (t *taskState) become(state, problem string, now time.Time) {
	if t.state != state {
		t.state, t.since = state, now
	}
	t.problem = problem
}

// polled notes the outcome of reading a source of values.
func (b *board) polled(a addr.Addr, err error, next time.Time) {
	b.update(a, func(t *taskState) {
		t.lastRun, t.nextRun = b.now(), next
		if err != nil {
			t.become(api.StateFailed, err.Error(), b.now())
			return
		}
		t.success = b.now()
		t.become(api.StateOK, "", b.now())
	})
}

// finished notes the outcome of a step for one of its tasks.
func (b *board) finished(a addr.Addr, r plan.Result, drifted bool, problem string) {
	findings := r.Findings()
	dirty := r.Outcome == plan.Changed && isDirty(findings)
	b.update(a, func(t *taskState) {
		t.runs[string(r.Outcome)]++
		if drifted {
			t.drifts++
		}
		if r.Outcome != plan.LeftOut {
			t.lastRun = b.now()
		}
		// A run that could not look at the host says nothing of its drift.
		if r.Step.State == plan.Planned {
			b.phases.count(a, t.conclude(a, findings))
			t.drifted = r.Outcome == plan.Reported || dirty || drifted && (r.Outcome == plan.Broken || r.Outcome == plan.Ignored)
		}
		t.become(stateOf(r.Outcome, dirty), problem, b.now())
		t.dropOldStacks(a, r.Step.State == plan.Failed)
	})
}

// isDirty reports whether something is still not as declared: not all that was
// found may have been remedied.
func isDirty(findings []plan.FindingRecord) bool {
	return slices.ContainsFunc(findings, func(f plan.FindingRecord) bool { return f.Verdict != history.Clean })
}

func stateOf(o plan.Outcome, dirty bool) string {
	switch {
	case o == plan.Reported, dirty:
		return api.StateDrifted
	case o == plan.Broken, o == plan.Ignored:
		return api.StateFailed
	case o == plan.LeftOut:
		return api.StateSkipped
	}
	return api.StateOK
}

// picture is what a board knew at one moment.
type picture struct {
	began   time.Time
	reload  reloadState
	nodes   []*eval.Node
	waiting map[addr.Addr]string
	invalid map[addr.Addr]string
	absent  map[addr.Addr]absence
	tasks   map[addr.Addr]taskState
}

func (b *board) picture() picture {
	b.mu.Lock()
	defer b.mu.Unlock()
	p := picture{b.began.UTC(), b.reload, slices.Clone(b.nodes), b.waiting, b.invalid, b.absent, make(map[addr.Addr]taskState, len(b.tasks))}
	for a, t := range b.tasks {
		c := *t
		c.runs = maps.Clone(t.runs)
		p.tasks[a] = c
	}
	return p
}
