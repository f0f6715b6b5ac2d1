package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
)

const (
	// objectCache bounds what go-git keeps of a repository in memory.
	objectCache = 16 * cache.MiByte
	// maxPacks is how many packs may pile up, one per fetch, before the
	// mirror is cloned anew: go-git never repacks.
	maxPacks = 50
	// wholeHistory is the depth by which git means all of it.
	wholeHistory = math.MaxInt32
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
	began := r.opts.Now()
	var got fetched
	err := r.do(ctx, func() (err error) {
		got, err = r.fetch(ctx)
		return err
	})
	if err != nil {
		r.count(began, Failed)
		r.tokens.failed(err)
		// What f assigned is not looked at: it may still be running.
		return Commit{}, false, r.hidden.Error(r.timedOut(ctx, err))
	}
	r.count(began, got.result)
	return got.commit, got.changed, nil
}

// timedOut puts the limit into an error that is due to it.
func (r *Repo) timedOut(ctx context.Context, err error) error {
	if errors.Is(ctx.Err(), context.DeadlineExceeded) && !errors.Is(err, errRefused) && !errors.Is(err, ErrBusy) {
		return r.explain(fmt.Errorf("%w", context.DeadlineExceeded))
	}
	return err
}

func (r *Repo) fetch(ctx context.Context) (fetched, error) {
	want, err := r.resolve(ctx)
	if err != nil {
		return fetched{}, err
	}
	before := r.loadState().Commit // another process may have been here
	mirror := r.openMirror()
	if mirror != nil && before.Hash == want.hash.String() && before.Ref == want.ref.String() && isReadable(mirror, want.hash) {
		return fetched{before, false, Unchanged}, r.remember(before)
	}
	commit, result, err := r.bring(ctx, mirror, want)
	if err != nil {
		return fetched{}, err
	}
	commit.Ref = want.ref.String()
	return fetched{commit, commit.Hash != before.Hash, result}, r.remember(commit)
}

// bring gets the wanted commit into the mirror, by the cheapest way that works:
// a fetch, a fetch of all that a shallow mirror lacks, a fresh clone.
func (r *Repo) bring(ctx context.Context, m *mirror, want target) (Commit, Result, error) {
	r.sweep()
	for _, depth := range r.steps(m) {
		commit, err := r.update(ctx, m, want, depth)
		if err == nil || isFinal(ctx, err) {
			return commit, Updated, err
		}
		r.opts.Log.Warn("the mirror could not be brought up to date; trying a longer way", "error", r.hidden.Error(err))
	}
	result := Updated
	if r.hasMirror() {
		result = Recloned
	}
	commit, err := r.clone(ctx, want)
	return commit, result, err
}

// steps are the depths to try a fetch with, none where only a clone will do. A
// fetch never asks for a few commits: go-git would get all that is there again.
func (r *Repo) steps(m *mirror) []int {
	if m == nil || r.packs() > maxPacks {
		return nil
	}
	if shallow, err := m.Storer.Shallow(); err == nil && len(shallow) == 0 {
		return []int{0}
	}
	return []int{0, wholeHistory}
}

// isFinal reports whether no other way can help.
func isFinal(ctx context.Context, err error) bool {
	return ctx.Err() != nil || errors.Is(err, errRefused)
}

// clone makes a new mirror beside the old one, and swaps them when it is whole.
func (r *Repo) clone(ctx context.Context, want target) (Commit, error) {
	fresh := r.mirrorDir() + ".new"
	if err := os.RemoveAll(fresh); err != nil {
		return Commit{}, err
	}
	defer func() { _ = os.RemoveAll(fresh) }() // what is left is removed before the next clone
	repository, err := git.Init(openStorage(fresh), nil)
	if err != nil {
		return Commit{}, fmt.Errorf("create the mirror: %w", err)
	}
	commit, err := r.update(ctx, &mirror{repository, fresh}, want, r.opts.Depth)
	if err != nil {
		return Commit{}, err
	}
	if err := r.swapMirror(fresh); err != nil {
		return Commit{}, fmt.Errorf("put the new mirror in the place of the old one: %w", err)
	}
	r.setSuspect(false)
	return commit, nil
}

// swapMirror puts a new mirror in place. Wherever it is interrupted, the next
// [Repo.openMirror] finds the old one or the new one.
func (r *Repo) swapMirror(fresh string) error {
	old := r.mirrorDir() + ".old"
	if err := os.RemoveAll(old); err != nil {
		return err
	}
	if err := os.Rename(r.mirrorDir(), old); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.Rename(fresh, r.mirrorDir()); err != nil {
		return err
	}
	return os.RemoveAll(old)
}

// update fetches into a mirror and makes sure that all of the commit arrived:
// go-git reports success also where a shallow mirror lacks objects after a
// forced push.
func (r *Repo) update(ctx context.Context, m *mirror, want target, depth int) (commit Commit, err error) {
	if isReadable(m, want.hash) && (want.tag.IsZero() || m.Storer.HasEncodedObject(want.tag) == nil) {
		return r.complete(ctx, m, want)
	}
	for _, w := range want.ways {
		ask := depth
		if w.whole && depth > 0 {
			ask = 0
		}
		if err = r.transfer(ctx, m, w.specs, ask); err == nil {
			commit, err = r.complete(ctx, m, want)
		}
		if err == nil || isFinal(ctx, err) {
			return commit, err
		}
	}
	return Commit{}, err
}

// complete verifies a commit and gets its submodules.
func (r *Repo) complete(ctx context.Context, m *mirror, want target) (Commit, error) {
	commit, modules, err := r.verify(m.Repository, want)
	if err != nil || len(modules) == 0 {
		return commit, err
	}
	if !r.opts.Submodules {
		commit.LeftOut = slices.Sorted(maps.Keys(modules))[:min(len(modules), maxNamed)]
		return commit, nil
	}
	err = r.fetchModules(ctx, m.Repository, &commit, modules)
	return commit, err
}

func (r *Repo) transfer(ctx context.Context, m *mirror, specs []config.RefSpec, depth int) error {
	watched, cancel := context.WithCancelCause(ctx)
	ended := r.watchSize(watched, cancel)
	err := r.remote.fetch(watched, m, specs, depth)
	cancel(nil)
	<-ended
	if cause := context.Cause(watched); errors.Is(cause, errRefused) {
		return cause
	}
	return r.explain(err)
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

// openMirror returns nil where there is no mirror to rely on.
func (r *Repo) openMirror() *mirror {
	r.mu.Lock()
	suspect := r.suspect
	r.mu.Unlock()
	if suspect {
		return nil
	}
	if _, err := os.Stat(r.mirrorDir()); errors.Is(err, fs.ErrNotExist) {
		// A swap was interrupted, or there is none at all; what is opened
		// below tells.
		_ = os.Rename(r.mirrorDir()+".old", r.mirrorDir())
	}
	m, err := openMirrorAt(r.mirrorDir())
	if err != nil {
		return nil
	}
	return m
}

func (r *Repo) setSuspect(to bool) {
	r.mu.Lock()
	r.suspect = to
	r.mu.Unlock()
}

func (r *Repo) mirrorDir() string { return filepath.Join(r.dir, "mirror") }

// sweep removes the packs that were not written to their end, because the
// process was killed meanwhile. There is no other now that owns the mirror.
func (r *Repo) sweep() {
	parts, _ := filepath.Glob(filepath.Join(r.mirrorDir(), "objects", "pack", "tmp_*"))
	for _, part := range parts {
		_ = os.Remove(part) // the next fetch tries again
	}
}

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
