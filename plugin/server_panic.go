package plugin

import (
	"context"
	"runtime/debug"

	"github.com/hashicorp/go-hclog"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// guard turns the panic of a call into its error, so that the other instances
// of the process go on.
type guard struct{ log hclog.Logger }

// options are those by which a server is guarded.
func (g guard) options() []grpc.ServerOption {
	return []grpc.ServerOption{grpc.UnaryInterceptor(g.call), grpc.StreamInterceptor(g.stream)}
}

func (g guard) call(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (response any, err error) {
	defer g.recover(info.FullMethod, &err)
	return handle(ctx, req)
}

func (g guard) stream(s any, stream grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) (err error) {
	defer g.recover(info.FullMethod, &err)
	return handle(s, stream)
}

// recover is deferred by what may panic.
func (g guard) recover(doing string, err *error) {
	if p := recover(); p != nil {
		g.log.Error("the provider panicked", "in", doing, "panic", p, "stack", string(debug.Stack()))
		*err = status.Errorf(codes.Internal, "the provider panicked: %v", p)
	}
}
