package agent

import (
	"fmt"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/version"
)

// Status implements [api.Backend].
func (a *Agent) Status() api.Status {
	a.mu.Lock()
	graph, reload := a.graph, a.reload
	a.mu.Unlock()
	units := make(map[string]runner.UnitStatus)
	for _, u := range a.runner.Status() {
		units[u.Name] = u
	}
	tasks, flows := a.board.tasksCopy(), a.bus.Stats()
	status := api.Status{
		Version: version.Number,
		Since:   a.board.upSince(),
		Config:  api.Config{LastReloadSuccessful: reload.ok, LastSuccess: reload.at, Error: reload.problem},
		Blocks:  []api.Block{},
	}
	for _, n := range graph.Order() {
		b := api.Block{Address: n.Addr.String(), Kind: string(n.Addr.Kind), Type: n.Addr.Type}
		if t, ok := tasks[n.Addr]; ok {
			describeTask(&b, n, t)
		} else {
			describeUnit(&b, units[b.Address])
			describeFlow(&b, flows)
		}
		status.Blocks = append(status.Blocks, b)
	}
	slices.SortFunc(status.Blocks, func(x, y api.Block) int { return compareText(x, y) })
	return status
}

func compareText(x, y api.Block) int {
	kx, ky := slices.Index(addr.Kinds(), addr.Kind(x.Kind)), slices.Index(addr.Kinds(), addr.Kind(y.Kind))
	if kx != ky {
		return kx - ky
	}
	switch {
	case x.Address < y.Address:
		return -1
	case x.Address > y.Address:
		return 1
	}
	return 0
}

func describeTask(b *api.Block, n *eval.Node, t taskState) {
	b.State, b.Error = t.state, t.problem
	b.Since, b.LastRun, b.NextRun = stamp(t.since), stamp(t.lastRun), stamp(t.nextRun)
	if n.Addr.Kind == addr.Task {
		b.Drifted = &t.drifted
	}
	if len(t.findings) > 0 {
		b.Findings = t.findings
	}
}

func describeUnit(b *api.Block, u runner.UnitStatus) {
	if u.Name == "" {
		b.State = api.StateWaiting
		return
	}
	b.State, b.Since, b.Restarts = string(u.State), stamp(u.Since), u.Restarts
	if u.Err != nil {
		b.Error = u.Err.Error()
	}
}

func describeFlow(b *api.Block, flows map[string]bus.Stats) {
	s, ok := flows[b.Address]
	if !ok {
		return
	}
	b.Flow = &api.Flow{Received: s.Received, Sent: s.Sent, Discarded: s.Discarded, Waiting: s.MailboxEvents}
}

func stamp(t time.Time) *time.Time {
	if t.IsZero() {
		return nil
	}
	t = t.UTC()
	return &t
}

func (b *board) upSince() time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.began.UTC()
}

// NotReady implements [api.Backend].
func (a *Agent) NotReady() []string {
	var reasons []string
	if a.board.upSince().IsZero() {
		reasons = append(reasons, "the agent is starting")
	}
	for _, u := range a.runner.Status() {
		switch u.State {
		case runner.Failed, runner.BackingOff:
			reasons = append(reasons, fmt.Sprintf("%s: %s: %v", u.Name, u.State, u.Err))
		case runner.Starting:
			reasons = append(reasons, fmt.Sprintf("%s is starting", u.Name))
		}
	}
	return reasons
}
