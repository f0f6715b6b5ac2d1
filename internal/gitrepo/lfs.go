package gitrepo

import (
	"bytes"
	"fmt"
	"io"
	"path"
	"slices"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
)

// LFS says what to do with files whose content is in a large file store (Git
// LFS), and of which the repository itself has no more than a pointer.
type LFS string

// What can be done with pointers. The store itself is never asked.
const (
	LFSWarn   LFS = "warn"   // leave them in place of the files, and name them in [Commit]
	LFSError  LFS = "error"  // refuse the commit
	LFSIgnore LFS = "ignore" // leave them, and say nothing
)

const (
	// maxPointer bounds a pointer, as the specification of Git LFS does.
	maxPointer = 1024
	// maxNamed is how many paths are named where there may be very many.
	maxNamed = 5
	// maxAttributes bounds a .gitattributes, as git does.
	maxAttributes = 100 << 20
)

// pointers returns the first paths of files that are pointers to a large file
// store. Contents are only looked at in a repository that says it uses one.
func (r *Repo) pointers(mirror *git.Repository, files map[string]treeFile) ([]string, error) {
	if r.opts.LFS == LFSIgnore {
		return nil, nil
	}
	uses, err := usesLFS(mirror, files)
	if err != nil || !uses {
		return nil, err
	}
	var found []string
	for name, file := range files {
		is, err := isPointer(mirror, file.Hash)
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		if is {
			found = append(found, name)
		}
	}
	slices.Sort(found)
	found = found[:min(len(found), maxNamed)]
	if len(found) > 0 && r.opts.LFS == LFSError {
		return nil, fmt.Errorf("%w: the content of %s is in a large file store (Git LFS), which is not read: keep the file in git, or set lfs to \"warn\" where nobody needs it", errRefused, found[0])
	}
	return found, nil
}

func usesLFS(mirror *git.Repository, files map[string]treeFile) (bool, error) {
	for name, file := range files {
		if path.Base(name) != ".gitattributes" {
			continue
		}
		text, err := readBlob(mirror, file.Hash, maxAttributes)
		if err != nil {
			return false, fmt.Errorf("read %s: %w", name, err)
		}
		if bytes.Contains(text, []byte("filter=lfs")) {
			return true, nil
		}
	}
	return false, nil
}

func isPointer(mirror *git.Repository, hash plumbing.Hash) (bool, error) {
	size, err := mirror.Storer.EncodedObjectSize(hash)
	if err != nil || size > maxPointer {
		return false, err
	}
	text, err := readBlob(mirror, hash, maxPointer)
	return bytes.HasPrefix(text, []byte("version https://git-lfs.github.com/spec/")), err
}

// readBlob returns the first bytes of a file.
func readBlob(mirror *git.Repository, hash plumbing.Hash, limit int64) ([]byte, error) {
	blob, err := mirror.BlobObject(hash)
	if err != nil {
		return nil, err
	}
	reader, err := blob.Reader()
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	return io.ReadAll(io.LimitReader(reader, limit))
}
