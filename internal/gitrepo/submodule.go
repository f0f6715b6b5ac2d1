package gitrepo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
)

const (
	// maxNesting is how deep submodules may be within submodules.
	maxNesting = 5
	// maxModulesFile bounds a .gitmodules.
	maxModulesFile = 1 << 20
)

// fetchModules gets the commits of the submodules, each into a mirror of its
// own. The limits are for all of them together.
func (r *Repo) fetchModules(ctx context.Context, mirror *git.Repository, commit *Commit, modules map[string]plumbing.Hash) error {
	hash := plumbing.NewHash(commit.Hash)
	urls, err := r.moduleURLs(mirror, hash)
	if err != nil {
		return err
	}
	whole, err := r.list(mirror, hash)
	if err != nil {
		return err
	}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		sub, err := r.openModule(name, urls[name], modules[name])
		if err != nil {
			return fmt.Errorf("get the submodule %s: %w", name, err)
		}
		at, err := sub.fetch(ctx)
		if err != nil {
			return fmt.Errorf("get the submodule %s: %w", name, err)
		}
		for _, pointer := range at.commit.LFS {
			commit.LFS = append(commit.LFS, path.Join(name, pointer))
		}
		if err := r.includeModule(whole, name, sub, modules[name]); err != nil {
			return err
		}
	}
	return r.checkPaths(whole)
}

func (r *Repo) includeModule(whole listing, name string, sub *Repo, commit plumbing.Hash) error {
	l, err := sub.listFetched(commit)
	if err == nil {
		err = whole.include(name, l, r.opts.MaxFiles)
	}
	if err == nil {
		err = r.checkSize(whole)
	}
	if err != nil {
		return fmt.Errorf("read the submodule %s: %w", name, err)
	}
	return nil
}

// listWhole lists a commit with its submodules, which must have been fetched.
func (r *Repo) listWhole(mirror *git.Repository, hash plumbing.Hash) (listing, error) {
	l, err := r.list(mirror, hash)
	if err != nil || !r.opts.Submodules || len(l.modules) == 0 {
		return l, err
	}
	urls, err := r.moduleURLs(mirror, hash)
	if err != nil {
		return listing{}, err
	}
	for name, commit := range l.modules {
		sub, err := r.openModule(name, urls[name], commit)
		if err != nil {
			return listing{}, fmt.Errorf("read the submodule %s: %w", name, err)
		}
		if err := r.includeModule(l, name, sub, commit); err != nil {
			return listing{}, err
		}
	}
	return l, nil
}

// listFetched lists a commit that is in the mirror.
func (r *Repo) listFetched(commit plumbing.Hash) (listing, error) {
	mirror := r.openMirror()
	if mirror == nil {
		return listing{}, errors.New("its mirror is not there")
	}
	return r.listWhole(mirror.Repository, commit)
}

// openModule opens the mirror of a submodule. Whoever owns the mirror of the
// repository owns those of its submodules.
func (r *Repo) openModule(name, address string, commit plumbing.Hash) (*Repo, error) {
	if r.opts.nesting >= maxNesting {
		return nil, fmt.Errorf("%w: submodules are nested more than %d deep", errRefused, maxNesting)
	}
	if address == "" {
		return nil, fmt.Errorf("%w: .gitmodules has no url for it", errRefused)
	}
	opts := r.opts
	opts.nesting++
	opts.Verify = nil // its commit is part of what was verified
	opts.Ref = Ref{Commit: commit.String()}
	var err error
	if opts.URL, err = moduleURL(r.url, address); err != nil {
		return nil, err
	}
	if !sameServer(r.url, opts.URL) {
		// Credentials are for the server they were given for.
		opts.Auth = Auth{KnownHosts: opts.Auth.KnownHosts}
	}
	digest := sha256.Sum256([]byte(name + "\x00" + opts.URL))
	sub, err := Open(filepath.Join(r.dir, "modules", hex.EncodeToString(digest[:8])), opts)
	if err != nil {
		return nil, err
	}
	sub.hidden = r.hidden
	return sub, nil
}

// moduleURLs reads the urls of the submodules, by path.
func (r *Repo) moduleURLs(mirror *git.Repository, hash plumbing.Hash) (map[string]string, error) {
	commit, err := mirror.CommitObject(hash)
	if err != nil {
		return nil, err
	}
	file, err := commit.File(".gitmodules")
	if err != nil {
		return nil, fmt.Errorf("%w: it has submodules and no .gitmodules", errRefused)
	}
	text, err := readBlob(mirror, file.Hash, maxModulesFile)
	if err != nil {
		return nil, fmt.Errorf("read .gitmodules: %w", err)
	}
	modules := config.NewModules()
	if err := modules.Unmarshal(text); err != nil {
		return nil, fmt.Errorf("%w: its .gitmodules can't be read: %w", errRefused, err)
	}
	urls := make(map[string]string, len(modules.Submodules))
	for _, m := range modules.Submodules {
		urls[path.Clean(m.Path)] = m.URL
	}
	return urls, nil
}

// moduleURL resolves the url of a submodule against that of its repository, and
// refuses one that leads from the network to this machine's files.
func moduleURL(parent, address string) (string, error) {
	if strings.HasPrefix(address, "./") || strings.HasPrefix(address, "../") {
		return relativeURL(parent, address)
	}
	above, err := parseURL(parent)
	if err != nil {
		return "", err
	}
	endpoint, err := parseURL(address)
	if err != nil {
		return "", fmt.Errorf("%w: %w", errRefused, err)
	}
	switch endpoint.Protocol {
	case above.Protocol, "https", "ssh":
		return address, nil
	}
	return "", fmt.Errorf("%w: a %s repository may not refer to a submodule by %s", errRefused, above.Protocol, endpoint.Protocol)
}

// relativeURL resolves a path against a url, or against the short form of ssh.
func relativeURL(parent, address string) (string, error) {
	outside := fmt.Errorf("%w: the url %q of a submodule leads out of its server", errRefused, address)
	if u, err := url.Parse(parent); err == nil && u.Scheme != "" {
		if strings.Count(address, "../") > strings.Count(strings.TrimSuffix(u.Path, "/"), "/") {
			return "", outside
		}
		u.Path, u.RawPath = path.Join(u.Path, address), ""
		return u.String(), nil
	}
	host, dir, _ := strings.Cut(parent, ":")
	joined := path.Join(dir, address)
	if joined == ".." || strings.HasPrefix(joined, "../") {
		return "", outside
	}
	return host + ":" + joined, nil
}

// sameServer reports whether two urls are of one server, by one protocol.
func sameServer(a, b string) bool {
	x, errX := transport.NewEndpoint(a)
	y, errY := transport.NewEndpoint(b)
	return errX == nil && errY == nil && x.Protocol == y.Protocol && strings.EqualFold(x.Host, y.Host) && x.Port == y.Port
}
