package agent

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
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
	p, flows := a.board.picture(), a.bus.Stats()
	units := make(map[string]runner.UnitStatus)
	for _, u := range a.runner.Status() {
		units[u.Name] = u
	}
	status := api.Status{
		Version: version.Number,
		Since:   p.began,
		Config:  api.Config{LastReloadSuccessful: p.reload.ok, LastSuccess: p.reload.at.UTC(), Error: a.Hidden.String(p.reload.problem)},
		Blocks:  make([]api.Block, 0, len(p.nodes)),

		Providers: describeProviders(a.processes()),
		History:   a.describeHistory(),
	}
	slices.SortFunc(p.nodes, compareNodes)
	for _, n := range p.nodes {
		b := api.Block{Address: n.Addr.String(), Kind: string(n.Addr.Kind), Type: n.Addr.Type}
		if t, ok := p.tasks[n.Addr]; ok {
			describeTask(&b, n, t)
		} else {
			describeUnit(&b, units[b.Address], cmp.Or(p.invalid[n.Addr], p.waiting[n.Addr]))
			describeFlow(&b, flows)
		}
		describeAbsence(&b, p.absent[n.Addr])
		b.Error = a.Hidden.String(b.Error)
		status.Blocks = append(status.Blocks, b)
	}
	return status
}

func compareNodes(x, y *eval.Node) int {
	rank := func(n *eval.Node) int { return slices.Index(addr.Kinds(), n.Addr.Kind) }
	return cmp.Or(cmp.Compare(rank(x), rank(y)), addr.Compare(x.Addr, y.Addr))
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
	b.Progress = t.progress.describe()
}

// describeUnit tells of a unit, and why it is not what it should be.
func describeUnit(b *api.Block, u runner.UnitStatus, reason string) {
	b.Error = reason
	switch {
	case u.Name == "" && reason == "":
		b.State = api.StateUnused
		return
	case u.Name == "":
		b.State = api.StateWaiting
		return
	}
	b.State, b.Since, b.Restarts = string(u.State), stamp(u.Since), u.Restarts
	if u.Err != nil && reason == "" {
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

// NotReady implements [api.Backend].
func (a *Agent) NotReady() []string {
	p := a.board.picture()
	var reasons []string
	if p.began.IsZero() {
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
	for _, why := range []map[addr.Addr]string{p.waiting, p.invalid} {
		for block, reason := range why {
			reasons = append(reasons, block.String()+": "+reason)
		}
	}
	for block, missing := range p.absent {
		if p.waiting[block] == "" {
			reasons = append(reasons, block.String()+": "+missing.String())
		}
	}
	reasons = append(reasons, downProviders(a.processes())...)
	for i, reason := range reasons {
		reasons[i] = a.Hidden.String(reason)
	}
	slices.SortFunc(reasons, strings.Compare)
	return reasons
}
