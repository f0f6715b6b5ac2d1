package plugin

import (
	"context"
	"errors"
	"net"
	"os"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/test/bufconn"

	"github.com/driftless-hq/driftless/plugin/protocol"
)

// ProtocolVersion is the version of the protocol that this package speaks.
const ProtocolVersion = 1

// LogVariable is the environment variable by which the host tells a provider
// the least level that it logs.
const LogVariable = "DRIFTLESS_LOG"

// Handshake returns what tells a provider that driftless has started it. It is
// no secret: it only keeps people from running a provider by hand.
func Handshake() goplugin.HandshakeConfig {
	return goplugin.HandshakeConfig{MagicCookieKey: "DRIFTLESS_PLUGIN", MagicCookieValue: "9c1f6d0e-provider"}
}

// Serve runs a provider as a process of its own, started by driftless. It is
// all that the main function of a provider does, and returns when driftless
// has no more use for it:
//
//	func main() { plugin.Serve(acme.New()) }
func Serve(p Provider) {
	log := serverLog()
	goplugin.Serve(&goplugin.ServeConfig{
		HandshakeConfig:  Handshake(),
		VersionedPlugins: Versions(p),
		GRPCServer:       func(options []grpc.ServerOption) *grpc.Server { return newGRPCServer(options, log) },
		Logger:           log,
	})
}

// serverLog writes in the form that the host reads from a provider's standard
// error.
func serverLog() hclog.Logger {
	level := hclog.LevelFromString(os.Getenv(LogVariable))
	if level == hclog.NoLevel {
		level = hclog.Info
	}
	return hclog.New(&hclog.LoggerOptions{Level: level, Output: os.Stderr, JSONFormat: true})
}

// Versions returns the versions of the protocol that there are, each with the
// provider under the name "provider". The host has none to give.
func Versions(p Provider) map[int]goplugin.PluginSet {
	return map[int]goplugin.PluginSet{ProtocolVersion: {"provider": wired{provider: p}}}
}

// DialOptions are those that the host has to use.
func DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage), grpc.MaxCallSendMsgSize(maxMessage))}
}

// wired is a provider as go-plugin knows it.
type wired struct {
	goplugin.NetRPCUnsupportedPlugin
	provider Provider
}

var _ goplugin.GRPCPlugin = wired{}

// GRPCServer implements [goplugin.GRPCPlugin] on the side of the provider.
func (w wired) GRPCServer(_ *goplugin.GRPCBroker, s *grpc.Server) error {
	if w.provider == nil {
		return errors.New("there is no provider to serve")
	}
	protocol.RegisterProviderServer(s, newServer(w.provider, serverLog()))
	return nil
}

// GRPCClient implements [goplugin.GRPCPlugin] on the side of the host.
func (w wired) GRPCClient(_ context.Context, _ *goplugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return NewClient(conn), nil
}

// Connect serves a provider within this process and returns the other end. The
// provider is reached over the whole protocol, but for the process: it is how
// tests see what a host sees. Closing the client ends both.
func Connect(p Provider, log hclog.Logger) (*Client, error) {
	listener := bufconn.Listen(1 << 20)
	s := newGRPCServer(nil, log)
	protocol.RegisterProviderServer(s, newServer(p, log))
	go s.Serve(listener) //nolint:errcheck // it ends with the server, and calls fail then
	options := append(DialOptions(), grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return listener.DialContext(ctx) }))
	conn, err := grpc.NewClient("passthrough:provider", options...)
	if err != nil {
		s.Stop()
		return nil, err
	}
	c := NewClient(conn)
	context.AfterFunc(c.ctx, func() {
		_ = conn.Close() // closing is all that is wanted of it
		s.Stop()
	})
	return c, nil
}

func newGRPCServer(options []grpc.ServerOption, log hclog.Logger) *grpc.Server {
	options = append(options, grpc.MaxRecvMsgSize(maxMessage), grpc.MaxSendMsgSize(maxMessage))
	return grpc.NewServer(append(options, guard{log}.options()...)...)
}
