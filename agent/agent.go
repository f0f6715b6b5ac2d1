// Package agent is the long-lived driver: it keeps the flow of events running,
// runs the tasks on their schedule, and follows changes of the configuration.
//
// Sources, pipelines, sinks and collectors are units of a [runner.Runner]. So
// are the islands: the sets of tasks that have nothing to do with each other.
// A reload works out all units anew; the runner leaves alone those that are
// what they were.
package agent

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/agent/bus"
	"github.com/driftless-hq/driftless/agent/runner"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/state"
)

// Options are the parts that an agent is made of.
type Options struct {
	// Load reads and validates the configuration, and shows what is wrong
	// with it. The graph is nil when there are errors.
	Load    func(ctx context.Context) (*eval.Graph, hcl.Diagnostics)
	Catalog *catalog.Catalog
	DataDir string // used where the configuration doesn't say
	Log     hclog.Logger
	Now     func() time.Time
	// Ready is called with the address that is listened at.
	Ready func(address string)
}

// Agent runs a configuration until it is told to stop.
type Agent struct {
	Options
	dataDir   string
	key       []byte
	bus       *bus.Bus
	runner    *runner.Runner
	positions *state.Positions
	records   *state.Records
	values    *eval.ValueMap
	lock      *hostLock
	board     *board
	collect   *collectors

	mu     sync.Mutex // one reconcile at a time; guards graph, units and reload
	graph  *eval.Graph
	units  []runner.Unit
	reload reloadState
	wake   chan struct{} // asks for a reconcile
	routes atomic.Pointer[bus.Topology]
}

// reloadState is what became of the last reload.
type reloadState struct {
	ok      bool
	at      time.Time // of the last success
	problem string
}

// stopTimeout is how long the agent waits for its units at the end.
const stopTimeout = 15 * time.Second

// Run runs the agent until ctx ends. It returns an error when it can't begin.
// Each value that comes in over reload asks for the configuration to be read
// again.
func Run(ctx context.Context, o Options, reload <-chan struct{}) error {
	graph, diags := o.Load(ctx)
	if graph == nil {
		return fmt.Errorf("the configuration has %d errors", len(diags.Errs()))
	}
	a, err := open(o, graph)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", graph.Agent.Listen)
	if err != nil {
		return errors.Join(fmt.Errorf("listen for the API: %w; set listen in the agent block", err), a.positions.Close())
	}
	return a.run(ctx, listener, reload)
}

func open(o Options, graph *eval.Graph) (*Agent, error) {
	dir := graph.Agent.DataDir
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
	positions, err := state.OpenPositions(dir)
	if err != nil {
		return nil, err
	}
	a := &Agent{
		Options:   o,
		dataDir:   dir,
		key:       key,
		positions: positions,
		records:   state.NewRecords(dir),
		bus:       bus.New(bus.Options{Log: o.Log.Named("bus"), Now: o.Now}),
		runner:    runner.New(runner.Options{Log: o.Log.Named("runner"), Now: o.Now}),
		values:    eval.NewValues(),
		lock:      &hostLock{dir: dir, now: o.Now},
		board:     newBoard(o.Now),
		collect:   newCollectors(o.Now),
		graph:     graph,
		reload:    reloadState{ok: true, at: o.Now()},
		wake:      make(chan struct{}, 1),
	}
	return a, nil
}

func (a *Agent) run(ctx context.Context, listener net.Listener, reload <-chan struct{}) error {
	server := api.New(api.Options{Backend: a, Log: a.Log.Named("api"), Reload: a.Reload})
	served := make(chan error, 1)
	go func() { served <- server.Serve(listener) }()
	err := a.sync(ctx, a.graph)
	if err == nil {
		a.board.started()
		a.Ready(listener.Addr().String())
		err = a.loop(ctx, reload, served)
	}
	return errors.Join(err, a.stop(server))
}

// loop waits for what there is to do.
func (a *Agent) loop(ctx context.Context, reload <-chan struct{}, served <-chan error) error {
	for {
		select {
		case <-ctx.Done():
			return nil
		case err := <-served:
			return fmt.Errorf("serve the API: %w", err)
		case <-reload:
			if err := a.Reload(ctx); err != nil {
				a.Log.Error("the configuration was not reloaded; what ran goes on", "error", err)
			}
		case <-a.wake:
			a.mu.Lock()
			graph := a.graph
			a.mu.Unlock()
			if err := a.sync(ctx, graph); err != nil {
				a.Log.Error("follow the values of tasks", "error", err)
			}
		}
	}
}

// Reload reads the configuration again. When it isn't valid nothing changes,
// and the error says why.
func (a *Agent) Reload(ctx context.Context) error {
	graph, diags := a.Load(ctx)
	var err error
	if graph == nil {
		err = diagnosticsError(diags)
	} else {
		err = a.sync(ctx, graph)
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.reload.ok = err == nil
	if err != nil {
		a.reload.problem = err.Error()
		return err
	}
	a.reload.at, a.reload.problem = a.Now(), ""
	return nil
}

// diagnosticsError makes one line of the first error.
func diagnosticsError(diags hcl.Diagnostics) error {
	n := 0
	var first *hcl.Diagnostic
	for _, d := range diags {
		if d.Severity == hcl.DiagError {
			if n++; first == nil {
				first = d
			}
		}
	}
	if first == nil {
		return errors.New("the configuration is not valid")
	}
	where := ""
	if first.Subject != nil {
		where = first.Subject.String() + ": "
	}
	return fmt.Errorf("the configuration is not valid: %s%s: %s (%d errors in all)", where, first.Summary, first.Detail, n)
}

// stop ends what emits events first, lets the sinks take what is under way,
// and closes everything.
func (a *Agent) stop(server *api.Server) error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	a.drain(ctx)
	err := a.runner.Stop(ctx)
	a.bus.Close()
	return errors.Join(err, server.Close(ctx), a.positions.Close(), a.lock.close())
}

// drainTimeout is how long the sinks have for what is under way at the end.
// What they can't take is read again after the next start.
const drainTimeout = 5 * time.Second

func (a *Agent) drain(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, drainTimeout)
	defer cancel()
	a.mu.Lock()
	var rest []runner.Unit
	for _, u := range a.units {
		if isDownstream(u.Name) {
			rest = append(rest, u)
		}
	}
	a.mu.Unlock()
	_, err := a.runner.Sync(ctx, rest)
	if err == nil {
		err = a.bus.Drain(ctx)
	}
	if err != nil {
		a.Log.Warn("some events were not delivered before the end; they are read again after the next start", "error", err)
	}
}

func isDownstream(unit string) bool {
	return strings.HasPrefix(unit, string(addr.Sink)+".") || strings.HasPrefix(unit, string(addr.Pipeline)+".")
}

// requestSync asks for the units to be worked out again, because values that
// they may use have changed.
func (a *Agent) requestSync() {
	select {
	case a.wake <- struct{}{}:
	default: // it is asked for already
	}
}
