package agent

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/internal/plan"
)

// wanted is what should run for a graph, given what is known by now. Working
// it out changes nothing of the agent.
type wanted struct {
	*Agent
	graph    *eval.Graph
	catalog  *catalog.Catalog
	values   *eval.ValueMap
	units    []runner.Unit
	topology bus.Topology

	waiting map[addr.Addr]string  // why a block has no unit yet; an unused sink has none either
	invalid map[addr.Addr]error   // blocks that can't be evaluated with what others have learned
	unclear map[string]error      // units of islands that can't be evaluated now
	absent  map[addr.Addr]absence // blocks that lack secrets for now
	runs    map[addr.Addr]string  // the unit that runs each task
}

func (a *Agent) wantedFor(graph *eval.Graph) *wanted {
	w := &wanted{
		Agent:    a,
		graph:    graph,
		catalog:  a.Catalog,
		values:   eval.NewValuesAt(a.learned.moment),
		topology: bus.Topology{Emitters: map[string][]string{}, Pipelines: map[string][]string{}},
		waiting:  make(map[addr.Addr]string),
		invalid:  make(map[addr.Addr]error),
		unclear:  make(map[string]error),
		absent:   make(map[addr.Addr]absence),
		runs:     make(map[addr.Addr]string),
	}
	if a.Providers != nil {
		w.catalog = a.Providers(graph)
	}
	w.connect()
	for _, n := range graph.Order() {
		if learns(n) || n.Addr.Kind == addr.Task {
			a.learned.give(graph, n, w.values)
			continue
		}
		if err := w.flowUnit(n); err != nil {
			w.invalid[n.Addr] = err
		}
	}
	for _, island := range plan.Islands(graph, overlay.New(overlay.Options{}).Canonical) {
		name := "run of " + island.Nodes[0].Addr.String()
		if err := w.islandUnit(island, name); err != nil {
			w.unclear[name] = err
		}
	}
	return w
}

// flowUnit makes the unit of a source of events, a pipeline, a sink or a
// collector, unless it has to wait for what others have yet to learn.
func (w *wanted) flowUnit(n *eval.Node) error {
	evaluated, stages, diags := w.evaluate(n)
	if !w.isUnused(n) && w.lacks(n.Addr, diags) {
		return nil
	}
	if diags.HasErrors() {
		return diagnosticsError("evaluate "+n.Addr.String(), diags)
	}
	if n.Addr.Kind != addr.Pipeline {
		w.values.Put(n.Addr, evaluated.Marked())
	}
	if w.isUnused(n) {
		return nil
	}
	if reason := w.reasonToWait(n, w.isKnown(n, evaluated, stages)); reason != "" {
		w.waiting[n.Addr] = reason
		if w.waitsForAbsent(n.Addr) {
			w.keepUnit(w.Agent.units, n.Addr.String())
		}
		return nil
	}
	fingerprint, diags := w.graph.Fingerprint(n, w.values, w.key)
	if diags.HasErrors() {
		return diagnosticsError("evaluate "+n.Addr.String(), diags)
	}
	w.units = append(w.units, runner.Unit{
		Name:        n.Addr.String(),
		Fingerprint: digest(fingerprint, n.Meta, w.graph.Agent.CollectInterval, w.identities(n)),
		Start:       w.startOf(n, evaluated, stages),
	})
	return nil
}

// identities stand for the providers of a block.
func (w *wanted) identities(n *eval.Node) []string {
	all := []string{w.catalog.Identity(n.Type.Ref)}
	for _, stage := range n.Stages {
		all = append(all, w.catalog.Identity(stage.Type.Ref))
	}
	return all
}

// digest covers what the fingerprint of a block doesn't: the arguments that
// the core evaluates, and the defaults behind them.
func digest(parts ...any) string {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%+v\n", part)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func (w *wanted) evaluate(n *eval.Node) (eval.Evaluated, []eval.Evaluated, hcl.Diagnostics) {
	evaluated, diags := w.graph.Eval(n, w.values)
	stages, stageDiags := w.graph.EvalStages(n, w.values)
	return evaluated, stages, append(diags, stageDiags...)
}

