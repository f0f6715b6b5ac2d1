package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

const (
	// objectCache bounds what go-git keeps of a repository in memory.
	objectCache = 16 * cache.MiByte
	// maxPacks is how many packs may pile up, one per fetch, before the
	// mirror is cloned anew: go-git never repacks.
	maxPacks = 50
)

// errRefused says that a commit is too large, or could reach out of its
// checkout. Cloning it again would not help.
var errRefused = errors.New("the commit is refused")

// Fetch asks the remote for the commit of the reference, fetches it where it
// is new, and reports whether it differs from that of the last Fetch. After an
// error the mirror and the checkout are as they were.
func (r *Repo) Fetch(ctx context.Context) (Commit, bool, error) {
	ctx, cancel := context.WithTimeout(ctx, r.opts.Timeout)
	defer cancel()
	var commit Commit
	var changed bool
	err := r.do(ctx, func() (err error) {
		commit, changed, err = r.fetch(ctx)
		return err
	})
	if err != nil {
		// What f assigned is not looked at: it may still be running.
		return Commit{}, false, r.hidden.Error(r.timedOut(ctx, err))
	}
	return commit, changed, nil
}

// timedOut puts the limit into an error that is due to it.
func (r *Repo) timedOut(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !errors.Is(err, errRefused) {
		return r.explain(fmt.Errorf("%w", context.DeadlineExceeded))
	}
	return err
}

func (r *Repo) fetch(ctx context.Context) (Commit, bool, error) {
	want, err := r.resolve(ctx)
	if err != nil {
		return Commit{}, false, err
	}
	before, _, _ := r.Last()
	mirror := r.openMirror()
	if mirror != nil && before.Hash == want.hash.String() {
		if commit, err := readable(mirror, want.hash); err == nil {
			return commit, false, r.remember(commit)
		}
	}
	commit, err := r.bring(ctx, mirror, want)
	if err != nil {
		return Commit{}, false, err
	}
	return commit, commit.Hash != before.Hash, r.remember(commit)
}

// bring gets the wanted commit into the mirror: by a fetch where there is one
// that can be trusted, else by a fresh clone.
func (r *Repo) bring(ctx context.Context, mirror *git.Repository, want target) (Commit, error) {
	if mirror != nil && r.packs() <= maxPacks {
		commit, err := r.update(ctx, mirror, want, 0)
		if err == nil || ctx.Err() != nil || errors.Is(err, errRefused) {
			return commit, err
		}
		r.opts.Log.Warn("the mirror could not be brought up to date; cloning it again", "error", r.hidden.Error(err))
	}
	return r.clone(ctx, want)
}

// clone makes a new mirror beside the old one, and swaps them when it is whole.
func (r *Repo) clone(ctx context.Context, want target) (Commit, error) {
	fresh := filepath.Join(r.dir, "mirror.new")
	if err := os.RemoveAll(fresh); err != nil {
		return Commit{}, err
	}
	defer func() { _ = os.RemoveAll(fresh) }() // what is left is removed before the next clone
	mirror, err := git.Init(openStorage(fresh), nil)
	if err != nil {
		return Commit{}, fmt.Errorf("create the mirror: %w", err)
	}
	commit, err := r.update(ctx, mirror, want, r.opts.Depth)
	if err != nil {
		return Commit{}, err
	}
	if err := os.RemoveAll(r.mirrorDir()); err != nil {
		return Commit{}, err
	}
	if err := os.Rename(fresh, r.mirrorDir()); err != nil {
		return Commit{}, err
	}
	r.setSuspect(false)
	return commit, nil
}

// update fetches into a mirror and makes sure that all of the commit arrived:
// go-git reports success also where a shallow mirror lacks objects after a
// forced push.
func (r *Repo) update(ctx context.Context, mirror *git.Repository, want target, depth int) (Commit, error) {
	if _, err := readable(mirror, want.hash); err != nil {
		if err := r.transfer(ctx, mirror, want, depth); err != nil {
			return Commit{}, err
		}
	}
	return r.verify(mirror, want.hash)
}

