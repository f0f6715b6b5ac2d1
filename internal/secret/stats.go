package secret

import "github.com/driftless-hq/driftless/internal/secret/vault"

// Stats are the figures of a resolver.
type Stats struct {
	Leases int  // that are alive
	Away   bool // whether Vault doesn't answer
	vault.Stats
}

// Stats returns the figures of now.
func (r *Resolver) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	var s Stats
	for _, e := range r.entries {
		if e.lease() != "" {
			s.Leases++
		}
	}
	if r.client != nil {
		s.Stats = r.client.Stats()
		s.Away = r.client.Back() != nil
	}
	return s
}
