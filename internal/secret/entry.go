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
	// failureMemory is how long it is remembered that Vault can't be asked at all.
	failureMemory = 5 * time.Second
	// maxBackoff is the longest time between attempts.
	maxBackoff = time.Minute
)

// noKeyError says that a secret has no such key.
type noKeyError string

func (e noKeyError) Error() string { return string(e) }

// IsAway reports whether an error says that a secret can't be had because its
// store doesn't answer, and not for what the store has to say about it.
func IsAway(err error) bool { return vault.IsAway(err) }

// IsRefused reports whether an error is what the store has to say of a secret:
// that there is none, or not for us.
func IsRefused(err error) bool {
	_, isNoKey := errors.AsType[noKeyError](err)
	return isNoKey || vault.IsFinal(err)
}

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
	failed time.Time // when the first read failed, and nobody tries again
	asked  map[string]bool
}

// get returns the value of a key, after the first read.
func (e *entry) get(key string) (cty.Value, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.asked[key] = true
	switch {
	case errors.Is(e.err, errWithheld):
		return cty.DynamicVal, nil
	case e.secret.Data == nil:
		return cty.NilVal, e.err
	case e.secret.Life.Over(time.Now()):
		return cty.NilVal, e.overdue()
	}
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
		return noKeyError(fmt.Sprintf("the secret at %q in Vault has no key %q: it is empty", e.request.path, key))
	}
	return noKeyError(fmt.Sprintf("the secret at %q in Vault has no key %q; it has %s.%s", e.request.path, key, strings.Join(keys, ", "), lang.Suggest(key, keys)))
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

// isForgotten reports whether nobody tries to read the secret any more, and that
// long enough ago for another attempt.
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

// run reads the secret, tries on where that fails, and then follows it.
func (e *entry) run(ctx context.Context) {
	client, err := e.resolver.openVault()
	var secret vault.Secret
	if err == nil {
		secret, err = e.ask(ctx, client, time.Time{})
	}
	hopeless := client == nil || errors.Is(err, errWithheld)
	e.mu.Lock()
	e.client, e.secret, e.err = client, secret, err
	if err != nil && hopeless {
		e.failed = time.Now()
	}
	e.mu.Unlock()
	close(e.first)
	switch {
	case err == nil:
		follow(ctx, e, client, secret)
	case !hopeless:
		e.tryOn(ctx, client)
	}
}

// tryOn reads a secret for the first time, after that failed. Also what Vault
// has refused may be granted later.
func (e *entry) tryOn(ctx context.Context, client *vault.Client) {
	for backoff := vault.NewBackoff(maxBackoff); pause(ctx, backoff.Next(), client.Back()); {
		secret, err := e.ask(ctx, client, time.Time{})
		if err == nil {
			e.put(secret)
			follow(ctx, e, client, secret)
			return
		}
		e.mu.Lock()
		e.err = err
		e.mu.Unlock()
	}
}

// pause waits for a time. While Vault is away it waits for its return instead,
// since nothing would be asked before. It reports false where ctx ends first.
func pause(ctx context.Context, wait time.Duration, back <-chan struct{}) bool {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	expired := timer.C
	if back != nil {
		expired = nil
	}
	select {
	case <-ctx.Done():
		return false
	case <-back:
	case <-expired:
	}
	return true
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
		what := "a secret has changed"
		if hadFailed {
			what = "a secret that could not be had is there"
		}
		e.resolver.opts.Log.Info(what, "path", e.request.path)
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
