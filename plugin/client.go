package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"

	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// closeTimeout bounds how long a provider that is closed may take to answer.
const closeTimeout = 5 * time.Second

// errClosed says that nothing can be asked of a provider any more.
var errClosed = errors.New("it is closed")

// Client is a provider that runs as a process of its own, on the side of the
// host.
type Client struct {
	wire   protocol.ProviderClient
	stop   context.CancelFunc
	ctx    context.Context // ends when the client is closed
	attend func()          // once: answers what the provider asks

	manifest atomic.Pointer[Manifest]
	last     atomic.Uint64 // number of an instance or a plan

	mu        sync.Mutex
	hosts     map[uint64]Host    // of the plans that are being made
	instances map[uint64]*remote // that are open or being opened
}

var (
	_ Provider = (*Client)(nil)
	_ Caller   = (*Client)(nil)
)

// NewClient returns the provider at the other end of a connection.
func NewClient(conn grpc.ClientConnInterface) *Client {
	c := &Client{
		wire:      protocol.NewProviderClient(conn),
		hosts:     make(map[uint64]Host),
		instances: make(map[uint64]*remote),
	}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.attend = sync.OnceFunc(func() { go c.answerAll() })
	return c
}

// Manifest implements [Provider].
func (c *Client) Manifest(ctx context.Context) (Manifest, error) {
	if m := c.manifest.Load(); m != nil {
		return *m, nil
	}
	packed, err := c.wire.Manifest(ctx, &protocol.ManifestRequest{})
	if err != nil {
		return Manifest{}, callError("asked for its manifest", err)
	}
	m, err := unpackManifest(packed)
	if err != nil {
		return Manifest{}, fmt.Errorf("the manifest of the provider is not sound: %w", err)
	}
	c.manifest.Store(&m)
	return m, nil
}

// Configure implements [Provider].
func (c *Client) Configure(ctx context.Context, cfg cty.Value) Diagnostics {
	m, err := c.Manifest(ctx)
	if err != nil {
		return failed("configured", err)
	}
	t := cty.EmptyObject
	if m.Config != nil {
		t = m.Config.ImpliedType()
	}
	packed, err := protocol.PackValue(cfg, t)
	if err != nil {
		return failed("configured", err)
	}
	response, err := c.wire.Configure(ctx, &protocol.ConfigureRequest{Config: packed})
	if err != nil {
		return failed("configured", err)
	}
	return unpackDiagnostics(response.GetDiagnostics())
}

// schemaOf returns the schema of a type.
func (c *Client) schemaOf(ctx context.Context, ref TypeRef) (Type, error) {
	m, err := c.Manifest(ctx)
	if err != nil {
		return Type{}, err
	}
	for _, t := range m.Types {
		if t.Ref == ref {
			return t, nil
		}
	}
	return Type{}, fmt.Errorf("there is no %s", ref)
}

// Validate implements [Provider].
func (c *Client) Validate(ctx context.Context, ref TypeRef, cfg cty.Value) Diagnostics {
	const doing = "checking a configuration"
	t, err := c.schemaOf(ctx, ref)
	if err != nil {
		return failed(doing, err)
	}
	packed, _, err := protocol.PackConfig(t.Schema, cfg)
	if err != nil {
		return failed(doing, err)
	}
	response, err := c.wire.Validate(ctx, &protocol.ValidateRequest{Kind: string(ref.Kind), Name: ref.Name, Config: packed})
	if err != nil {
		return failed(doing, err)
	}
	return unpackDiagnostics(response.GetDiagnostics())
}

// Call implements [Caller].
func (c *Client) Call(ctx context.Context, function string, args []cty.Value) (cty.Value, error) {
	m, err := c.Manifest(ctx)
	if err != nil {
		return cty.DynamicVal, err
	}
	f, ok := m.function(function)
	if !ok {
		return cty.DynamicVal, fmt.Errorf("there is no function %q", function)
	}
	req := &protocol.CallRequest{Function: function}
	for i, arg := range args {
		p, ok := f.parameter(i)
		if !ok {
			return cty.DynamicVal, fmt.Errorf("the function %q takes %d arguments", function, len(f.Parameters))
		}
		packed, err := protocol.PackValue(arg, p.Type)
		if err != nil {
			return cty.DynamicVal, err
		}
		req.Arguments = append(req.Arguments, packed)
	}
	response, err := c.wire.Call(ctx, req)
	if err != nil {
		return cty.DynamicVal, callError("calling the function "+function, err)
	}
	if response.GetError() != nil {
		return cty.DynamicVal, unpackError(response.GetError())
	}
	return protocol.UnpackValue(response.GetResult(), f.Result)
}

