package agent

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// island runs the tasks of one [plan.Island], each at its interval, and looks
// at its sources of values in between. Within an island one run follows the
// other.
type island struct {
	*Agent
	graph *eval.Graph
	nodes []*eval.Node
	due   map[addr.Addr]time.Time
	seen  map[addr.Addr]cty.Value // what the sources last said
}

// islandUnit makes the unit of an island.
func (s *syncing) islandUnit(i plan.Island) error {
	h := sha256.New()
	for _, n := range i.Nodes {
		f, diags := s.graph.Fingerprint(n, eval.NewValues(), s.key)
		if diags.HasErrors() {
			return diagnosticsError(diags)
		}
		fmt.Fprintln(h, n.Addr, f)
	}
	fmt.Fprintln(h, s.graph.Agent.TaskInterval, s.graph.Agent.MaxParallel)
	a, graph := s.Agent, s.graph
	s.units = append(s.units, runner.Unit{
		Name:        "run of " + i.Nodes[0].Addr.String(),
		Fingerprint: hex.EncodeToString(h.Sum(nil)),
		Start: func(context.Context) (runner.Service, error) {
			return &island{Agent: a, graph: graph, nodes: i.Nodes, due: make(map[addr.Addr]time.Time), seen: make(map[addr.Addr]cty.Value)}, nil
		},
	})
	return nil
}

// Run implements [runner.Service]. The first run of everything is at once.
func (i *island) Run(ctx context.Context) error {
	for {
		wait := time.NewTimer(time.Until(i.next()))
		select {
		case <-ctx.Done():
			wait.Stop()
			return nil
		case <-wait.C:
		}
		i.step(ctx)
	}
}

// next returns when the next node is due.
func (i *island) next() time.Time {
	next := i.due[i.nodes[0].Addr]
	for _, n := range i.nodes {
		if at := i.due[n.Addr]; at.Before(next) {
			next = at
		}
	}
	return next
}

// step looks at the sources that are due, and runs the tasks that are due or
// depend on a source that says something new.
func (i *island) step(ctx context.Context) {
	now := i.Now()
	run := make(map[addr.Addr]bool)
	var sources []*eval.Node
	for _, n := range i.nodes {
		if i.due[n.Addr].After(now) {
			continue
		}
		i.due[n.Addr] = now.Add(jitter(i.interval(n)))
		if n.Addr.Kind == addr.Task {
			run[n.Addr] = true
		} else {
			sources = append(sources, n)
		}
	}
	for _, n := range sources {
		if i.poll(ctx, n) {
			for _, user := range i.graph.Dependencies().Dependents(n.Addr) {
				if node, ok := i.graph.Node(user); ok && node.Addr.Kind == addr.Task && node.Meta.Enforcement != eval.Off {
					run[user] = true
				}
			}
		}
	}
	var targets []addr.Addr
	for _, n := range i.nodes {
		if run[n.Addr] {
			targets = append(targets, n.Addr)
		}
	}
	if len(targets) > 0 && ctx.Err() == nil {
		i.run(ctx, targets)
	}
	i.requestSync()
}

// jitter spreads what many agents do at the same interval.
func jitter(d time.Duration) time.Duration {
	return d - d/10 + rand.N(d/5+1)
}

// defaultPoll is how often a source is looked at that doesn't say.
const defaultPoll = time.Minute

// interval is how often a node is due. A source says so in poll_interval.
func (i *island) interval(n *eval.Node) time.Duration {
	if n.Addr.Kind == addr.Task {
		if n.Meta.Interval > 0 {
			return n.Meta.Interval
		}
		return i.graph.Agent.TaskInterval
	}
	evaluated, diags := i.graph.Eval(n, i.values)
	if diags.HasErrors() || !evaluated.Config.Type().HasAttribute("poll_interval") {
		return defaultPoll
	}
	v := evaluated.Config.GetAttr("poll_interval")
	if !v.IsKnown() || v.IsNull() || v.Type() != cty.String {
		return defaultPoll
	}
	d, err := schema.ParseDuration(v.AsString())
	if err != nil || d == 0 {
		return defaultPoll
	}
	return d
}

// poll reads a source and reports whether it says something new.
func (i *island) poll(ctx context.Context, n *eval.Node) bool {
	evaluated, diags := i.graph.Eval(n, i.values)
	if diags.HasErrors() || !i.graph.Known(n, evaluated) {
		return false // the tasks that depend on it report the error
	}
	v, err := i.read(ctx, n, evaluated)
	i.board.polled(n.Addr, err)
	if err != nil {
		i.Log.Named(n.Addr.String()).Error("read the source", "error", err)
		return false
	}
	last, known := i.seen[n.Addr]
	i.seen[n.Addr] = v
	i.values.Put(n.Addr, v.MarkWithPaths(evaluated.Marks))
	return known && !last.RawEquals(v)
}

