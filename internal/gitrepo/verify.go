package gitrepo

import (
	"errors"
	"fmt"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// isReadable reports whether a commit and the top of its tree can be read.
func isReadable(m *mirror, hash plumbing.Hash) bool {
	commit, err := m.CommitObject(hash)
	if err != nil {
		return false
	}
	_, err = commit.Tree()
	return err == nil
}

// verify makes sure who signed a commit and walks its whole tree: every object
// must be there, and their number and size within the limits. It returns the
// commits of the submodules, too.
func (r *Repo) verify(mirror *git.Repository, want target) (Commit, map[string]plumbing.Hash, error) {
	hash := want.hash
	object, err := mirror.CommitObject(hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) && r.opts.Ref.Commit != "" {
		return Commit{}, nil, fmt.Errorf("%s has no branch or tag that holds the commit %s", r.url, hash)
	}
	if err != nil {
		return Commit{}, nil, fmt.Errorf("read the commit %s: %w", hash, err)
	}
	commit := describe(object)
	if err := r.authenticate(mirror, want, &commit); err != nil {
		return Commit{}, nil, err
	}
	tree, err := r.list(mirror, hash)
	if err != nil {
		return Commit{}, nil, fmt.Errorf("read the tree of the commit %s: %w", hash, err)
	}
	if err := r.checkPaths(tree); err != nil {
		return Commit{}, nil, err
	}
	if err := r.checkSize(tree); err != nil {
		return Commit{}, nil, fmt.Errorf("read the files of the commit %s: %w", hash, err)
	}
	commit.LFS, err = r.pointers(mirror, tree.files)
	return commit, tree.modules, err
}

func (r *Repo) checkSize(tree listing) error {
	var total int64
	for path, file := range tree.files {
		size, err := file.from.Storer.EncodedObjectSize(file.Hash)
		if err != nil {
			return fmt.Errorf("read %s: %w", path, err)
		}
		if total += size; total > r.opts.MaxSize {
			return fmt.Errorf("%w: they hold more than the max_size of %d bytes", errRefused, r.opts.MaxSize)
		}
	}
	return nil
}

func (r *Repo) list(mirror *git.Repository, hash plumbing.Hash) (listing, error) {
	commit, err := mirror.CommitObject(hash)
	if err != nil {
		return listing{}, err
	}
	tree, err := commit.Tree()
	if err != nil {
		return listing{}, err
	}
	return listTree(mirror, tree, r.opts.MaxFiles)
}
