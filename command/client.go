package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/agent/api"
)

// tokenVariable holds the token for the agent's API.
const tokenVariable = "DRIFTLESS_TOKEN"

// clientFlags are those of commands that ask the agent.
func clientFlags() []cli.Flag {
	return []cli.Flag{
		&cli.StringFlag{Name: "address", Usage: "the `HOST:PORT` or the URL of the agent, instead of where the configuration says it listens"},
		&cli.StringFlag{Name: "token-file", Usage: "the `FILE` with the token to ask with, instead of the environment variable " + tokenVariable},
		&cli.StringFlag{Name: "ca-file", Usage: "the `FILE` of the authorities that the agent's certificate may be of, in PEM"},
		&cli.StringFlag{Name: "cert-file", Usage: "the `FILE` of the certificate to show to the agent, in PEM"},
		&cli.StringFlag{Name: "key-file", Usage: "the `FILE` of the key of that certificate"},
	}
}

// client returns a client of the agent that -address names, or else the agent
// block of the configuration.
func (e env) client(ctx context.Context) (*api.Client, error) {
	o := api.ClientOptions{
		Address: e.flags.String("address"),
		CAFile:  e.flags.String("ca-file"), CertFile: e.flags.String("cert-file"), KeyFile: e.flags.String("key-file"),
	}
	var err error
	if o.Token, err = e.token(); err != nil {
		return nil, err
	}
	if o.Address == "" {
		if err := e.findAgent(ctx, &o); err != nil {
			return nil, err
		}
	}
	return api.NewClient(o)
}

// token returns what the API is to be asked with, empty for nothing. It is no
// argument, because others on this host can read those.
func (e env) token() (string, error) {
	token, from := os.Getenv(tokenVariable), "the environment variable "+tokenVariable
	if file := e.flags.String("token-file"); file != "" {
		content, err := os.ReadFile(file)
		if err != nil {
			return "", fmt.Errorf("read the token: %w", err)
		}
		token, from = strings.TrimSpace(string(content)), file
		if token == "" {
			return "", fmt.Errorf("%s holds no token: it is empty", file)
		}
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return "", fmt.Errorf("what %s holds is no token: there is white space in it, or a special character", from)
	}
	e.Hidden.Add(token)
	return token, nil
}

// findAgent has the client ask the agent of the configuration. One that has a
// certificate is known by that.
func (e env) findAgent(ctx context.Context, o *api.ClientOptions) error {
	l, diags, err := e.loadDeclared(ctx)
	if err == nil && l == nil {
		e.Diagnostics(diags)
		err = errors.New("the configuration doesn't say where the agent listens; name its address with -address, as in -address=127.0.0.1:8000")
	}
	if err != nil {
		return err
	}
	if o.Address, err = reachable(l.graph.Agent.Listen); err != nil {
		return err
	}
	if secured := l.graph.Agent.TLS; secured != nil {
		o.Address, o.Known = "https://"+o.Address, secured.CertFile
	}
	return nil
}

// reachable is the address to reach a listener at, from the same host.
func reachable(listen string) (string, error) {
	host, port, err := net.SplitHostPort(listen)
	switch {
	case err != nil:
		return "", err
	case port == "0":
		return "", fmt.Errorf("listen in the agent block is %q, so that the agent takes any port that is free; name the one that it logs with -address", listen)
	}
	if ip, err := netip.ParseAddr(cmp.Or(host, "0.0.0.0")); err == nil && ip.IsUnspecified() {
		host = "127.0.0.1"
		if ip.Is6() {
			host = "::1"
		}
	}
	return net.JoinHostPort(host, port), nil
}
