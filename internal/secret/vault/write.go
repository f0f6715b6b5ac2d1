package vault

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hashicorp/vault/api"
)

// errLeased is what becomes of a certificate whose role makes leases.
var errLeased = fmt.Errorf("%w: the role ties each certificate to a lease, and so it would be revoked as soon as driftless logs out; set generate_lease=false on the role, as it is by default", errRefused)

// IsPure reports whether a write at a path only computes something of its
// parameters, as transit does when it decrypts, and makes nothing that stays.
func (c *Client) IsPure(ctx context.Context, path string) (bool, error) {
	at, known, err := c.mountOf(ctx, path)
	if err != nil {
		return false, c.accessError(write, path, path, nil, err)
	}
	if !known || at.engine != "transit" {
		return false, nil
	}
	operation, _, _ := strings.Cut(strings.TrimPrefix(path, at.path), "/")
	switch operation {
	case "decrypt", "hmac", "hash", "verify":
		return true, nil
	}
	return false, nil
}

// Write sends parameters to a path and returns the answer: a certificate that
// was issued, or what transit has decrypted, which is returned as text. An
// answer that Vault gives no end is never due again. The errors are those of
// [Client.Read].
func (c *Client) Write(ctx context.Context, path string, parameters map[string]any) (secret Secret, err error) {
	defer func() { c.counters.failed(err) }()
	if err := CheckPath(path); err != nil {
		return Secret{}, err
	}
	began := time.Now()
	answer, s, err := c.do(ctx, func(ctx context.Context, client *api.Client) (*api.Secret, error) {
		return client.Logical().WriteWithContext(ctx, path, parameters)
	})
	if err == nil && (answer == nil || len(answer.Data) == 0) {
		err = fmt.Errorf("%w: the answer is empty", errRefused)
	}
	if err != nil {
		return Secret{}, c.accessError(write, path, path, s, err)
	}
	secret = Secret{Data: answer.Data, Replaced: s.replaced}
	secret.Lease, secret.Life = leaseOf(answer, began)
	if end, ok := expiration(answer.Data); ok {
		if secret.Lease != "" {
			if err := c.Revoke(ctx, secret.Lease); err != nil {
				c.log.Warn("a certificate that can't be used was left to end by itself", "path", path, "error", err)
			}
			return Secret{}, c.accessError(write, path, path, s, errLeased)
		}
		secret.Life = Lifetime{From: began, TTL: end.Sub(began)}
	}
	if err := decodePlaintext(secret.Data, path); err != nil {
		return Secret{}, c.accessError(write, path, path, s, err)
	}
	return secret, nil
}

// expiration returns when a certificate ends.
func expiration(data map[string]any) (time.Time, bool) {
	n, ok := data["expiration"].(json.Number)
	if !ok {
		return time.Time{}, false
	}
	end, err := n.Int64()
	return time.Unix(end, 0), err == nil && end > 0
}

// decodePlaintext takes what transit has decrypted out of the base64 that it
// is answered in.
func decodePlaintext(data map[string]any, path string) error {
	encoded, ok := data["plaintext"].(string)
	if !ok || !strings.Contains("/"+path, "/decrypt/") {
		return nil
	}
	text, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil // another engine's plaintext, which is what it is
	}
	if !utf8.Valid(text) {
		return fmt.Errorf("%w: what was decrypted is no text, and a value of the language can hold nothing else", errRefused)
	}
	data["plaintext"] = string(text)
	return nil
}
