package host

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// part measures one thing, as one collector of node_exporter does.
type part interface {
	// collect adds to the round what it measures now. It adds nothing, or
	// only what is right, when it returns an error.
	collect(ctx context.Context, r *round) error
	close() error
}

// environment is what the parts are made from, beside their settings.
type environment struct {
	log    hclog.Logger
	statfs func(path string, u *usage) error
}

// round is one collection.
type round struct {
	n   uint64 // counts up from 1; a file is read once in a round
	at  time.Time
	out *event.Builder
}

func (r *round) add(f *event.Family, value float64, labels ...string) {
	r.out.Metric(f, r.at, value, labels...)
}

func counter(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Counter}
}

func gauge(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Gauge}
}

var (
	scrapeDuration = gauge("node_scrape_collector_duration_seconds", "How long a collector took.")
	scrapeSuccess  = gauge("node_scrape_collector_success", "Whether a collector succeeded.")
)

// collector runs parts one after the other: kernel files that are read in
// parallel contend for the same locks and gain nothing.
type collector struct {
	parts []named
	now   func() time.Time
	turn  chan struct{} // taken by whoever uses what is below
	round round
	shut  bool
}

// named is a part and how it fared in the present round.
type named struct {
	part
	name string
	took time.Duration
	err  error
}

var _ plugin.Collector = (*collector)(nil)

// open makes a collector of the parts that the settings name.
func open(set settings, env environment, now func() time.Time) (*collector, error) {
	parts, err := newParts(set, env)
	if err != nil {
		return nil, err
	}
	return &collector{parts: parts, now: now, turn: make(chan struct{}, 1)}, nil
}

// Collect adds what the parts measure, and how each part fared. Its error
// names the parts that failed; the others are unharmed.
func (c *collector) Collect(ctx context.Context, out *event.Builder) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.release()
	if c.shut {
		return errors.New("the collector is closed")
	}
	r := &c.round
	*r = round{n: r.n + 1, at: c.now(), out: out}
	var errs []error
	start := r.at
	for i := range c.parts {
		p := &c.parts[i]
		if p.err = ctx.Err(); p.err == nil {
			p.err = p.collect(ctx, r)
		}
		end := c.now()
		p.took, start = end.Sub(start), end
		if p.err != nil {
			errs = append(errs, fmt.Errorf("collector %s: %w", p.name, p.err))
		}
	}
	c.report(r)
	r.out = nil
	return errors.Join(errs...)
}

func (c *collector) report(r *round) {
	for i := range c.parts {
		r.add(scrapeDuration, c.parts[i].took.Seconds(), "collector", c.parts[i].name)
	}
	for i := range c.parts {
		r.add(scrapeSuccess, oneIf(c.parts[i].err == nil), "collector", c.parts[i].name)
	}
}

// Close ends the collector. It waits for a collection that is under way.
func (c *collector) Close(ctx context.Context) error {
	if err := c.take(ctx); err != nil {
		return err
	}
	defer c.release()
	c.shut = true
	var errs []error
	for i := range c.parts {
		errs = append(errs, c.parts[i].close())
	}
	return errors.Join(errs...)
}

func (c *collector) take(ctx context.Context) error {
	select {
	case c.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for the collection that is under way: %w", ctx.Err())
	}
}

func (c *collector) release() { <-c.turn }

// oneIf is a truth value as a sample.
func oneIf(truth bool) float64 {
	if truth {
		return 1
	}
	return 0
}
