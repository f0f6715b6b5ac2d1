package secret

import (
	"context"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// never is later than any process ends.
const never = 100 * 365 * 24 * time.Hour

// follower keeps one secret alive. It is the only one that changes its entry
// after the first read.
type follower struct {
	entry    *entry
	client   *vault.Client
	secret   vault.Secret
	firstTTL time.Duration   // what the lease had when it was given
	replaced <-chan struct{} // closed when the token that the lease hangs on is given up
	back     <-chan struct{} // closed when Vault is back, where it was away at the last attempt
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
		case <-f.back:
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
	f.back = nil
	switch {
	case f.secret.Life.TTL > 0:
		// One that was issued by an earlier process has lived for a while.
		return time.Until(f.secret.Life.From.Add(f.secret.Life.Next()))
	case f.secret.Refresh > 0:
		return vault.Jitter(f.secret.Refresh)
	}
	return never
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
	secret, err := f.entry.ask(ctx, f.client, f.secret.Life.From)
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

// failed handles that a secret could not be read again. What has an
// end stays good until then; another value until Vault itself says no.
func (f *follower) failed(err error) time.Duration {
	switch {
	case f.secret.Life.Over(time.Now()):
		f.entry.fail(fmt.Errorf("what Vault gave at %q has ended: %w", f.entry.request.path, err), true)
	case f.secret.Life.End().IsZero() && f.secret.Lease == "" && vault.IsFinal(err):
		f.entry.fail(err, true)
	default:
		f.entry.fail(err, false)
	}
	return f.retry()
}

// retry returns when to try again: at the end of a lease at the latest, to
// withdraw its value then, and at once when Vault is back.
func (f *follower) retry() time.Duration {
	f.back = f.client.Back()
	wait := f.backoff.Next()
	if end := f.secret.Life.End(); !end.IsZero() {
		if left := time.Until(end); left > 0 {
			return min(wait, left)
		}
	}
	return wait
}
