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
}

// String returns the call that the ref stands for: vault("kv/app", "password").
func (r Ref) String() string {
	if r.Store == Vault {
		return fmt.Sprintf("vault(%q, %q)", r.Path, r.Key)
	}
	return fmt.Sprintf("secret(%q)", r.Path)
}

func compareRefs(a, b Ref) int {
	return cmp.Or(cmp.Compare(a.Store, b.Store), strings.Compare(a.Path, b.Path), strings.Compare(a.Key, b.Key))
}

func sortRefs(refs []Ref) []Ref {
	slices.SortFunc(refs, compareRefs)
	return refs
}
