package secret

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/secret/vault"
)

const (
	// failureMemory is how long the failure of a first read is remembered.
	failureMemory = 5 * time.Second
	// maxBackoff is the longest time between attempts.
	maxBackoff = time.Minute
)

// entry is the answer to one request to Vault. Its goroutine makes the request,
// and keeps what was answered alive until the entry is given up.
type entry struct {
	resolver *Resolver
	request  request
	cancel   context.CancelFunc
	first    chan struct{} // closed after the first read

	mu     sync.Mutex
	client *vault.Client // that has answered
	secret vault.Secret
	err    error     // why there is no value, or none can be read again
	failed time.Time // when the first read failed
	asked  map[string]bool
}

// get returns the value of a key, after the first read.
func (e *entry) get(key string) (cty.Value, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case errors.Is(e.err, errWithheld):
		return cty.DynamicVal, nil
	case e.secret.Data == nil:
		return cty.NilVal, e.err
	case e.secret.Life.Over(time.Now()):
		return cty.NilVal, e.overdue()
	}
	e.asked[key] = true
	value, ok := e.secret.Data[key]
	if !ok {
		return cty.NilVal, e.unknownKey(key)
	}
	out, err := toCty(value)
	if err != nil {
		return cty.NilVal, fmt.Errorf("the value of %q at %q in Vault can't be used: %w", key, e.request.path, err)
	}
	e.resolver.hide(value)
	return out, nil
}

// overdue says that the lease has ended and its goroutine has yet to find out,
// or waits for Vault.
func (e *entry) overdue() error {
	err := e.err
	if err == nil {
		err = fmt.Errorf("Vault at %s has not answered; if that lasts, see that it is up and can be reached", e.client.Address())
	}
	return fmt.Errorf("what Vault gave at %q has ended, and there is no new one yet: %w", e.request.path, err)
}

// unknownKey names the keys that there are. Names are no secret.
func (e *entry) unknownKey(key string) error {
	keys := slices.Sorted(maps.Keys(e.secret.Data))
	if len(keys) == 0 {
		return fmt.Errorf("the secret at %q in Vault has no key %q: it is empty", e.request.path, key)
	}
	return fmt.Errorf("the secret at %q in Vault has no key %q; it has %s.%s", e.request.path, key, strings.Join(keys, ", "), lang.Suggest(key, keys))
}

// isRead reports whether the first read is done.
func (e *entry) isRead() bool {
	select {
	case <-e.first:
		return true
	default:
		return false
	}
}

// isForgotten reports whether the first read failed, and long enough ago for
// another attempt.
func (e *entry) isForgotten(now time.Time) bool {
	if !e.isRead() {
		return false
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	return !e.failed.IsZero() && now.Sub(e.failed) > failureMemory
}

// lease returns the lease that is alive, if there is one.
func (e *entry) lease() string {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.secret.Life.Over(time.Now()) {
		return ""
	}
	return e.secret.Lease
}

// run reads the secret, and goes on to follow it if that went well.
func (e *entry) run(ctx context.Context) {
	client, err := e.resolver.openVault()
	var secret vault.Secret
	if err == nil {
		secret, err = e.ask(ctx, client, time.Time{})
	}
	e.mu.Lock()
	e.client, e.secret, e.err = client, secret, err
	if err != nil {
		e.failed = time.Now()
	}
	e.mu.Unlock()
	close(e.first)
	if err == nil {
		follow(ctx, e, client, secret)
	}
}

// put makes a secret the one that is given out, and tells who used a value that
// has changed.
func (e *entry) put(secret vault.Secret) {
	e.mu.Lock()
	old, hadFailed := e.secret, e.secret.Data == nil
	e.secret, e.err = secret, nil
	var changed []Ref
	for key := range e.asked {
		if hadFailed || !reflect.DeepEqual(old.Data[key], secret.Data[key]) {
			changed = append(changed, e.request.ref(key))
			e.resolver.retire(old.Data[key])
		}
		e.resolver.hide(secret.Data[key])
	}
	e.mu.Unlock()
	e.resolver.supersede(old)
	if len(changed) > 0 {
		e.resolver.opts.Log.Info("a secret has changed", "path", e.request.path)
		e.resolver.notify(sortRefs(changed))
	}
}

// extend records that the lease lives on.
func (e *entry) extend(life vault.Lifetime) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.secret.Life, e.err = life, nil
}

// fail records why the secret could not be read again. When that is for good
// the value is withdrawn, and who used it is told.
func (e *entry) fail(err error, forGood bool) {
	e.mu.Lock()
	e.err = err
	withdrawn := forGood && e.secret.Data != nil
	var refs []Ref
	if withdrawn {
		for key := range e.asked {
			refs = append(refs, e.request.ref(key))
		}
		e.secret.Data = nil
	}
	e.mu.Unlock()
	if withdrawn {
		e.resolver.opts.Log.Error("a secret can no longer be had", "path", e.request.path, "error", err)
		e.resolver.notify(sortRefs(refs))
	} else {
		e.resolver.opts.Log.Warn("can't renew a secret or read it again; trying on", "path", e.request.path, "error", err)
	}
}
