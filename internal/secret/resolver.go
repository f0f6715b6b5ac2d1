// Package secret finds the values that a configuration asks for by the
// functions secret and vault. It keeps what is leased alive, tells when a value
// has changed, and hides all of them from logs and errors.
//
//	resolver := secret.New(secret.Options{Log: log, Redactor: hidden, EnvFile: file, LookupEnv: os.LookupEnv, Vault: config})
//	defer resolver.Close(ctx)
//	scope := resolver.Scope()
//	password, err := scope.Vault(ctx, "kv/app", "password", cty.NilVal)
//	for ref := range resolver.Watch(ctx) { ... } // evaluate again what used ref
package secret

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// Options are what a resolver works with.
type Options struct {
	Log      hclog.Logger
	Redactor *redact.Redactor // learns every value before it is returned

	EnvFile   *EnvFile                                  // nil for none
	LookupEnv func(name string) (value string, ok bool) // such as os.LookupEnv

	// Vault returns the configuration of Vault. It is called once, when a value
	// from Vault is first asked for, and may itself ask for a Secret.
	Vault func(context.Context) (vault.Config, error)
	// Issue says that writes to Vault may make something that stays, such as a
	// certificate. Without it the value of one that wasn't made before is
	// unknown: a plan is to change nothing, in Vault neither.
	Issue bool
	// Memory keeps what was issued beyond the life of the process; nil: nothing
	// does. It is asked for when it is first needed.
	Memory func() (Memory, error)
	// Transport is how requests to Vault travel; nil for the network.
	Transport http.RoundTripper
}

// Resolver finds secrets. Its methods may be called by any number of
// goroutines.
type Resolver struct {
	opts      Options
	openVault func() (*vault.Client, error)

	background context.Context // of the goroutines that follow values
	stop       context.CancelFunc
	loops      sync.WaitGroup

	mu       sync.Mutex
	closed   bool
	client   *vault.Client        // nil before Vault is first needed
	entries  map[Ref]*entry       // by the request to Vault
	names    map[string]string    // the value last given out for a name
	gone     map[string]bool      // the names that the last look didn't find
	polling  bool                 // the env file is looked at
	past     map[string]time.Time // leases that nobody renews any more, and their end
	watchers map[*watcher]struct{}
}

// errClosed is what remains to say after Close.
var errClosed = errors.New("secrets are no longer resolved, because driftless is stopping or has read a new configuration")

// New returns a resolver. It reads nothing before it is asked.
func New(opts Options) *Resolver {
	background, stop := context.WithCancel(context.Background())
	r := &Resolver{
		opts: opts, background: background, stop: stop,
		entries:  make(map[Ref]*entry),
		names:    make(map[string]string),
		gone:     make(map[string]bool),
		past:     make(map[string]time.Time),
		watchers: make(map[*watcher]struct{}),
	}
	r.openVault = sync.OnceValues(r.open)
	return r
}

func (r *Resolver) open() (*vault.Client, error) {
	if r.opts.Vault == nil {
		return nil, fmt.Errorf("no Vault is configured: write a provider \"vault\" block")
	}
	config, err := r.opts.Vault(r.background)
	if err != nil {
		return nil, err
	}
	client, err := vault.Open(config, vault.Options{
		Log: r.opts.Log.Named("vault"), Redactor: r.opts.Redactor, Transport: r.opts.Transport,
	})
	if err != nil {
		return nil, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.client = client
	return client, nil
}

// Vault returns the value of a key at a path in Vault or, with parameters, of
// the answer to writing them there; [cty.NilVal] is for none. The request is made
// once, and again when its lease or certificate nears its end or its refresh is
// due. While Vault can't be reached the last value is good until its end.
func (r *Resolver) Vault(ctx context.Context, path, key string, parameters cty.Value) (cty.Value, error) {
	request, err := newRequest(path, parameters)
	if err != nil {
		return cty.NilVal, err
	}
	return r.vault(ctx, request, key)
}

func (r *Resolver) vault(ctx context.Context, request request, key string) (cty.Value, error) {
	e, err := r.entry(request)
	if err != nil {
		return cty.NilVal, err
	}
	select {
	case <-e.first:
		return e.get(key)
	case <-ctx.Done():
		return cty.NilVal, fmt.Errorf("wait for %q from Vault: %w", request.path, ctx.Err())
	}
}

// entry returns what is known of a request, and begins to make it if that is
// nothing. After a failure it goes on by itself, so that the many expressions of
// one configuration don't wait for the same one in turn.
func (r *Resolver) entry(request request) (*entry, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.closed {
		return nil, errClosed
	}
	id := request.ref("")
	if e := r.entries[id]; e != nil && !e.isForgotten(time.Now()) {
		return e, nil
	}
	ctx, cancel := context.WithCancel(r.background)
	e := &entry{resolver: r, request: request, cancel: cancel, first: make(chan struct{}), asked: make(map[string]bool)}
	r.entries[id] = e
	r.loops.Go(func() {
		defer cancel()
		e.run(ctx)
	})
	return e, nil
}

// Retain gives up what none of the refs uses: it is no longer read again or
// renewed, and its lease is revoked. It is called after a new configuration
// has taken the place of the old.
func (r *Resolver) Retain(used []Ref) {
	names, requests := make(map[string]bool), make(map[Ref]bool)
	for _, ref := range used {
		if ref.Store == Vault {
			requests[ref.request()] = true
		} else {
			names[ref.Path] = true
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for name := range r.names {
		if !names[name] {
			delete(r.names, name)
			delete(r.gone, name)
		}
	}
	for id, e := range r.entries {
		if requests[id] || !e.isRead() {
			continue
		}
		delete(r.entries, id)
		e.cancel()
		if lease := e.lease(); lease != "" && !r.closed {
			r.loops.Go(func() { r.revoke(id.Path, lease) })
		}
	}
}

// revoke ends a lease that nobody needs. Where that fails it ends by itself.
func (r *Resolver) revoke(path, lease string) {
	client, err := r.openVault()
	if err == nil {
		err = client.Revoke(r.background, lease)
	}
	if err != nil {
		r.opts.Log.Debug("a lease that is no longer used was left to end by itself", "path", path, "error", err)
	}
}

// Close stops following values and ends what was leased and logged in for, in
// five seconds at most.
func (r *Resolver) Close(ctx context.Context) error {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return nil
	}
	r.closed = true
	r.stop()
	r.mu.Unlock()
	r.loops.Wait()

	r.mu.Lock()
	defer r.mu.Unlock()
	if r.client == nil {
		return nil
	}
	var leases []string
	for lease, end := range r.past {
		if time.Now().Before(end) {
			leases = append(leases, lease)
		}
	}
	for _, e := range r.entries {
		if lease := e.lease(); lease != "" {
			leases = append(leases, lease)
		}
	}
	return r.client.Close(ctx, leases)
}