func (r *Repo) transfer(ctx context.Context, mirror *git.Repository, want target, depth int) error {
	if err := r.reach(ctx); err != nil {
		return r.explain(err)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watched := r.watchSize(ctx, cancel)
	remote := git.NewRemote(mirror.Storer, &config.RemoteConfig{Name: "origin", URLs: []string{r.url}})
	err := remote.FetchContext(ctx, &git.FetchOptions{
		RefSpecs: want.specs, Auth: r.auth, CABundle: r.opts.CABundle,
		Depth: depth, Tags: git.NoTags, Force: true,
	})
	cancel(nil)
	<-watched
	if cause := context.Cause(ctx); errors.Is(cause, errRefused) {
		return cause
	}
	if err != nil && !errors.Is(err, git.NoErrAlreadyUpToDate) {
		return r.explain(err)
	}
	return nil
}

// watchSize ends a transfer that grows over the limit. The returned channel is
// closed when the watch has ended, which it does with ctx.
func (r *Repo) watchSize(ctx context.Context, cancel context.CancelCauseFunc) <-chan struct{} {
	done := make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if size := diskUsage(r.mirrorDir()) + diskUsage(r.mirrorDir()+".new"); size > 2*r.opts.MaxSize {
					cancel(fmt.Errorf("%w: fetching it took over twice the max_size of %d bytes", errRefused, r.opts.MaxSize))
				}
			}
		}
	}()
	return done
}

// readable returns the commit if it and the top of its tree can be read.
func readable(mirror *git.Repository, hash plumbing.Hash) (Commit, error) {
	commit, err := mirror.CommitObject(hash)
	if err != nil {
		return Commit{}, err
	}
	if _, err := commit.Tree(); err != nil {
		return Commit{}, err
	}
	return describe(commit), nil
}

// verify walks the whole tree of a commit: every object must be there, and
// their number and size within the limits.
func (r *Repo) verify(mirror *git.Repository, hash plumbing.Hash) (Commit, error) {
	commit, err := mirror.CommitObject(hash)
	if errors.Is(err, plumbing.ErrObjectNotFound) && r.opts.Ref.Commit != "" {
		return Commit{}, fmt.Errorf("%s has no branch or tag that holds the commit %s", r.url, hash)
	}
	if err != nil {
		return Commit{}, fmt.Errorf("read the commit %s: %w", hash, err)
	}
	tree, err := commit.Tree()
	if err != nil {
		return Commit{}, fmt.Errorf("read the tree of the commit %s: %w", hash, err)
	}
	var total int64
	files, err := listTree(tree, r.opts.MaxFiles)
	if err != nil {
		return Commit{}, err
	}
	for path, file := range files {
		size, err := mirror.Storer.EncodedObjectSize(file.Hash)
		if err != nil {
			return Commit{}, fmt.Errorf("read %s of the commit %s: %w", path, hash, err)
		}
		if total += size; total > r.opts.MaxSize {
			return Commit{}, fmt.Errorf("%w: the files of the commit %s hold more than the max_size of %d bytes", errRefused, hash, r.opts.MaxSize)
		}
	}
	return describe(commit), nil
}

// openMirror returns nil where there is no mirror to rely on.
func (r *Repo) openMirror() *git.Repository {
	r.mu.Lock()
	suspect := r.suspect
	r.mu.Unlock()
	if suspect {
		return nil
	}
	mirror, err := git.Open(openStorage(r.mirrorDir()), nil)
	if err != nil {
		return nil
	}
	return mirror
}

func (r *Repo) setSuspect(to bool) {
	r.mu.Lock()
	r.suspect = to
	r.mu.Unlock()
}

func (r *Repo) mirrorDir() string { return filepath.Join(r.dir, "mirror") }

func (r *Repo) packs() int {
	names, _ := filepath.Glob(filepath.Join(r.mirrorDir(), "objects", "pack", "*.pack"))
	return len(names)
}

func openStorage(dir string) *filesystem.Storage {
	return filesystem.NewStorage(osfs.New(dir), cache.NewObjectLRU(objectCache))
}

// diskUsage adds up the files under dir. Those that vanish meanwhile, and a
// directory that isn't there, count as nothing.
func diskUsage(dir string) (total int64) {
	// The function returns no error, so neither does the walk.
	_ = filepath.WalkDir(dir, func(_ string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return nil
		}
		if info, err := entry.Info(); err == nil {
			total += info.Size()
		}
		return nil
	})
	return total
}
