package plugin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// server is a provider on the side of its own process.
type server struct {
	protocol.UnimplementedProviderServer
	provider Provider
	log      hclog.Logger
	host     *hostCalls
	manifest func() (Manifest, error) // asked for once

	mu        sync.Mutex
	closed    bool
	instances map[uint64]*served
}

// served is an open instance.
type served struct {
	id       uint64
	ref      TypeRef
	instance Instance
	schema   *schema.Block
	config   cty.Value

	turn    chan struct{} // taken by the call that works on what is below
	columns columns
	batch   event.Batch
}

func newServer(p Provider, log hclog.Logger) *server {
	return &server{
		provider:  p,
		log:       log,
		host:      newHostCalls(),
		instances: make(map[uint64]*served),
		manifest:  sync.OnceValues(func() (Manifest, error) { return p.Manifest(context.Background()) }),
	}
}

// Manifest implements [protocol.ProviderServer].
func (s *server) Manifest(context.Context, *protocol.ManifestRequest) (*protocol.ManifestResponse, error) {
	m, err := s.manifest()
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	return packManifest(m)
}

func (s *server) schemaOf(ref TypeRef) (*schema.Block, error) {
	m, err := s.manifest()
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	for _, t := range m.Types {
		if t.Ref == ref {
			return t.Schema, nil
		}
	}
	return nil, status.Errorf(codes.NotFound, "there is no %s", ref)
}

// Configure implements [protocol.ProviderServer].
func (s *server) Configure(ctx context.Context, req *protocol.ConfigureRequest) (*protocol.DiagnosticsResponse, error) {
	m, err := s.manifest()
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	t := cty.EmptyObject
	if m.Config != nil {
		t = m.Config.ImpliedType()
	}
	cfg, err := protocol.UnpackValue(req.GetConfig(), t)
	if err != nil {
		return nil, badRequest(err)
	}
	return &protocol.DiagnosticsResponse{Diagnostics: packDiagnostics(s.provider.Configure(ctx, cfg))}, nil
}

// Validate implements [protocol.ProviderServer].
func (s *server) Validate(ctx context.Context, req *protocol.ValidateRequest) (*protocol.DiagnosticsResponse, error) {
	ref := TypeRef{Kind(req.GetKind()), req.GetName()}
	block, err := s.schemaOf(ref)
	if err != nil {
		return nil, err
	}
	cfg, err := s.unpackConfig(&served{schema: block}, req.GetConfig())
	if err != nil {
		return nil, badRequest(err)
	}
	return &protocol.DiagnosticsResponse{Diagnostics: packDiagnostics(s.provider.Validate(ctx, ref, cfg))}, nil
}

// Call implements [protocol.ProviderServer].
func (s *server) Call(ctx context.Context, req *protocol.CallRequest) (*protocol.CallResponse, error) {
	m, err := s.manifest()
	if err != nil {
		return nil, status.Error(codes.Internal, err.Error())
	}
	caller, isCaller := s.provider.(Caller)
	f, ok := m.function(req.GetFunction())
	if !isCaller || !ok {
		return nil, status.Errorf(codes.NotFound, "there is no function %q", req.GetFunction())
	}
	args := make([]cty.Value, len(req.GetArguments()))
	for i, packed := range req.GetArguments() {
		p, ok := f.parameter(i)
		if !ok {
			return nil, status.Errorf(codes.InvalidArgument, "the function %q was given too many arguments", f.Name)
		}
		if args[i], err = protocol.UnpackValue(packed, p.Type); err != nil {
			return nil, badRequest(err)
		}
	}
	v, err := caller.Call(ctx, f.Name, args)
	if err != nil {
		return &protocol.CallResponse{Error: packError(err)}, nil
	}
	packed, err := protocol.PackValue(v, f.Result)
	return &protocol.CallResponse{Result: packed}, err
}

func (m Manifest) function(name string) (Function, bool) {
	for _, f := range m.Functions {
		if f.Name == name {
			return f, true
		}
	}
	return Function{}, false
}

// parameter returns that of the i-th argument.
func (f Function) parameter(i int) (Parameter, bool) {
	switch {
	case i < len(f.Parameters):
		return f.Parameters[i], true
	case f.Variadic != nil:
		return *f.Variadic, true
	}
	return Parameter{}, false
}

