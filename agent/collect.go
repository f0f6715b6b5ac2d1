package agent

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// collectors are the open collectors, for whoever asks for metrics.
type collectors struct {
	now func() time.Time

	mu   sync.Mutex
	open map[string]*collector
}

func newCollectors(now func() time.Time) *collectors {
	return &collectors{now: now, open: make(map[string]*collector)}
}

func (c *collectors) add(name string, instance plugin.Collector, timeout time.Duration) *collector {
	one := &collector{Collector: instance, name: name, timeout: timeout, now: c.now, turn: make(chan struct{}, 1)}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open[name] = one
	return one
}

func (c *collectors) remove(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.open, name)
}

// sample is what a collector measured last.
type sample struct {
	name  string
	batch *event.Batch // must not be changed
	took  time.Duration
	err   error
}

// gather measures with all collectors at once. One that is slow is waited for
// no longer than its timeout, and the others are there all the same.
func (c *collectors) gather(ctx context.Context) []sample {
	c.mu.Lock()
	names := slices.Sorted(maps.Keys(c.open))
	open := make([]*collector, len(names))
	for i, name := range names {
		open[i] = c.open[name]
	}
	c.mu.Unlock()
	samples := make([]sample, len(open))
	var wait sync.WaitGroup
	for i, one := range open {
		wait.Go(func() { samples[i] = one.measure(ctx) })
	}
	wait.Wait()
	return samples
}

// collector measures for several readers, one measurement at a time.
type collector struct {
	plugin.Collector
	name    string
	timeout time.Duration
	now     func() time.Time

	turn chan struct{} // holds one while somebody measures
	last sample
	at   time.Time
}

// freshness is how old a measurement may be that is given to a second reader.
const freshness = time.Second

// measure returns a fresh sample. While another reader measures it waits for
// that; a collector that hangs holds up each reader for its timeout and no
// longer.
func (c *collector) measure(ctx context.Context) sample {
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return sample{name: c.name, err: ctx.Err()}
	}
	if c.last.batch != nil && c.now().Sub(c.at) < freshness {
		defer func() { <-c.turn }()
		return c.last
	}
	done := make(chan sample, 1)
	go func() {
		defer func() { <-c.turn }()
		c.last, c.at = c.collect(ctx), c.now()
		done <- c.last
	}()
	select {
	case s := <-done:
		return s
	case <-ctx.Done():
		return sample{name: c.name, err: ctx.Err()}
	}
}

func (c *collector) collect(ctx context.Context) sample {
	began := c.now()
	var b event.Builder
	err := guard(func() error { return c.Collect(ctx, &b) })
	return sample{name: c.name, batch: b.Batch(), took: c.now().Sub(began), err: err}
}

// emit measures on an interval for the pipelines that begin at the collector,
// until ctx ends. Nobody waits for its events, so they are not resent.
func (c *collector) emit(ctx context.Context, out plugin.Emitter, interval time.Duration, routed func(name string) bool) error {
	ticker := time.NewTicker(interval)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		if !routed(c.name) {
			continue
		}
		s := c.measure(ctx)
		if s.batch == nil || s.batch.Len() == 0 {
			continue
		}
		if err := out.Emit(ctx, s.batch.Clone(), func(error) {}); err != nil && ctx.Err() == nil {
			return err
		}
	}
}
