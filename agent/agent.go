// Package agent is the long-lived driver: it keeps the flow of events running,
// runs the tasks on their schedule, and follows changes of the configuration.
//
// Sources, pipelines, sinks and collectors are units of a [runner.Runner]. So
// are the islands: the sets of tasks that have nothing to do with each other.
// A reload works out all units anew; the runner leaves alone those that are
// what they were. All of that is done by one goroutine, the loop of [Run].
//
//	err := agent.Run(ctx, agent.Options{Load: load, Catalog: c, DataDir: dir, Log: log, Now: time.Now, Ready: ready})
package agent

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/approval"
	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/agent/webhook"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/pluginhost"
	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/state"
)

// Options are the parts that an agent is made of.
type Options struct {
	// Load reads and validates the configuration, and shows what is wrong
	// with it. The graph is nil when there are errors.
	Load    func(ctx context.Context) (*eval.Graph, hcl.Diagnostics)
	Catalog *catalog.Catalog
	// Providers returns the catalog of a graph that Load has returned; nil: it
	// is Catalog.
	Providers func(graph *eval.Graph) *catalog.Catalog
	// Adopted is called when the agent runs a graph, and no other any more;
	// nil: nobody wants to know.
	Adopted func(graph *eval.Graph)
	// Processes tells of the providers that are processes; nil: there are none.
	Processes func() []pluginhost.Status
	// Secrets returns the figures of the secrets; nil: there are none.
	Secrets func() secret.Stats
	DataDir string // used where the configuration doesn't say
	Log     hclog.Logger
	// Hidden keeps secrets out of what the API shows; nil: nothing is hidden.
	Hidden *redact.Redactor
	Now    func() time.Time
	// Ready is called once, with the URL that the API is served at, without a
	// path.
	Ready func(url string)
	// Reload asks for the configuration to be read again; nil: only the API does.
	Reload <-chan os.Signal
	// Redact hides the secrets that are known in a text; nil: there are none.
	Redact func(text string) string
}

// Agent runs a configuration until it is told to stop.
type Agent struct {
	Options
	settings     eval.Agent // what it was started with
	dataDir      string
	key          []byte
	bus          *bus.Bus
	runner       *runner.Runner
	positions    *state.Positions
	records      *state.Records
	history      *history.Store
	courier      *courier
	approvals    *approval.Store
	acknowledged *approval.Store
	audit        *audit.Log
	atWork       atWork
	learned      *learned
	lock         *hostLock
	slots        *slots
	board        *board
	collectors   *collectors
	stages       *stages
	webhooks     *webhook.Receiver
	checks       *checks

	graph    atomic.Pointer[eval.Graph] // nil before the first sync
	catalog  atomic.Pointer[catalog.Catalog]
	routes   atomic.Pointer[bus.Topology]
	units    []runner.Unit   // of the last sync; only the loop uses it
	requests chan chan error // each for a reload, and the place for its outcome
	wake     chan struct{}   // says that a value was learned
	ended    chan struct{}   // closed when the loop takes no more requests
}

var _ api.Backend = (*Agent)(nil)

// Run runs the agent until ctx ends, and then stops it in good order. It
// returns an error when the agent can't begin, or when something didn't end.
func Run(ctx context.Context, o Options) error {
	graph, diags := o.Load(ctx)
	if graph == nil {
		return fmt.Errorf("the agent was not started: its configuration has errors, %d in all", len(diags.Errs()))
	}
	access, err := accessOf(graph.Agent, o.Log.Named("api"))
	if err != nil {
		return err
	}
	a, err := open(o, graph.Agent)
	if err != nil {
		return err
	}
	listener, err := listen(graph.Agent.Listen)
	if err != nil {
		return errors.Join(err, a.history.Close(), a.positions.Close())
	}
	return a.run(ctx, graph, listener, access)
}

func open(o Options, settings eval.Agent) (*Agent, error) {
	dir := settings.DataDir
	if dir == "" {
		dir = o.DataDir
	}
	if err := state.MakeDir(dir); err != nil {
		return nil, err
	}
	key, err := state.Key(dir)
	if err != nil {
		return nil, err
	}
	approvals, err := approval.Open(dir, approval.Remedies, o.Now)
	if err != nil {
		return nil, err
	}
	acknowledged, err := approval.Open(dir, approval.Drift, o.Now)
	if err != nil {
		return nil, err
	}
	positions, err := state.OpenPositions(dir)
	if err != nil {
		return nil, err
	}
	if o.Hidden == nil {
		o.Hidden = redact.New()
	}
	past := openHistory(dir, settings.HistoryRetention, o)
	events := bus.New(bus.Options{Log: o.Log.Named("bus"), Now: o.Now})
	return &Agent{
		Options:      o,
		settings:     settings,
		dataDir:      dir,
		key:          key,
		positions:    positions,
		records:      state.NewRecords(dir),
		history:      past,
		courier:      newCourier(past, events, o.Log.Named("history")),
		approvals:    approvals,
		acknowledged: acknowledged,
		bus:          events,
		audit:        audit.Open(dir, audit.Options{Actor: "agent"}),
		runner:       runner.New(runner.Options{Log: o.Log.Named("runner"), Now: o.Now}),
		learned:      newLearned(o.Now()),
		lock:         &hostLock{dir: dir, now: o.Now},
		slots:        newSlots(settings.MaxParallel),
		board:        newBoard(o.Now),
		collectors:   newCollectors(o.Now, o.Log),
		stages:       newStages(),
		webhooks:     webhook.NewReceiver(o.Now),
		checks:       newChecks(),
		requests:     make(chan chan error),
		wake:         make(chan struct{}, 1),
		ended:        make(chan struct{}),
	}, nil
}

func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("the API can't be served at %s, because another process listens there; end it, or set another listen in the agent block: %w", address, err)
	case err != nil:
		return nil, fmt.Errorf("the API can't be served at %s; set another listen in the agent block: %w", address, err)
	}
	return l, nil
}

func (a *Agent) run(ctx context.Context, graph *eval.Graph, listener net.Listener, access *tls.Config) error {
	server := api.New(api.Options{Backend: a, Log: a.Log.Named("api"), Tokens: a.tokens, TLS: access, Now: a.Now})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	a.warnOfOpenAddress(listener.Addr())
	err := a.sync(ctx, graph)
	if err == nil {
		a.board.started()
		a.Ready(a.url(listener.Addr()))
		err = a.work(ctx, served)
	}
	close(a.ended)
	return errors.Join(err, a.stop(server))
}

// work has the loop, the courier and the watch over acknowledgements do what
// there is to do, and removes what is of no use any more.
func (a *Agent) work(ctx context.Context, served <-chan error) error {
	ctx, cancel := context.WithCancel(ctx)
	var group sync.WaitGroup
	group.Go(func() { a.courier.run(ctx) })
	group.Go(func() { a.watchAcknowledgements(ctx) })
	group.Go(func() { a.sweepCaches(ctx, a.graph.Load()) })
	defer group.Wait()
	defer cancel()
	return a.loop(ctx, served)
}

// loop does what there is to do, one thing at a time.
func (a *Agent) loop(ctx context.Context, served <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return fmt.Errorf("serve the API: %w", err)
		case <-a.Options.Reload:
			_ = a.reload(ctx) // it is in the log, and in the status
		case outcome := <-a.requests:
			outcome <- a.reload(ctx)
		case <-a.wake:
			a.follow(ctx)
		}
	}
}