// Open implements [protocol.ProviderServer].
func (s *server) Open(ctx context.Context, req *protocol.OpenRequest) (*protocol.OpenResponse, error) {
	ref := TypeRef{Kind(req.GetKind()), req.GetName()}
	block, err := s.schemaOf(ref)
	if err != nil {
		return nil, err
	}
	if s.isClosed() {
		return nil, errProviderClosed
	}
	one := &served{id: req.GetInstance(), ref: ref, schema: block, turn: make(chan struct{}, 1)}
	if one.config, err = s.unpackConfig(one, req.GetConfig()); err != nil {
		return nil, badRequest(err)
	}
	instance, diags := s.provider.Open(ctx, OpenRequest{Type: ref, Addr: req.GetAddress(), Config: one.config, Env: Env{
		Log:         s.log.Named(req.GetAddress()),
		Dir:         string(req.GetDir()),
		Triggered:   req.GetTriggered(),
		Enforced:    req.GetEnforced(),
		Approved:    req.GetApproved(),
		Asked:       req.GetAsked(),
		Early:       req.GetEarly(),
		Only:        req.GetOnly(),
		Interval:    time.Duration(req.GetInterval()),
		Checkpoints: remoteCheckpoints{s.host, one.id},
		Now:         time.Now,
		OnFinding:   func(f Finding, total int) { s.report(one.id, f, total) },
	}})
	response := &protocol.OpenResponse{Diagnostics: packDiagnostics(diags)}
	if diags.HasErrors() {
		return response, nil
	}
	if instance == nil {
		return nil, status.Error(codes.Internal, "it has returned neither an instance nor an error")
	}
	_, response.Counted = instance.(Counted)
	_, response.Reports = instance.(Reporter)
	one.instance = instance
	if err := s.keep(ctx, one); err != nil {
		return nil, errors.Join(err, instance.Close(context.WithoutCancel(ctx)))
	}
	return response, nil
}

var errProviderClosed = status.Error(codes.FailedPrecondition, "the provider is closed")

func (s *server) isClosed() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}

// keep adds an instance to those that are open. A host that has given up
// waiting for it closes it, and the end of ctx comes before that: what is kept
// while ctx has not ended will be closed.
func (s *server) keep(ctx context.Context, one *served) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case ctx.Err() != nil:
		return status.FromContextError(ctx.Err()).Err()
	case s.closed:
		return errProviderClosed
	case one.id == 0 || s.instances[one.id] != nil:
		return status.Errorf(codes.InvalidArgument, "the instance can't have the number %d", one.id)
	}
	s.instances[one.id] = one
	return nil
}

// served returns an open instance.
func (s *server) served(id uint64) (*served, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	one, ok := s.instances[id]
	if !ok {
		return nil, status.Errorf(codes.NotFound, "there is no open instance %d", id)
	}
	return one, nil
}

// opened returns an open instance as what it has to be.
func opened[T Instance](s *server, id uint64) (*served, T, error) {
	var as T
	one, err := s.served(id)
	if err != nil {
		return nil, as, err
	}
	as, ok := one.instance.(T)
	if !ok {
		return nil, as, status.Errorf(codes.InvalidArgument, "an instance of %s can't do that", one.ref)
	}
	return one, as, nil
}

// Close implements [protocol.ProviderServer].
func (s *server) Close(ctx context.Context, req *protocol.CloseRequest) (*protocol.CloseResponse, error) {
	if req.GetInstance() == 0 {
		s.mu.Lock()
		s.closed = true
		s.mu.Unlock()
		return &protocol.CloseResponse{Error: packError(s.provider.Close())}, nil
	}
	s.mu.Lock()
	one, ok := s.instances[req.GetInstance()]
	delete(s.instances, req.GetInstance())
	s.mu.Unlock()
	if !ok {
		return &protocol.CloseResponse{}, nil // it may be closed twice
	}
	return &protocol.CloseResponse{Error: packError(one.instance.Close(ctx))}, nil
}

// Counts implements [protocol.ProviderServer].
func (s *server) Counts(_ context.Context, req *protocol.CountsRequest) (*protocol.CountsResponse, error) {
	one, err := s.served(req.GetInstance())
	if err != nil {
		return nil, err
	}
	counted, ok := one.instance.(Counted)
	if !ok {
		return &protocol.CountsResponse{}, nil
	}
	return &protocol.CountsResponse{Counts: counted.Counts()}, nil
}

func badRequest(err error) error { return status.Error(codes.InvalidArgument, err.Error()) }
