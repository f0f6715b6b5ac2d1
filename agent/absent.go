package agent

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin/event"
)

// absence is what a block lacks: secrets that can't be had for now, such as while
// Vault is sealed, and why. The key is the call that asks for one.
type absence map[string]string

// absenceIn returns the secrets that can't be had, where that is all that is
// wrong.
func absenceIn(diags hcl.Diagnostics) (missing absence, only bool) {
	absent, others := lang.SplitAbsent(diags)
	missing = make(absence, len(absent))
	for _, d := range absent {
		e, _ := lang.Absent(d)
		missing[e.Secret] = e.Error()
	}
	return missing, len(missing) > 0 && !others.HasErrors()
}

// secrets returns the names of what is missing, sorted.
func (m absence) secrets() []string { return slices.Sorted(maps.Keys(m)) }

// reason says why they are missing, each reason once.
func (m absence) reason() string {
	return strings.Join(slices.Compact(slices.Sorted(maps.Values(m))), "; ")
}

// String says what is waited for, and why.
func (m absence) String() string {
	return "waits for " + strings.Join(m.secrets(), ", ") + ": " + m.reason()
}

// lacks reports whether a block can't be evaluated for want of secrets. It stays
// what it was then, if it was there before.
func (w *wanted) lacks(a addr.Addr, diags hcl.Diagnostics) bool {
	missing, only := absenceIn(diags)
	if !only {
		return false
	}
	w.absent[a], w.waiting[a] = missing, missing.String()
	w.keepUnit(w.Agent.units, a.String())
	return true
}

// waitsForAbsent reports whether a block waits for one that lacks secrets, or
// waits for such a one itself.
func (w *wanted) waitsForAbsent(a addr.Addr) bool {
	return slices.ContainsFunc(w.graph.Dependencies().Closure(a), func(dep addr.Addr) bool { return w.absent[dep] != nil })
}

// inherit has the tasks of an island lack what the blocks lack that they depend
// on.
func (w *wanted) inherit(addrs []addr.Addr) {
	for _, a := range addrs {
		for _, dep := range w.graph.Dependencies().Closure(a) {
			if missing := w.absent[dep]; missing != nil && dep != a {
				all := maps.Clone(missing)
				maps.Copy(all, w.absent[a])
				w.absent[a] = all
			}
		}
	}
}

// wasIsland reports whether some blocks are an island of the graph that runs.
func (a *Agent) wasIsland(addrs []addr.Addr) bool {
	graph := a.graph.Load()
	return graph != nil && slices.ContainsFunc(plan.Islands(graph, overlay.New(overlay.Options{}).Canonical), func(i plan.Island) bool {
		return slices.Equal(addrsOf(i.Nodes), addrs)
	})
}

// noteAbsences tells what begins and what ceases to wait for secrets, and has
// the tasks checked at once that have waited, and those that depend on them. In
// units that were started anew they are run anyway.
func (a *Agent) noteAbsences(before map[addr.Addr]absence, w *wanted, kept []string) {
	now := w.absent
	for _, block := range slices.SortedFunc(maps.Keys(now), addr.Compare) {
		if before[block] == nil {
			a.Log.Named(block.String()).Warn("the block waits for secrets; all that needs none of them goes on", "secrets", now[block].secrets(), "reason", now[block].reason())
		}
	}
	graph := a.graph.Load()
	for _, block := range slices.SortedFunc(maps.Keys(before), addr.Compare) {
		if _, declared := graph.Node(block); !declared || now[block] != nil {
			continue
		}
		a.Log.Named(block.String()).Info("the block has the secrets that it waited for")
		for _, user := range graph.Dependencies().Dependents(block) {
			if now[user] == nil && slices.Contains(kept, w.runs[user]) {
				a.checks.add(user)
			}
		}
	}
	a.checks.keep(graph)
}

// describeAbsence tells what a block lacks. A task or a source of values that has
// failed for that, or has not been tried, is waiting.
func describeAbsence(b *api.Block, missing absence) {
	if missing == nil {
		return
	}
	b.Secrets = missing.secrets()
	if b.State == api.StatePending || b.State == api.StateFailed || b.State == api.StateSkipped {
		b.State = api.StateWaiting
		if b.Error == "" {
			b.Error = missing.String()
		}
	}
}

var (
	secretAwaited = gauge("driftless_secret_awaited", "A constant 1 for each secret that can't be had and each block that waits for it.")
	vaultAway     = gauge("driftless_secret_vault_away", "Whether Vault doesn't answer.")
)

func absenceMetrics(b *event.Builder, absent map[addr.Addr]absence, now time.Time) {
	for _, block := range slices.SortedFunc(maps.Keys(absent), addr.Compare) {
		for _, secret := range absent[block].secrets() {
			b.Metric(secretAwaited, now, 1, "block", block.String(), "secret", secret)
		}
	}
}
