package agent

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// collectors are the open collectors, for whoever asks for metrics.
type collectors struct {
	now func() time.Time
	log hclog.Logger

	mu   sync.Mutex
	open map[string]*collector
}

func newCollectors(now func() time.Time, log hclog.Logger) *collectors {
	return &collectors{now: now, log: log, open: make(map[string]*collector)}
}

// add makes a collector known. It is there for the first scrape.
func (c *collectors) add(name string, instance plugin.Collector, timeout time.Duration) *collector {
	one := &collector{
		Collector: instance, name: name, timeout: timeout,
		now: c.now, log: c.log.Named(name), turn: make(chan struct{}, 1),
	}
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
	batch *event.Batch // nil: nothing; must not be changed
	took  time.Duration
	err   error
}

// gather measures with all collectors at once. One that is slow is waited for
// no longer than its timeout, and the others are there all the same.
func (c *collectors) gather(ctx context.Context) []sample {
	c.mu.Lock()
	open := slices.SortedFunc(maps.Values(c.open), func(a, b *collector) int { return strings.Compare(a.name, b.name) })
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
	log     hclog.Logger

	turn chan struct{} // holds one while somebody measures, who owns last and at
	last sample
	at   time.Time

	// since is when the measurement began that goes on now; nil: there is none.
	since atomic.Pointer[time.Time]
}

// freshness is how old a measurement may be that is given to a second reader.
const freshness = time.Second

// measure returns a fresh sample. While another reader measures it waits for
// that. A collector that hangs holds up its readers until its timeout, and
// later ones not at all.
func (c *collector) measure(ctx context.Context) sample {
	if since := c.since.Load(); since != nil && c.now().Sub(*since) > c.timeout {
		return c.late(*since)
	}
	ctx, cancel := context.WithTimeout(ctx, c.timeout)
	defer cancel()
	began := c.now()
	select {
	case c.turn <- struct{}{}:
	case <-ctx.Done():
		return c.late(began)
	}
	if c.last.batch != nil && c.now().Sub(c.at) < freshness {
		defer func() { <-c.turn }()
		return c.last
	}
	done := make(chan sample, 1)
	go func() {
		defer func() { <-c.turn }()
		c.collect(ctx)
		done <- c.last
	}()
	select {
	case s := <-done:
		return s
	case <-ctx.Done():
		return c.late(began)
	}
}

func (c *collector) late(began time.Time) sample {
	took := c.now().Sub(began)
	return sample{name: c.name, took: took, err: fmt.Errorf("the measurement has not ended after %s", took.Round(time.Millisecond))}
}

// collect measures, and logs when that begins or ceases to fail.
func (c *collector) collect(ctx context.Context) {
	failed, began := c.last.err != nil, c.now()
	c.since.Store(&began)
	defer c.since.Store(nil)
	var b event.Builder
	err := guard(c.log, func() error { return c.Collect(ctx, &b) })
	c.at = c.now()
	c.last = sample{name: c.name, batch: b.Batch(), took: c.at.Sub(began), err: err}
	switch {
	case err != nil && !failed:
		c.log.Warn("the collector can't measure everything", "error", err)
	case err == nil && failed:
		c.log.Info("the collector measures everything again")
	}
}

// emit measures on an interval for the pipelines that begin at the collector,
// until ctx ends. Nobody waits for its events, so they are not sent again.
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
			return fmt.Errorf("hand over what was measured: %w", err)
		}
	}
}
