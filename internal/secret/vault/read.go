package vault

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode"

	"github.com/hashicorp/vault/api"
)

// Secret is what is at a path.
type Secret struct {
	Data map[string]any

	// Lease is the id of the lease, empty for a value that has none.
	Lease string
	// Life is that of the lease, or of a certificate. A value without an end is
	// to be read again after Refresh, and where that is 0 never.
	Life    Lifetime
	Refresh time.Duration

	// Replaced is closed when the token that the lease hangs on is given up
	// for another: the lease ends with it.
	Replaced <-chan struct{}
}

// CheckPath says what is wrong with the path of a secret, without asking Vault.
func CheckPath(path string) error {
	switch {
	case path == "":
		return fmt.Errorf("the path of a Vault secret is empty; write it as in \"kv/app\"")
	case len(path) > 512:
		return fmt.Errorf("the path of a Vault secret is longer than 512 bytes")
	case strings.HasPrefix(path, "/") || strings.HasSuffix(path, "/"):
		return fmt.Errorf("%q is no path of a Vault secret: leave out the slash at its beginning or end", path)
	case strings.HasPrefix(path, "v1/"):
		return fmt.Errorf("%q is no path of a Vault secret: leave out the v1/ of Vault's HTTP interface", path)
	case strings.ContainsAny(path, "?#%*+\\") || strings.ContainsFunc(path, func(r rune) bool { return !unicode.IsPrint(r) }):
		return fmt.Errorf("%q is no path of a Vault secret: it holds a character that paths can't have", path)
	}
	for part := range strings.SplitSeq(path, "/") {
		if part == "" || part == "." || part == ".." {
			return fmt.Errorf("%q is no path of a Vault secret: no part of it may be empty, \".\" or \"..\"", path)
		}
	}
	return nil
}

// Read returns what is at a path, of KV in either version, which is found out,
// or of any engine that answers to a read, such as database/creds/ROLE. The
// error is [ErrDenied] or [ErrNotFound] where Vault says so; see [IsFinal].
func (c *Client) Read(ctx context.Context, path string) (secret Secret, err error) {
	defer func() { c.counters.failed(err) }()
	if err := CheckPath(path); err != nil {
		return Secret{}, err
	}
	at, known, err := c.mountOf(ctx, path)
	if err != nil {
		return Secret{}, c.accessError(read, path, path, nil, err)
	}
	secret, err = c.read(ctx, at, path)
	if err == nil || !errors.Is(err, ErrDenied) && !errors.Is(err, ErrNotFound) {
		return secret, err
	}
	if known {
		c.mounts.forget(at)
		return Secret{}, err
	}
	// It may be KV version 2 all the same, mounted at the first part.
	first, _, _ := strings.Cut(path, "/")
	guess := mount{path: first + "/", engine: "kv", versioned: true}
	if again, againErr := c.read(ctx, guess, path); againErr == nil {
		c.mounts.add(guess)
		return again, nil
	}
	return Secret{}, err
}

func (c *Client) read(ctx context.Context, at mount, path string) (Secret, error) {
	from := at.readPath(path)
	began := time.Now()
	answer, s, err := c.do(ctx, func(ctx context.Context, client *api.Client) (*api.Secret, error) {
		return client.Logical().ReadWithContext(ctx, from)
	})
	if err != nil {
		return Secret{}, c.accessError(read, path, from, s, err)
	}
	data := map[string]any(nil)
	if answer != nil {
		data = answer.Data
	}
	if at.versioned {
		// What has been deleted has metadata, and no data.
		data, _ = data["data"].(map[string]any)
	}
	if data == nil {
		return Secret{}, c.accessError(read, path, from, s, ErrNotFound)
	}
	secret := Secret{Data: data, Refresh: refresh(answer, c.config.Refresh), Replaced: s.replaced}
	secret.Lease, secret.Life = leaseOf(answer, began)
	return secret, nil
}

// leaseOf returns the lease that an answer came with, if it has one.
func leaseOf(answer *api.Secret, began time.Time) (string, Lifetime) {
	if answer.LeaseID == "" {
		return "", Lifetime{}
	}
	ttl := seconds(answer.LeaseDuration)
	return answer.LeaseID, Lifetime{From: began, TTL: ttl, Renewable: answer.Renewable && ttl > 0}
}

// refresh returns when a value without a lease is to be read again: sooner
// than usual if Vault says how long it holds. A database's static role says
// when its password changes.
func refresh(answer *api.Secret, usual time.Duration) time.Duration {
	if ttl, ok := answer.Data["ttl"].(json.Number); ok && answer.Data["rotation_period"] != nil {
		if n, err := ttl.Int64(); err == nil && n >= 0 && n < int64(usual/time.Second) {
			return time.Duration(n+1) * time.Second
		}
	}
	if hint := seconds(answer.LeaseDuration); hint > 0 && hint < usual {
		return hint
	}
	return usual
}

// Renew extends a lease by as much as it had at first, if Vault grants that,
// and returns its life from now on.
func (c *Client) Renew(ctx context.Context, lease string, life Lifetime, first time.Duration) (renewed Lifetime, err error) {
	defer func() { c.counters.renewed(err) }()
	answer, _, err := c.do(ctx, func(ctx context.Context, client *api.Client) (*api.Secret, error) {
		return client.Sys().RenewWithContext(ctx, lease, int(first.Seconds()))
	})
	if err == nil && answer == nil {
		err = fmt.Errorf("%w: the answer is empty", errRefused)
	}
	if err != nil {
		return life, fmt.Errorf("renew a lease at Vault at %s: %w", c.config.Address, err)
	}
	return life.Renewed(time.Now(), seconds(answer.LeaseDuration), answer.Renewable), nil
}

// Revoke ends a lease.
func (c *Client) Revoke(ctx context.Context, lease string) error {
	_, _, err := c.do(ctx, func(ctx context.Context, client *api.Client) (*api.Secret, error) {
		return nil, client.Sys().RevokeWithContext(ctx, lease)
	})
	if err != nil {
		return fmt.Errorf("revoke a lease at Vault at %s: %w", c.config.Address, err)
	}
	return nil
}

// access is what was done at a path, and the capability that it takes.
type access struct{ verb, capability string }

var (
	read  = access{"read %q from Vault at %s", "read"}
	write = access{"write to %q in Vault at %s", "update"}
)

// accessError says what to do about a failure. The policy it proposes is for
// the path of Vault's interface, which is not always the one that people write.
func (c *Client) accessError(a access, path, from string, s *session, err error) error {
	what := fmt.Errorf(a.verb+": %w", path, c.config.Address, err)
	switch {
	case errors.Is(err, errEnded):
		return what
	case errors.Is(err, ErrDenied):
		policies := "the policies of the token"
		if s != nil && len(s.policies) > 0 {
			policies += " (" + strings.Join(s.policies, ", ") + ")"
		}
		return fmt.Errorf("%w: %s don't allow it; one of them must say: path %q { capabilities = [%q] }", what, policies, from, a.capability)
	case a == read && errors.Is(err, ErrNotFound) && strings.Contains(path, "/"):
		parent := path[:strings.LastIndex(path, "/")]
		return fmt.Errorf("%w; \"vault kv list %s\" shows what there is in KV", what, parent)
	}
	return what
}
