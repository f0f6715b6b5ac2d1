package agent

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// sync makes the running units those of a graph. Instances whose inputs are
// not known yet wait for the tasks and sources that will tell. On an error
// nothing has changed.
func (a *Agent) sync(ctx context.Context, graph *eval.Graph) error {
	a.mu.Lock()
	defer a.mu.Unlock()
	s := &syncing{Agent: a, graph: graph, topology: bus.Topology{Emitters: map[string][]string{}, Pipelines: map[string][]string{}}}
	if err := s.build(); err != nil {
		return err
	}
	if err := runner.Validate(s.units); err != nil {
		return err
	}
	if err := a.bus.Configure(s.topology); err != nil {
		return err
	}
	a.routes.Store(&s.topology)
	report, err := a.runner.Sync(ctx, s.units)
	if err != nil {
		return err
	}
	a.graph, a.units = graph, s.units
	a.board.declare(s.waiting, graph)
	if changed := len(report.Started) + len(report.Restarted) + len(report.Reconfigured) + len(report.Stopped); changed > 0 {
		a.Log.Info("units changed", "started", report.Started, "restarted", slices.Concat(report.Restarted, report.Reconfigured), "stopped", report.Stopped, "kept", len(report.Kept))
	}
	return nil
}

// syncing works out the units of a graph.
type syncing struct {
	*Agent
	graph    *eval.Graph
	units    []runner.Unit
	topology bus.Topology
	waiting  []addr.Addr
}

// routed reports whether a pipeline begins at an address.
func (a *Agent) routed(name string) bool {
	topology := a.routes.Load()
	return topology != nil && len(topology.Emitters[name]) > 0
}

func (s *syncing) build() error {
	for _, n := range s.graph.Order() {
		if n.Addr.Kind == addr.Pipeline {
			s.connect(n)
		}
	}
	for _, n := range s.flowOrder() {
		switch {
		case n.Addr.Kind == addr.Task, n.Addr.Kind == addr.Source && !n.Type.Emits:
			// They are parts of islands.
		default:
			if err := s.flowUnit(n); err != nil {
				return err
			}
		}
	}
	for _, island := range plan.Islands(s.graph, overlay.New(overlay.Options{}).Canonical) {
		if err := s.islandUnit(island); err != nil {
			return err
		}
	}
	return nil
}

// flowUnit makes the unit of a source of events, a pipeline, a sink or a
// collector.
func (s *syncing) flowUnit(n *eval.Node) error {
	fingerprint, diags := s.graph.Fingerprint(n, s.values, s.key)
	if diags.HasErrors() {
		return diagnosticsError(diags)
	}
	evaluated, stages, known, diags := s.evaluate(n)
	if diags.HasErrors() {
		return diagnosticsError(diags)
	}
	if n.Addr.Kind != addr.Pipeline {
		s.values.Put(n.Addr, evaluated.Marked())
	}
	if !known {
		s.waiting = append(s.waiting, n.Addr)
		return nil
	}
	unit := runner.Unit{Name: n.Addr.String(), Fingerprint: fingerprint, DependsOn: nil}
	switch n.Addr.Kind {
	case addr.Pipeline:
		unit.Start = s.startPipeline(n, stages)
	case addr.Sink:
		unit.Start = s.startSink(n, evaluated)
	case addr.Source:
		unit.Start = s.startSource(n, evaluated)
	case addr.Collector:
		unit.Start = s.startCollector(n, evaluated)
	}
	unit.DependsOn = s.downstream(n)
	s.units = append(s.units, unit)
	return nil
}

func (s *syncing) evaluate(n *eval.Node) (eval.Evaluated, []eval.Evaluated, bool, hcl.Diagnostics) {
	evaluated, diags := s.graph.Eval(n, s.values)
	stages, stageDiags := s.graph.EvalStages(n, s.values)
	diags = append(diags, stageDiags...)
	if diags.HasErrors() {
		return evaluated, nil, false, diags
	}
	known := s.graph.Known(n, evaluated)
	for i, stage := range stages {
		known = known && n.Stages[i].Known(stage)
	}
	return evaluated, stages, known, diags
}

// connect adds what a pipeline says of the flow to the topology.
func (s *syncing) connect(n *eval.Node) {
	name := n.Addr.String()
	s.topology.Pipelines[name] = nil
	for _, to := range s.expand(n.To) {
		s.topology.Pipelines[name] = append(s.topology.Pipelines[name], to.String())
	}
	for _, from := range s.expand(n.From) {
		s.topology.Emitters[from.String()] = append(s.topology.Emitters[from.String()], name)
	}
}

// expand returns the instances that addresses stand for.
func (s *syncing) expand(addrs []addr.Addr) []addr.Addr {
	var out []addr.Addr
	for _, a := range addrs {
		instances := []addr.Addr{a}
		if !a.Key.IsSet() {
			instances, _ = s.graph.Instances(a)
		}
		for _, i := range instances {
			if _, ok := s.graph.Node(i); ok && !slices.Contains(out, i) {
				out = append(out, i)
			}
		}
	}
	return out
}

// flowOrder returns the nodes with the sinks first, then the pipelines, and
// then what feeds them: the order in which they start.
func (s *syncing) flowOrder() []*eval.Node {
	rank := map[addr.Kind]int{addr.Sink: 0, addr.Pipeline: 1}
	nodes := s.graph.Order()
	slices.SortStableFunc(nodes, func(a, b *eval.Node) int {
		ra, okA := rank[a.Addr.Kind]
		rb, okB := rank[b.Addr.Kind]
		if !okA {
			ra = len(rank)
		}
		if !okB {
			rb = len(rank)
		}
		return ra - rb
	})
	return nodes
}

// downstream names the running units that the events of this one go to. They
// start before it and stop after it.
func (s *syncing) downstream(n *eval.Node) []string {
	name := n.Addr.String()
	to := s.topology.Emitters[name]
	if n.Addr.Kind == addr.Pipeline {
		to = s.topology.Pipelines[name]
	}
	var out []string
	for _, u := range s.units {
		if slices.Contains(to, u.Name) {
			out = append(out, u.Name)
		}
	}
	return out
}

// openInstance opens an instance for a unit.
func (a *Agent) openInstance(ctx context.Context, t plugin.TypeRef, name string, cfg eval.Evaluated) (plugin.Instance, error) {
	instance, diags := a.Catalog.Open(ctx, plugin.OpenRequest{
		Type:   t,
		Addr:   name,
		Config: cfg.Config,
		Env: plugin.Env{
			Log:         a.Log.Named(name),
			Dir:         plan.InstanceDir(a.dataDir, name),
			Checkpoints: a.positions.For(name),
			Now:         a.Now,
		},
	})
	for _, d := range diags {
		if d.Severity == plugin.SeverityWarning {
			a.Log.Named(name).Warn(d.Summary, "detail", d.Detail)
		}
	}
	if diags.HasErrors() {
		return nil, fmt.Errorf("open %s: %w", name, diags.Err())
	}
	return instance, nil
}

var _ api.Backend = (*Agent)(nil)