// Open implements [Provider].
func (c *Client) Open(ctx context.Context, req OpenRequest) (Instance, Diagnostics) {
	doing := "opening " + req.Addr
	if c.ctx.Err() != nil {
		return nil, failed(doing, errClosed)
	}
	t, err := c.schemaOf(ctx, req.Type)
	if err != nil {
		return nil, failed(doing, err)
	}
	packed, expressions, err := protocol.PackConfig(t.Schema, req.Config)
	if err != nil {
		return nil, failed(doing, err)
	}
	c.attend()
	r := &remote{
		client: c, id: c.last.Add(1), address: req.Addr, schema: t.Schema, config: req.Config,
		expressions: expressions, checkpoints: req.Env.Checkpoints, report: req.Env.Report,
	}
	c.mu.Lock()
	c.instances[r.id] = r // it may ask the host while it is being opened
	c.mu.Unlock()
	response, err := c.wire.Open(ctx, &protocol.OpenRequest{
		Instance: r.id, Kind: string(req.Type.Kind), Name: req.Type.Name, Address: req.Addr, Config: packed,
		Dir: []byte(req.Env.Dir), Triggered: req.Env.Triggered,
		Enforced: req.Env.Enforced, Approved: req.Env.Approved, Asked: req.Env.Asked, Only: req.Env.Only, Early: req.Env.Early,
		Interval: int64(req.Env.Interval),
	})
	if err != nil {
		r.discard()
		return nil, failed(doing, err)
	}
	diags := unpackDiagnostics(response.GetDiagnostics())
	if diags.HasErrors() {
		r.forget()
		return nil, diags
	}
	r.counted, r.reports = response.GetCounted(), response.GetReports()
	return r.as(t), diags
}

// Close implements [Provider].
func (c *Client) Close() error {
	if c.ctx.Err() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(c.ctx, closeTimeout)
	defer cancel()
	response, err := c.wire.Close(ctx, &protocol.CloseRequest{})
	c.stop()
	if err != nil {
		return callError("closed", err)
	}
	return unpackError(response.GetError())
}

// remote is an open instance of another process.
type remote struct {
	client      *Client
	id          uint64
	address     string
	schema      *schema.Block
	config      cty.Value
	expressions protocol.Expressions
	checkpoints Checkpoints
	report      func(f Finding, total int)
	counted     bool
	reports     bool
	packed      []byte // of the batch that was sent last, to be used again

	settling sync.WaitGroup // runs of which batches are not settled
	closing  sync.Mutex
	closed   bool
}

// forget takes the instance off those that may ask the host.
func (r *remote) forget() {
	r.client.mu.Lock()
	defer r.client.mu.Unlock()
	delete(r.client.instances, r.id)
}

// discard closes an instance of which nobody knows whether it was opened.
func (r *remote) discard() {
	r.forget()
	ctx, cancel := context.WithTimeout(r.client.ctx, closeTimeout)
	defer cancel()
	_, _ = r.client.wire.Close(ctx, &protocol.CloseRequest{Instance: r.id}) // what failed before is what the caller is told
}

var _ Perishable = (*remote)(nil)

// as returns the instance as what its type makes it.
func (r *remote) as(t Type) Instance {
	switch t.Ref.Kind {
	case KindTask:
		if r.reports {
			return &remoteReporter{remoteTask: remoteTask{r}}
		}
		return remoteTask{r}
	case KindSource:
		if t.Emits {
			return remoteSource{r}
		}
		return remoteData{r}
	case KindCollector:
		return remoteCollector{r}
	case KindStage:
		return remoteStage{r}
	case KindSink:
		return remoteSink{r}
	}
	return r
}

// Lost implements [Perishable].
func (r *remote) Lost() <-chan struct{} { return r.client.ctx.Done() }

// Close implements [Instance]. There is nothing left to close where the
// instance is lost.
func (r *remote) Close(ctx context.Context) error {
	r.closing.Lock()
	defer r.closing.Unlock()
	if r.closed || r.client.ctx.Err() != nil {
		return nil
	}
	r.closed = true
	response, err := r.client.wire.Close(ctx, &protocol.CloseRequest{Instance: r.id})
	go func() { // while it is closed, and while batches are settled, it may save a position
		r.settling.Wait()
		r.forget()
	}()
	if err != nil {
		return callError("closing "+r.address, err)
	}
	return unpackError(response.GetError())
}

// Counts implements [Counted]. There are none while the provider doesn't
// answer.
func (r *remote) Counts() map[string]uint64 {
	if !r.counted {
		return nil
	}
	ctx, cancel := context.WithTimeout(r.client.ctx, time.Second)
	defer cancel()
	response, err := r.client.wire.Counts(ctx, &protocol.CountsRequest{Instance: r.id})
	if err != nil {
		return nil
	}
	return response.GetCounts()
}
