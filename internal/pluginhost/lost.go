package pluginhost

import (
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin"
)

// lostError says why a call met no process any more.
type lostError struct{ reason string }

func (e *lostError) Error() string { return e.reason }

// Unwrap makes it [plugin.ErrLost].
func (*lostError) Unwrap() error { return plugin.ErrLost }

// GRPCStatus has gRPC and the client of the protocol show the reason.
func (e *lostError) GRPCStatus() *status.Status { return status.New(codes.Unavailable, e.reason) }
