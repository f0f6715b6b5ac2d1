// Package vault reads secrets from HashiCorp Vault, or from OpenBao, which
// speaks the same protocol. A client logs in when it is first asked for
// something, keeps its token alive, and logs in again when that has ended.
//
//	client, err := vault.Open(config, vault.Options{Log: log, Redactor: hidden})
//	secret, err := client.Read(ctx, "kv/app")
//	secret, err := client.Write(ctx, "pki/issue/web", map[string]any{"common_name": "www.example.com"})
package vault

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/api"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// Options are what a client works with.
type Options struct {
	Log hclog.Logger
	// Redactor learns every credential and token.
	Redactor *redact.Redactor
	// Transport is how requests travel; nil for the network, with the TLS of
	// the configuration.
	Transport http.RoundTripper
}

// Client speaks to one Vault. Its methods may be called by any number of
// goroutines.
type Client struct {
	config Config
	log    hclog.Logger
	hidden *redact.Redactor
	http   *http.Client
	mounts mounts

	counters counters
	outage   outage

	background context.Context // of the goroutines that keep sessions
	stop       context.CancelFunc
	keepers    sync.WaitGroup

	turn chan struct{} // holds one element while somebody logs in
	mu   sync.Mutex
	now  *session   // nil before the first login
	past []*session // of ours, replaced, and perhaps still alive
}

// Open makes a client. It speaks to Vault only when it is asked for something.
func Open(config Config, opts Options) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	transport := opts.Transport
	if transport == nil {
		network, err := newTransport(config.TLS)
		if err != nil {
			return nil, err
		}
		transport = network
	}
	for _, credential := range config.Auth.credentials() {
		opts.Redactor.Add(string(credential))
	}
	if isPlain(config.Address) {
		opts.Log.Warn("Vault is spoken to without TLS, so whoever is in between can read the secrets; give an address with https", "address", config.Address)
	}
	background, stop := context.WithCancel(context.Background())
	return &Client{
		config: config, log: opts.Log, hidden: opts.Redactor, http: newHTTP(transport),
		background: background, stop: stop, turn: make(chan struct{}, 1),
	}, nil
}

// Address is the URL of Vault.
func (c *Client) Address() string { return c.config.Address }

// Identity tells this Vault from others: its address and namespace.
func (c *Client) Identity() string { return c.config.Address + "\n" + c.config.Namespace }

// Close ends what the client has begun, in five seconds at most: the tokens
// that it logged in for, and with them all that was leased, or else, under a
// token of somebody else, the given leases.
func (c *Client) Close(ctx context.Context, leases []string) error {
	c.mu.Lock()
	c.stop() // under the lock, so that no keeper begins after it
	c.mu.Unlock()
	c.keepers.Wait()
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	c.mu.Lock()
	defer c.mu.Unlock()
	sessions, now := c.past, c.now
	var errs []error
	if now != nil && now.ours {
		sessions = append(sessions, now)
	} else if now != nil {
		errs = append(errs, c.revokeAll(ctx, now, leases))
	}
	for _, s := range sessions {
		if s.life.Over(time.Now()) {
			continue
		}
		if err := s.api.Auth().Token().RevokeSelfWithContext(ctx, ""); err != nil {
			errs = append(errs, fmt.Errorf("end the token that was logged in for at Vault at %s: %w; it ends by itself at %s", c.config.Address, c.explain(err), s.life.End().Format(time.RFC3339)))
		}
	}
	c.http.CloseIdleConnections()
	return errors.Join(errs...)
}

func (c *Client) revokeAll(ctx context.Context, s *session, leases []string) error {
	errs := make([]error, len(leases))
	var group sync.WaitGroup
	slots := make(chan struct{}, 8) // so many at once, to be done in time
	for i, lease := range leases {
		group.Go(func() {
			slots <- struct{}{}
			defer func() { <-slots }()
			if err := c.explain(s.api.Sys().RevokeWithContext(ctx, lease)); err != nil {
				errs[i] = fmt.Errorf("revoke a lease at Vault at %s: %w; it ends by itself", c.config.Address, err)
			}
		})
	}
	group.Wait()
	return errors.Join(errs...)
}

// do sends a request as whoever the client is logged in as, unless Vault is
// known not to answer.
func (c *Client) do(ctx context.Context, request func(context.Context, *api.Client) (*api.Secret, error)) (*api.Secret, *session, error) {
	if err := c.outage.now(); err != nil {
		return nil, nil, err
	}
	answer, s, err := c.send(ctx, request)
	c.note(err)
	return answer, s, err
}

// send makes a request. A token that has ended is replaced by a new one, once.
func (c *Client) send(ctx context.Context, request func(context.Context, *api.Client) (*api.Secret, error)) (*api.Secret, *session, error) {
	ctx, cancel := context.WithTimeout(ctx, c.config.Timeout)
	defer cancel()
	s, err := c.session(ctx, nil)
	if err != nil {
		return nil, nil, forEverything(err)
	}
	answer, err := request(ctx, s.api)
	if failure := c.explain(err); !errors.Is(failure, ErrDenied) || c.isAlive(ctx, s) {
		return answer, s, failure
	}
	again, err := c.session(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	if again == s {
		return nil, s, errEnded
	}
	answer, err = request(ctx, again.api)
	return answer, again, c.explain(err)
}

// isAlive asks whether a token is still taken, to tell a request that it isn't
// allowed to make from a token that has ended. When that can't be found out
// it is taken for alive: a login for every refusal would end what is leased.
func (c *Client) isAlive(ctx context.Context, s *session) bool {
	_, err := s.api.Auth().Token().LookupSelfWithContext(ctx)
	return !errors.Is(c.explain(err), ErrDenied)
}

func (a *Auth) credentials() []Credential {
	all := []Credential{a.Token}
	if a.AppRole != nil {
		all = append(all, a.AppRole.SecretID)
	}
	if a.JWT != nil {
		all = append(all, a.JWT.JWT)
	}
	if a.UserPass != nil {
		all = append(all, a.UserPass.Password)
	}
	return all
}
