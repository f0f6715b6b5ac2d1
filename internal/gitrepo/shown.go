package gitrepo

import (
	"errors"
	"fmt"
	"io/fs"
)

// Shown returns the commit that is checked out, also across restarts and where
// another process did that. It reports false where there is none, or it is not
// known more of it than its hash.
func (r *Repo) Shown() (Commit, bool) {
	m, err := readManifest(r.manifestPath())
	return m.Described, err == nil && m.Commit != "" && m.Described.Hash == m.Commit
}

// Shown returns the commit whose files are at a path that [Repo.Checkout] has
// returned, empty where the path is no checkout of this package. It stays what
// it is for as long as the checkout is held, see [Hold].
func Shown(path string) (commit string, err error) {
	m, err := readManifest(path + ".json")
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("find out which commit is checked out at %s: %w", path, err)
	}
	return m.Commit, nil
}