func (i *island) read(ctx context.Context, n *eval.Node, cfg eval.Evaluated) (cty.Value, error) {
	instance, err := i.openInstance(ctx, n.Type.Ref, n.Addr.String(), cfg)
	if err != nil {
		return cty.NilVal, err
	}
	data, ok := instance.(plugin.Data)
	if !ok {
		return cty.NilVal, closing(wrongRole(n.Addr.String(), "source of values"), instance)
	}
	var v cty.Value
	err = guard(func() error {
		var diags plugin.Diagnostics
		v, diags = data.Read(ctx)
		return diags.Err()
	})
	return v, closing(err, instance)
}

// run plans and applies the targets with all that they depend on.
func (i *island) run(ctx context.Context, targets []addr.Addr) {
	if i.mayChange() {
		err := i.lock.acquire(ctx, func(err error) { i.Log.Warn("wait for the lock of the host", "reason", err) })
		if err != nil {
			if ctx.Err() == nil {
				i.Log.Error("take the lock of the host", "error", err)
			}
			return
		}
		defer func() {
			if err := i.lock.unlock(); err != nil {
				i.Log.Error("release the lock of the host", "error", err)
			}
		}()
	}
	s := plan.NewSession(i.graph, i.Catalog, plan.Options{
		DataDir: i.dataDir, Parallel: i.graph.Agent.MaxParallel, Targets: targets,
		Log: i.Log, Now: i.Now, Observer: plan.Quiet{},
	})
	for _, t := range targets {
		i.board.running(t)
	}
	results, diags := i.converge(ctx, s)
	s.CopyValues(i.values)
	if err := s.Close(context.WithoutCancel(ctx)); err != nil {
		i.Log.Warn("close the tasks", "error", err)
	}
	if ctx.Err() != nil {
		return // what was stopped halfway says nothing about the host
	}
	i.logDiagnostics(diags)
	i.finish(results, diags)
}

// mayChange reports whether a task of the island is enforced.
func (i *island) mayChange() bool {
	for _, n := range i.nodes {
		if n.Addr.Kind == addr.Task && n.Meta.Enforcement == eval.Enforce {
			return true
		}
	}
	return false
}

func (i *island) converge(ctx context.Context, s *plan.Session) ([]plan.Result, hcl.Diagnostics) {
	p, diags := s.Plan(ctx)
	if p == nil || ctx.Err() != nil {
		return nil, diags
	}
	results, applyDiags := s.Apply(ctx, p)
	return results, append(diags, applyDiags...)
}

// finish tells everyone what became of a run.
func (i *island) finish(results []plan.Result, diags hcl.Diagnostics) {
	records, err := i.records.Load()
	if err != nil {
		i.Log.Error("read the records of the tasks", "error", err)
	}
	now := i.Now()
	for _, r := range results {
		drifted := r.Step.Drifted(records, i.key)
		i.board.finished(r, drifted, problems(diags, r.Step), i.nextRun(r.Step))
		i.emitResult(r, drifted, now)
		i.logResult(r, drifted)
	}
	if err := i.records.Save(plan.Records(records, results, i.key, now)); err != nil {
		i.Log.Error("write the records of the tasks", "error", err)
	}
}

func (i *island) nextRun(s *plan.Step) time.Time {
	return i.due[s.Addr]
}

// problems are the errors that are about a step.
func problems(diags hcl.Diagnostics, s *plan.Step) error {
	var errs []error
	for _, d := range diags {
		origin, ok := d.Extra.(eval.Origin)
		if d.Severity != hcl.DiagError || !ok {
			continue
		}
		if origin.Addr == s.Addr || contains(s.With, origin.Addr) {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	return errors.Join(errs...)
}

func contains(list []addr.Addr, a addr.Addr) bool {
	for _, one := range list {
		if one == a {
			return true
		}
	}
	return false
}

func (i *island) logResult(r plan.Result, drifted bool) {
	log := i.Log.Named(r.Step.Addr.String())
	switch r.Outcome {
	case plan.Changed:
		log.Info("changed", "action", string(r.Step.Change.Action), "because_of_drift", drifted, "took", r.Duration.Round(time.Millisecond))
	case plan.Reported:
		log.Warn("not as declared", "reasons", r.Step.Change.Reasons)
	case plan.Broken:
		log.Error("failed", "error", r.Error)
	case plan.LeftOut:
		log.Warn("left out", "because_of", r.Cause.String())
	}
}

func (i *island) logDiagnostics(diags hcl.Diagnostics) {
	for _, d := range diags {
		log := i.Log
		if origin, ok := d.Extra.(eval.Origin); ok {
			log = log.Named(origin.Addr.String())
		}
		where := ""
		if d.Subject != nil {
			where = d.Subject.String()
		}
		if d.Severity == hcl.DiagError {
			log.Error(d.Summary, "detail", d.Detail, "at", where)
		} else {
			log.Warn(d.Summary, "detail", d.Detail, "at", where)
		}
	}
}
