package plugin

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

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
	last      uint64
	instances map[uint64]*served
}

// served is an open instance.
type served struct {
	id       uint64
	ref      TypeRef
	instance Instance
	schema   *schema.Block
	config   cty.Value
	columns  columns
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
	one := &served{ref: ref, schema: block}
	s.mu.Lock()
	s.last++
	one.id = s.last
	s.mu.Unlock()
	if one.config, err = s.unpackConfig(one, req.GetConfig()); err != nil {
		return nil, badRequest(err)
	}
	instance, diags := s.provider.Open(ctx, OpenRequest{Type: ref, Addr: req.GetAddress(), Config: one.config, Env: Env{
		Log:         s.log.Named(req.GetAddress()),
		Dir:         string(req.GetDir()),
		Triggered:   req.GetTriggered(),
		Checkpoints: remoteCheckpoints{s.host, req.GetAddress()},
		Now:         time.Now,
	}})
	response := &protocol.OpenResponse{Instance: one.id, Diagnostics: packDiagnostics(diags)}
	if diags.HasErrors() || instance == nil {
		return response, nil
	}
	_, response.Counted = instance.(Counted)
	one.instance = instance
	s.mu.Lock()
	s.instances[one.id] = one
	s.mu.Unlock()
	return response, nil
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

// recoverCall turns a panic into the error of the call, so that the other
// instances of the process go on.
func recoverCall(ctx context.Context, req any, _ *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
	defer recovered(&err)
	return handle(ctx, req)
}

func recoverStream(s any, stream grpc.ServerStream, _ *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer recovered(&err)
	return handle(s, stream)
}

func recovered(err *error) {
	if p := recover(); p != nil {
		fmt.Fprintf(os.Stderr, "panic: %v\n%s", p, debug.Stack())
		*err = status.Errorf(codes.Internal, "the provider panicked: %v", p)
	}
}
