package secret

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/driftless-hq/driftless/internal/secret/vault"
)

// Memory keeps what was issued, so that the next process uses it too.
type Memory interface {
	// Load returns what was saved under a name, nil where there is nothing.
	Load(name string) ([]byte, error)
	// Save keeps content until its end.
	Save(name string, content []byte, end time.Time) error
}

// errWithheld says that a request was not made, because it would make something
// that stays.
var errWithheld = errors.New("it is issued when the configuration is applied")

// ask makes the request, or finds what an earlier one has brought since a time.
func (e *entry) ask(ctx context.Context, client *vault.Client, since time.Time) (vault.Secret, error) {
	if !e.request.isWrite() {
		return client.Read(ctx, e.request.path)
	}
	pure, err := client.IsPure(ctx, e.request.path)
	if err != nil {
		return vault.Secret{}, err
	}
	if pure {
		return client.Write(ctx, e.request.path, e.request.parameters)
	}
	return e.issue(ctx, client, since)
}

// issue returns a certificate that was issued after a time and has more than a
// third of its life before it, or else has a new one issued.
func (e *entry) issue(ctx context.Context, client *vault.Client, since time.Time) (vault.Secret, error) {
	memory, err := e.resolver.openMemory()
	if err != nil {
		return vault.Secret{}, err
	}
	name := client.Identity() + "\n" + e.request.path + "\n" + e.request.encoded
	known, err := recall(memory, name)
	if err != nil {
		return vault.Secret{}, err
	}
	if known.Life.From.After(since) && time.Now().Before(known.Life.From.Add(known.Life.TTL*2/3)) {
		return known, nil
	}
	if !e.resolver.opts.Issue {
		return vault.Secret{}, errWithheld
	}
	issued, err := client.Write(ctx, e.request.path, e.request.parameters)
	if err != nil {
		return vault.Secret{}, err
	}
	e.resolver.opts.Log.Info("Vault has issued what was asked for", "path", e.request.path, "end", issued.Life.End())
	return issued, remember(memory, name, issued)
}

// issued is a certificate as a memory keeps it.
type issued struct {
	Data map[string]any `json:"data"`
	From time.Time      `json:"from"`
	TTL  time.Duration  `json:"ttl"`
}

// recall returns what was issued under a name; its life is none where there is
// nothing.
func recall(memory Memory, name string) (vault.Secret, error) {
	if memory == nil {
		return vault.Secret{}, nil
	}
	content, err := memory.Load(name)
	if err != nil || content == nil {
		return vault.Secret{}, err
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.UseNumber()
	var known issued
	if err := decoder.Decode(&known); err != nil {
		return vault.Secret{}, fmt.Errorf("read what Vault has issued: %w", err)
	}
	return vault.Secret{Data: known.Data, Life: vault.Lifetime{From: known.From, TTL: known.TTL}}, nil
}

// remember keeps what was issued. What has a lease ends with the process, and
// what has no end can't be told to be good still.
func remember(memory Memory, name string, secret vault.Secret) error {
	end := secret.Life.End()
	if memory == nil || secret.Lease != "" || end.IsZero() {
		return nil
	}
	content, err := json.Marshal(issued{secret.Data, secret.Life.From, secret.Life.TTL})
	if err != nil {
		return fmt.Errorf("keep what Vault has issued: %w", err)
	}
	return memory.Save(name, content, end)
}

// openMemory returns nil where there is none.
func (r *Resolver) openMemory() (Memory, error) {
	if r.opts.Memory == nil {
		return nil, nil //nolint:nilnil // no memory is a way to work
	}
	return r.opts.Memory()
}
