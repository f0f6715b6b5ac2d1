package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// service is a unit's work, made of a function.
type service func(ctx context.Context) error

// Run implements [runner.Service].
func (s service) Run(ctx context.Context) error { return s(ctx) }

type start = func(ctx context.Context) (runner.Service, error)

// startOf returns how a source of events, a pipeline, a sink or a collector
// starts with a configuration.
func (w *wanted) startOf(n *eval.Node, cfg eval.Evaluated, stages []eval.Evaluated) start {
	switch n.Addr.Kind {
	case addr.Pipeline:
		return w.startPipeline(n, stages)
	case addr.Sink:
		return w.startSink(n, cfg)
	case addr.Source:
		return w.startSource(n, cfg)
	default:
		return w.startCollector(n, cfg)
	}
}

func (a *Agent) startSink(n *eval.Node, cfg eval.Evaluated) start {
	name := n.Addr.String()
	options := bus.SinkOptions{
		Batch:   bus.Batch{MaxEvents: n.Meta.Batch.MaxEvents, MaxBytes: int(n.Meta.Batch.MaxBytes), MaxAge: n.Meta.Batch.MaxAge},
		Retry:   bus.Retry{Attempts: n.Meta.Retry.Attempts, Delay: n.Meta.Retry.Delay, MaxDelay: n.Meta.Retry.MaxDelay},
		Timeout: n.Meta.Timeout,
	}
	return func(ctx context.Context) (runner.Service, error) {
		sink, err := openAs[plugin.Sink](ctx, a, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		return service(func(ctx context.Context) error {
			run := func(ctx context.Context) error { return a.bus.RunSink(ctx, name, sink, options) }
			return closing(untilLost(ctx, run, sink), sink)
		}), nil
	}
}

func (a *Agent) startPipeline(n *eval.Node, cfgs []eval.Evaluated) start {
	name := n.Addr.String()
	return func(ctx context.Context) (runner.Service, error) {
		var instances []plugin.Instance
		var stages []plugin.Stage
		for i, cfg := range cfgs {
			stage, err := openAs[plugin.Stage](ctx, a, n.Stages[i].Type.Ref, name, cfg)
			if err != nil {
				return nil, closing(err, instances...)
			}
			stages, instances = append(stages, stage), append(instances, stage)
		}
		a.stages.add(name, n.Stages, stages)
		return service(func(ctx context.Context) error {
			defer a.stages.remove(name)
			run := func(ctx context.Context) error { return a.bus.RunPipeline(ctx, name, stages) }
			return closing(untilLost(ctx, run, instances...), instances...)
		}), nil
	}
}

func (a *Agent) startSource(n *eval.Node, cfg eval.Evaluated) start {
	name := n.Addr.String()
	return func(ctx context.Context) (runner.Service, error) {
		source, err := openAs[plugin.Source](ctx, a, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		return service(func(ctx context.Context) error {
			return closing(source.Run(ctx, a.bus.Emitter(name)), source)
		}), nil
	}
}

func (w *wanted) startCollector(n *eval.Node, cfg eval.Evaluated) start {
	a, name, interval := w.Agent, n.Addr.String(), n.Meta.Interval
	if interval == 0 {
		interval = w.graph.Agent.CollectInterval
	}
	return func(ctx context.Context) (runner.Service, error) {
		instance, err := openAs[plugin.Collector](ctx, a, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		c := a.collectors.add(name, instance, n.Meta.Timeout)
		return service(func(ctx context.Context) error {
			defer a.collectors.remove(name)
			run := func(ctx context.Context) error {
				return c.emit(ctx, a.bus.Emitter(name), max(interval, minInterval), a.routed)
			}
			return closing(untilLost(ctx, run, instance), instance)
		}), nil
	}
}

// openAs opens an instance that plays the role of a T.
func openAs[T plugin.Instance](ctx context.Context, a *Agent, t plugin.TypeRef, name string, cfg eval.Evaluated) (T, error) {
	var none T
	log := a.Log.Named(name)
	instance, diags := a.catalog.Load().Open(ctx, plugin.OpenRequest{
		Type:   t,
		Addr:   name,
		Config: cfg.Config,
		Env: plugin.Env{
			Log:         log,
			Dir:         plan.InstanceDir(a.dataDir, name),
			Checkpoints: a.positions.For(name),
			Now:         a.Now,
		},
	})
	for _, d := range diags {
		if d.Severity == plugin.SeverityWarning {
			log.Warn(d.Summary, "detail", d.Detail)
		}
	}
	if err := diags.Err(); err != nil {
		return none, fmt.Errorf("open %s: %w", name, err)
	}
	role, ok := instance.(T)
	if !ok {
		return none, closing(plugin.Permanent(fmt.Errorf("open %s: what the provider of %s opened can't do the work of one, which is a defect of the provider", name, t)), instance)
	}
	return role, nil
}

// closeTimeout is how long an instance may take to close.
const closeTimeout = 10 * time.Second

// closing closes instances after the work that uses them, also when the
// context of the work has ended.
func closing(err error, instances ...plugin.Instance) error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	errs := []error{err}
	for _, i := range instances {
		errs = append(errs, i.Close(ctx))
	}
	return errors.Join(errs...)
}
