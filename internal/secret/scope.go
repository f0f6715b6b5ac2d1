package secret

import (
	"context"
	"maps"
	"slices"
	"sync"

	"github.com/zclconf/go-cty/cty"
)

// Scope resolves secrets for one evaluation and records which ones it used.
type Scope struct {
	resolver *Resolver
	mu       sync.Mutex
	used     map[Ref]bool
}

// Scope begins an evaluation.
func (r *Resolver) Scope() *Scope { return &Scope{resolver: r, used: make(map[Ref]bool)} }

// Secret is [Resolver.Secret], recorded.
func (s *Scope) Secret(ctx context.Context, name string) (string, error) {
	s.record(Ref{Store: Env, Path: name})
	return s.resolver.Secret(ctx, name)
}

// Vault is [Resolver.Vault], recorded.
func (s *Scope) Vault(ctx context.Context, path, key string, parameters cty.Value) (cty.Value, error) {
	request, err := newRequest(path, parameters)
	if err != nil {
		return cty.NilVal, err
	}
	s.record(request.ref(key))
	return s.resolver.vault(ctx, request, key)
}

// Used returns what the evaluation has asked for so far, also in vain.
func (s *Scope) Used() []Ref {
	s.mu.Lock()
	defer s.mu.Unlock()
	return sortRefs(slices.Collect(maps.Keys(s.used)))
}

func (s *Scope) record(ref Ref) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.used[ref] = true
}
