package agent

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
)

// service is a unit's work, made of a function.
type service func(ctx context.Context) error

// Run implements [runner.Service].
func (s service) Run(ctx context.Context) error { return s(ctx) }

type start = func(ctx context.Context) (runner.Service, error)

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

func wrongRole(name, role string) error {
	return plugin.Permanent(fmt.Errorf("the provider of %s opened something that is no %s", name, role))
}

func (s *syncing) startSink(n *eval.Node, cfg eval.Evaluated) start {
	a, name := s.Agent, n.Addr.String()
	options := bus.SinkOptions{
		Batch:   bus.Batch{MaxEvents: n.Meta.Batch.MaxEvents, MaxBytes: int(n.Meta.Batch.MaxBytes), MaxAge: n.Meta.Batch.MaxAge},
		Retry:   bus.Retry{Attempts: n.Meta.Retry.Attempts, Delay: n.Meta.Retry.Delay, MaxDelay: n.Meta.Retry.MaxDelay},
		Timeout: n.Meta.Timeout,
	}
	return func(ctx context.Context) (runner.Service, error) {
		instance, err := a.openInstance(ctx, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		sink, ok := instance.(plugin.Sink)
		if !ok {
			return nil, closing(wrongRole(name, "sink"), instance)
		}
		return service(func(ctx context.Context) error {
			return closing(a.bus.RunSink(ctx, name, sink, options), instance)
		}), nil
	}
}

func (s *syncing) startPipeline(n *eval.Node, cfgs []eval.Evaluated) start {
	a, name := s.Agent, n.Addr.String()
	return func(ctx context.Context) (runner.Service, error) {
		var instances []plugin.Instance
		var stages []plugin.Stage
		for i, cfg := range cfgs {
			instance, err := a.openInstance(ctx, n.Stages[i].Type.Ref, name, cfg)
			if err != nil {
				return nil, closing(err, instances...)
			}
			instances = append(instances, instance)
			stage, ok := instance.(plugin.Stage)
			if !ok {
				return nil, closing(wrongRole(name, "stage"), instances...)
			}
			stages = append(stages, stage)
		}
		return service(func(ctx context.Context) error {
			return closing(a.bus.RunPipeline(ctx, name, stages), instances...)
		}), nil
	}
}

func (s *syncing) startSource(n *eval.Node, cfg eval.Evaluated) start {
	a, name := s.Agent, n.Addr.String()
	return func(ctx context.Context) (runner.Service, error) {
		instance, err := a.openInstance(ctx, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		source, ok := instance.(plugin.Source)
		if !ok {
			return nil, closing(wrongRole(name, "source of events"), instance)
		}
		return service(func(ctx context.Context) error {
			return closing(source.Run(ctx, a.bus.Emitter(name)), instance)
		}), nil
	}
}

func (s *syncing) startCollector(n *eval.Node, cfg eval.Evaluated) start {
	a, name := s.Agent, n.Addr.String()
	interval := n.Meta.Interval
	if interval == 0 {
		interval = s.graph.Agent.CollectInterval
	}
	return func(ctx context.Context) (runner.Service, error) {
		instance, err := a.openInstance(ctx, n.Type.Ref, name, cfg)
		if err != nil {
			return nil, err
		}
		collector, ok := instance.(plugin.Collector)
		if !ok {
			return nil, closing(wrongRole(name, "collector"), instance)
		}
		return service(func(ctx context.Context) error {
			c := a.collect.add(name, collector, n.Meta.Timeout)
			defer a.collect.remove(name)
			return closing(c.emit(ctx, a.bus.Emitter(name), interval, a.routed), instance)
		}), nil
	}
}
