package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-version"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/plugin"
)

// Provider is a provider of a third party. The processes behind it come and
// go; each is a generation.
type Provider struct {
	spec     Spec
	number   int // of the launch
	limits   limits
	log      hclog.Logger
	now      func() time.Time
	redact   func(string) string
	manifest plugin.Manifest // of the first generation, and so of all: they are the same file

	ctx   context.Context // ends when the provider is closed
	stop  context.CancelFunc
	ended chan struct{} // closed when nothing is supervised any more

	mu      sync.Mutex
	current *generation   // nil while there is none
	changed chan struct{} // closed when current, next or problem change
	next    time.Time     // when the next is started
	problem error         // why there is none
	config  cty.Value     // cty.NilVal before Configure
	crashes crashes
	starts  uint64
	took    time.Duration // of the last start
	failed  map[string]uint64
}

var (
	_ plugin.Provider    = (*Provider)(nil)
	_ plugin.Caller      = (*Provider)(nil)
	_ catalog.Identified = (*Provider)(nil)
)

func newProvider(h *Host, s Spec, number int) *Provider {
	p := &Provider{
		spec:    s,
		number:  number,
		limits:  h.limits,
		log:     h.options.Log.Named(s.Name),
		now:     h.options.Now,
		redact:  h.options.Redact,
		ended:   make(chan struct{}),
		changed: make(chan struct{}),
		crashes: crashes{limits: h.limits},
		failed:  make(map[string]uint64),
	}
	p.ctx, p.stop = context.WithCancel(context.Background())
	return p
}

// begin starts the first process. Where that fails there is no second attempt.
func (p *Provider) begin(ctx context.Context) error {
	began := p.now()
	g, m, err := p.start(ctx)
	if err == nil {
		if err = p.check(m); err != nil {
			err = errors.Join(err, g.close())
		}
	}
	if err != nil {
		p.stop()
		close(p.ended)
		return err
	}
	p.manifest = m
	p.publish(g)
	go p.supervise(g, began)
	return nil
}

// check compares what a provider says of itself with what it was found as.
func (p *Provider) check(m plugin.Manifest) error {
	if m.Name != p.spec.Source {
		return fmt.Errorf("it says that it is the provider %q, and its file says %q", m.Name, p.spec.Source)
	}
	if want := p.spec.Binary.Version; want != "" && m.Version != "" {
		said, err := version.NewVersion(m.Version)
		if err != nil || !said.Equal(version.Must(version.NewVersion(want))) {
			return fmt.Errorf("it says that its version is %q, and the name of its file says %q", m.Version, want)
		}
	}
	return checkReserved(m)
}

// start starts a process of the provider, with its configuration if it has one.
func (p *Provider) start(ctx context.Context) (*generation, plugin.Manifest, error) {
	g := &generation{
		spec: p.spec, limits: p.limits, log: p.log, failed: p.callFailed,
		out:     newOutput(p.log, p.redact, p.now),
		settled: make(chan struct{}), gone: make(chan struct{}), done: make(chan struct{}),
	}
	began := p.now()
	m, err := g.start(ctx)
	if err != nil {
		return nil, m, err
	}
	if cfg := p.configuration(); cfg != cty.NilVal {
		if err := g.wire.Configure(ctx, cfg).Err(); err != nil {
			return nil, m, errors.Join(err, g.close())
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.starts++
	p.took = p.now().Sub(began)
	return g, m, nil
}

// supervise keeps a process running until the provider is closed.
func (p *Provider) supervise(g *generation, began time.Time) {
	defer close(p.ended)
	for {
		var cause error
		if g != nil {
			go g.guard()
			select {
			case <-p.ctx.Done():
				return // Close ends the process
			case <-g.gone:
			}
			cause = g.reason()
			<-g.done
		} else if g, _, cause = p.start(p.ctx); cause == nil {
			p.publish(g)
			p.log.Info("the provider is running again")
			continue
		}
		g = nil
		if p.ctx.Err() != nil || !p.rest(p.down(began, cause)) {
			return
		}
		began = p.now()
	}
}

// publish makes a process the one that is asked.
func (p *Provider) publish(g *generation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current, p.problem = g, nil
	p.announce()
}

// down notes that there is no process, and returns for how long.
func (p *Provider) down(began time.Time, cause error) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.now()
	pause := p.crashes.add(began, now)
	p.current, p.problem, p.next = nil, cause, now.Add(pause)
	p.announce()
	if p.crashes.tooMany() {
		p.log.Error("the provider has ended too often; it rests", "next", pause, "error", cause)
	} else {
		p.log.Error("the provider has ended and is started again", "next", pause, "error", cause)
	}
	return pause
}

// announce wakes those who wait for a change. The mutex is held.
func (p *Provider) announce() {
	close(p.changed)
	p.changed = make(chan struct{})
}

// rest waits. It reports false when the provider is closed before.
func (p *Provider) rest(pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-p.ctx.Done():
		return false
	}
}

// patience is how long a call waits for a process that is about to start.
const patience = 2 * time.Second

var errClosed = errors.New("the provider is closed")

// live returns the process, and waits for one that is about to start.
func (p *Provider) live(ctx context.Context) (*generation, error) {
	for {
		p.mu.Lock()
		g, problem, next, changed := p.current, p.problem, p.next, p.changed
		p.mu.Unlock()
		switch {
		case p.ctx.Err() != nil:
			return nil, errClosed
		case g != nil && g.lost() == nil:
			return g, nil
		case g == nil && next.Sub(p.now()) > patience:
			return nil, fmt.Errorf("the provider %s doesn't run, and is started again at %s: %w", p.spec.Name, next.Format(time.TimeOnly), problem)
		}
		select {
		case <-changed:
		case <-p.ctx.Done():
		case <-ctx.Done():
			return nil, fmt.Errorf("wait for the provider %s to be started again: %w", p.spec.Name, context.Cause(ctx))
		}
	}
}

func (p *Provider) callFailed(method string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.failed[method]++
}

func (p *Provider) configuration() cty.Value {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.config
}
