// Package pluginhost runs the providers of third parties: it finds their
// executables, refuses those that the lock file doesn't know, and keeps their
// processes running.
//
//	host := pluginhost.New(pluginhost.Options{Dirs: dirs, Log: log, Redact: redact, Now: time.Now})
//	defer host.Close()
//	found, err := host.Find("acme", constraints)
//	binary, err := lock.Binary("acme", found)
//	provider, err := host.Launch(ctx, pluginhost.Spec{Name: "acme", Binary: binary})
//
// A [Provider] is a [plugin.Provider] whatever becomes of the process behind
// it: a crash, a hang or a flood is the error of the calls that met it, and
// the next process takes its place. Instances of the one that ended are lost
// (see [plugin.Perishable]), and whoever holds them opens them anew.
package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Options are the parts that a host is made of.
type Options struct {
	Dirs []Dir // where executables are looked for
	Log  hclog.Logger
	// Redact hides secrets in what a provider writes.
	Redact func(text string) string
	Now    func() time.Time
}

// Host keeps the processes of providers. It is safe for concurrent use.
type Host struct {
	options Options
	limits  limits

	mu      sync.Mutex
	last    int
	running map[*Provider]bool
}

// limits are how long things may take.
type limits struct {
	start      time.Duration // until a process is ready
	answer     time.Duration // of a call that does nothing outside the process
	process    time.Duration // of a stage with one batch
	ping       time.Duration // between two looks at the health of a process, and for its answer
	watch      time.Duration // between two looks at its memory
	firstPause time.Duration // before it is started again, doubling
	lastPause  time.Duration
	stable     time.Duration // after which a process counts as sound
	coolDown   time.Duration // after too many crashes
}

func defaultLimits() limits {
	return limits{
		start:      10 * time.Second,
		answer:     30 * time.Second,
		process:    time.Minute,
		ping:       10 * time.Second,
		watch:      250 * time.Millisecond,
		firstPause: 250 * time.Millisecond,
		lastPause:  time.Minute,
		stable:     time.Minute,
		coolDown:   time.Minute,
	}
}

// New returns a host of no processes.
func New(o Options) *Host {
	return &Host{options: o, limits: defaultLimits(), running: make(map[*Provider]bool)}
}

// DefaultMaxMemory is how many bytes a provider may hold where nothing else is
// said.
const DefaultMaxMemory = 1 << 30

// Spec says what to run and with what.
type Spec struct {
	Name      string            // what the configuration calls the provider
	Source    string            // what the provider calls itself
	Binary    Binary            //
	Env       map[string]string // beside the few variables that every process has
	MaxMemory int64             // resident bytes; 0: [DefaultMaxMemory]
}

func (s Spec) equal(other Spec) bool {
	return s.Name == other.Name && s.Source == other.Source && s.Binary == other.Binary && s.MaxMemory == other.MaxMemory && maps.Equal(s.Env, other.Env)
}

// Launch returns a running provider: one that runs already with the same
// specification, or a new one.
func (h *Host) Launch(ctx context.Context, s Spec) (*Provider, error) {
	if s.MaxMemory == 0 {
		s.MaxMemory = DefaultMaxMemory
	}
	if p := h.find(func(p *Provider) bool { return p.spec.equal(s) }); p != nil {
		return p, nil
	}
	return h.launch(ctx, s)
}

func (h *Host) find(matches func(p *Provider) bool) *Provider {
	h.mu.Lock()
	defer h.mu.Unlock()
	for p := range h.running {
		if matches(p) {
			return p
		}
	}
	return nil
}

func (h *Host) launch(ctx context.Context, s Spec) (*Provider, error) {
	h.mu.Lock()
	h.last++
	p := newProvider(h, s, h.last)
	h.mu.Unlock()
	if err := p.begin(ctx); err != nil {
		return nil, fmt.Errorf("start the provider %s, %s: %w", s.Name, s.Binary.Path, err)
	}
	h.mu.Lock()
	h.running[p] = true
	h.mu.Unlock()
	return p, nil
}

// Configured returns a provider like p that has the configuration: p itself,
// unless it was configured differently before.
func (h *Host) Configured(ctx context.Context, p *Provider, cfg cty.Value) (*Provider, plugin.Diagnostics) {
	same := h.find(func(other *Provider) bool {
		had := other.configuration()
		return other.spec.equal(p.spec) && had != cty.NilVal && had.RawEquals(cfg)
	})
	if same != nil {
		return same, nil
	}
	if p.configuration() != cty.NilVal {
		var err error
		if p, err = h.launch(ctx, p.spec); err != nil {
			return nil, plugin.Error(nil, "Provider failed", "%s.", err)
		}
	}
	diags := p.Configure(ctx, cfg)
	return p, diags
}

// Retain ends all providers but those.
func (h *Host) Retain(wanted ...*Provider) error {
	h.mu.Lock()
	var gone []*Provider
	for p := range h.running {
		if !slices.Contains(wanted, p) {
			gone = append(gone, p)
			delete(h.running, p)
		}
	}
	h.mu.Unlock()
	errs := make([]error, len(gone))
	var wait sync.WaitGroup
	for i, p := range gone {
		wait.Go(func() { errs[i] = p.Close() })
	}
	wait.Wait()
	return errors.Join(errs...)
}

// Close ends all providers.
func (h *Host) Close() error { return h.Retain() }