func (w *wanted) isKnown(n *eval.Node, evaluated eval.Evaluated, stages []eval.Evaluated) bool {
	known := w.graph.Known(n, evaluated)
	for i, stage := range stages {
		known = known && n.Stages[i].Known(stage)
	}
	return known
}

// isUnused reports whether a block is a sink that no pipeline leads to.
func (w *wanted) isUnused(n *eval.Node) bool {
	if n.Addr.Kind != addr.Sink {
		return false
	}
	for _, sinks := range w.topology.Pipelines {
		if slices.Contains(sinks, n.Addr.String()) {
			return false
		}
	}
	return true
}

// reasonToWait says what a block has to wait for, nothing when it can start:
// what depends_on names, and where its arguments aren't known all that it
// refers to.
func (w *wanted) reasonToWait(n *eval.Node, known bool) string {
	deps := n.After
	if !known {
		deps = w.graph.Dependencies().Deps(n.Addr)
	}
	var names []string
	for _, a := range deps {
		if w.isUnlearned(a) || !known && w.waiting[a] != "" {
			names = append(names, a.String())
		}
	}
	switch {
	case len(names) > 0:
		return "waits for " + strings.Join(names, ", ")
	case !known:
		return "waits for a value that is known only after a task was applied"
	}
	return ""
}

func (w *wanted) isUnlearned(a addr.Addr) bool {
	n, ok := w.graph.Node(a)
	if !ok || !learns(n) {
		return false
	}
	_, known := w.values.Value(a)
	return !known
}

// connect works out who feeds whom.
func (w *wanted) connect() {
	for _, n := range w.graph.Order() {
		if n.Addr.Kind != addr.Pipeline {
			continue
		}
		name := n.Addr.String()
		w.topology.Pipelines[name] = nil
		for _, to := range n.To {
			w.topology.Pipelines[name] = append(w.topology.Pipelines[name], to.String())
		}
		for _, from := range n.From {
			w.topology.Emitters[from.String()] = append(w.topology.Emitters[from.String()], name)
		}
	}
}

// order has a unit start after those that its events go to, and stop before
// them.
func (w *wanted) order() {
	running := make(map[string]bool, len(w.units))
	for _, u := range w.units {
		running[u.Name] = true
	}
	for i := range w.units {
		u := &w.units[i]
		u.DependsOn = nil
		for _, to := range slices.Concat(w.topology.Emitters[u.Name], w.topology.Pipelines[u.Name]) {
			if running[to] {
				u.DependsOn = append(u.DependsOn, to)
			}
		}
	}
}

// islandUnit makes the unit of an island. It is a new one when any of its
// blocks changes, or a block that these refer to. One that lacks secrets runs
// all the same, for the tasks that need none, and as it was if it was there.
func (w *wanted) islandUnit(i plan.Island, name string) error {
	parts, addrs, whole := []any{w.graph.Agent.TaskInterval, i.Lanes}, addrsOf(i.Nodes), true
	for _, a := range w.graph.Dependencies().Closure(addrs...) {
		n, _ := w.graph.Node(a)
		fingerprint, diags := w.graph.Fingerprint(n, eval.NewValues(), w.key)
		if missing, only := absenceIn(diags); only {
			w.absent[a], whole = missing, false
		} else if diags.HasErrors() {
			return diagnosticsError("evaluate "+a.String(), diags)
		}
		parts = append(parts, a, fingerprint, n.Meta, w.identities(n))
	}
	w.inherit(addrs)
	for _, a := range addrs {
		if a.Kind == addr.Task {
			w.runs[a] = name
		}
	}
	if !whole && w.wasIsland(addrs) && w.keepUnit(w.Agent.units, name) {
		return nil
	}
	w.units = append(w.units, runner.Unit{
		Name:        name,
		Fingerprint: digest(parts...),
		Start:       w.startIsland(i),
	})
	return nil
}
