package secret

import (
	"context"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// follower keeps one secret alive. It is the only one that changes its entry
// after the first read.
type follower struct {
	entry    *entry
	client   *vault.Client
	secret   vault.Secret
	firstTTL time.Duration   // what the lease had when it was given
	replaced <-chan struct{} // closed when the token that the lease hangs on is given up
	backoff  *vault.Backoff
}

// follow keeps a secret alive until ctx ends: it renews the lease, and reads
// the secret again when it can't be renewed, or has none and is due.
func follow(ctx context.Context, e *entry, client *vault.Client, secret vault.Secret) {
	f := &follower{entry: e, client: client, backoff: vault.NewBackoff(maxBackoff)}
	f.take(secret)
	timer := time.NewTimer(f.due())
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-f.replaced:
			f.replaced = nil
			f.secret.Life.Renewable = false // it ends with the token, whatever is granted
		case <-timer.C:
		}
		timer.Reset(f.step(ctx))
	}
}

func (f *follower) take(secret vault.Secret) {
	f.secret, f.firstTTL, f.replaced = secret, secret.Life.TTL, nil
	if secret.Lease != "" {
		f.replaced = secret.Replaced
	}
}

// due returns when there is something to do for a secret that was just read or
// renewed.
func (f *follower) due() time.Duration {
	f.backoff.Reset()
	if f.secret.Lease == "" || f.secret.Life.TTL <= 0 {
		return vault.Jitter(f.secret.Refresh)
	}
	return f.secret.Life.Next()
}

// step does what is due, and returns when something will be again.
func (f *follower) step(ctx context.Context) time.Duration {
	if f.secret.Lease != "" && f.secret.Life.Renewable {
		life, err := f.client.Renew(ctx, f.secret.Lease, f.secret.Life, f.firstTTL)
		switch {
		case ctx.Err() != nil:
			return maxBackoff // and the loop ends
		case err == nil:
			f.secret.Life = life
			f.entry.extend(life)
			return f.due()
		case !vault.IsFinal(err) && !f.secret.Life.Over(time.Now()):
			f.entry.fail(err, false)
			return f.retry()
		}
		f.secret.Life.Renewable = false
	}
	secret, err := f.client.Read(ctx, f.entry.path)
	if err == nil {
		f.take(secret)
		f.entry.put(secret)
		return f.due()
	}
	if ctx.Err() != nil {
		return maxBackoff // and the loop ends
	}
	return f.failed(err)
}

// failed handles that a secret could not be read again. What is leased stays
// good as long as the lease; another value until Vault itself says no.
func (f *follower) failed(err error) time.Duration {
	switch {
	case f.secret.Lease != "" && f.secret.Life.Over(time.Now()):
		f.entry.fail(fmt.Errorf("the lease of %q has ended: %w", f.entry.path, err), true)
	case f.secret.Lease == "" && vault.IsFinal(err):
		f.entry.fail(err, true)
	default:
		f.entry.fail(err, false)
	}
	return f.retry()
}

// retry returns when to try again: at the end of a lease at the latest, to
// withdraw its value then.
func (f *follower) retry() time.Duration {
	wait := f.backoff.Next()
	if end := f.secret.Life.End(); f.secret.Lease != "" && !end.IsZero() {
		if left := time.Until(end); left > 0 {
			return min(wait, left)
		}
	}
	return wait
}
