package secret

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Store is where secrets are kept.
type Store string

// The stores.
const (
	Env   Store = "secret" // the env file and the environment
	Vault Store = "vault"
)

// Ref names a secret. It is not one itself.
type Ref struct {
	Store Store
	Path  string // the name, or the path in Vault
	Key   string // in Vault
	// Parameters is a digest of those of a write to Vault, empty for a read.
	Parameters string
}

// String returns the call that the ref stands for: vault("kv/app", "password").
func (r Ref) String() string {
	if r.Parameters != "" {
		return fmt.Sprintf("vault(%q, %q, {...})", r.Path, r.Key)
	}
	if r.Store == Vault {
		return fmt.Sprintf("vault(%q, %q)", r.Path, r.Key)
	}
	return fmt.Sprintf("secret(%q)", r.Path)
}

// request is the ref of all the keys of one answer.
func (r Ref) request() Ref {
	r.Key = ""
	return r
}

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Store, b.Store), strings.Compare(a.Path, b.Path), strings.Compare(a.Key, b.Key), strings.Compare(a.Parameters, b.Parameters))
}

func sortRefs(refs []Ref) []Ref {
	slices.SortFunc(refs, compareRefs)
	return refs
}
