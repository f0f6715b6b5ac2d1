package agent

import (
	"crypto/tls"
	"fmt"
	"net"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/eval"
)

// accessOf returns how the API is served over TLS; nil: it isn't.
func accessOf(settings eval.Agent, log hclog.Logger) (*tls.Config, error) {
	if settings.TLS == nil {
		return nil, nil
	}
	config, err := api.NewTLS(*settings.TLS, log)
	if err != nil {
		return nil, fmt.Errorf("the API can't be served over TLS: %w", err)
	}
	return config, nil
}

// tokens are those of the configuration that runs. They change with it.
func (a *Agent) tokens() []eval.Token { return a.current().Tokens }

// current are the settings of the configuration that runs, and before any does
// those of the one that the agent was started with.
func (a *Agent) current() eval.Agent {
	if graph := a.graph.Load(); graph != nil {
		return graph.Agent
	}
	return a.settings
}

func (a *Agent) url(address net.Addr) string {
	if a.settings.TLS != nil {
		return "https://" + address.String()
	}
	return "http://" + address.String()
}

// warnOfOpenAddress says so when others than this machine can reach the API,
// and it asks nobody who they are or has them say it in the clear.
func (a *Agent) warnOfOpenAddress(address net.Addr) {
	tcp, ok := address.(*net.TCPAddr)
	if !ok || tcp.IP.IsLoopback() {
		return
	}
	secured := a.settings.TLS
	switch isNamed := len(a.settings.Tokens) > 0; {
	case isNamed && secured == nil:
		a.Log.Warn("tokens come to this address in the clear; add a block tls to the agent block, or listen at 127.0.0.1 behind a proxy that has one", "address", address.String())
	case !isNamed && (secured == nil || secured.ClientCAFile == ""):
		a.Log.Warn("whoever can reach this address can read the state of the host and reload the configuration; listen at 127.0.0.1 unless that is wanted, or add a block auth to the agent block", "address", address.String())
	}
}
