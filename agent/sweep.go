package agent

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// unusedFor is how long a block must not have been part of a configuration for
// its caches to be removed. It may be on a branch that comes back.
const unusedFor = 30 * 24 * time.Hour

// sweepCaches removes the caches of blocks that are not in the configuration any
// more, such as mirrors of repositories and providers of terraform: they may hold
// gigabytes. All else that a block keeps stays: backups of files, states that
// terraform could not write, what a provider has not marked as a cache, and the
// positions of sources, of which nobody can tell any more whether all before them
// was delivered.
func (a *Agent) sweepCaches(ctx context.Context, graph *eval.Graph) {
	used := make(map[string]bool)
	for _, n := range graph.Order() {
		used[plan.InstanceDir(a.dataDir, n.Addr.String())] = true
	}
	instances := filepath.Dir(plan.InstanceDir(a.dataDir, "any"))
	for _, pattern := range []string{"*/", "*/*/"} {
		tags, err := fs.Glob(os.DirFS(instances), pattern+plugin.CacheTag)
		if err != nil {
			a.Log.Warn("could not look for caches that no block uses any more", "error", err)
		}
		for _, tag := range tags {
			if ctx.Err() != nil {
				return
			}
			instance, _, _ := strings.Cut(tag, "/")
			cache := filepath.Join(instances, filepath.FromSlash(path.Dir(tag)))
			if err := a.sweepCache(cache, used[filepath.Join(instances, instance)]); err != nil {
				a.Log.Warn("could not remove a cache that no block uses any more", "path", cache, "error", err)
			}
		}
	}
}

// sweepCache removes a cache that was not used for long enough. The time of one
// that is used begins anew.
func (a *Agent) sweepCache(cache string, isUsed bool) error {
	tag, now := filepath.Join(cache, plugin.CacheTag), a.Now()
	info, err := os.Lstat(tag)
	switch {
	case err != nil:
		return err
	case isUsed:
		return os.Chtimes(tag, now, now)
	case now.Sub(info.ModTime()) < unusedFor:
		return nil
	}
	a.Log.Info("removing a cache whose block has not been in the configuration for a while", "path", cache, "since", info.ModTime().UTC())
	return removeTagged(cache)
}

// removeTagged removes a cache and its tag as the last, so that the next start
// goes on with what was not removed.
func removeTagged(cache string) error {
	entries, err := os.ReadDir(cache)
	for _, entry := range entries {
		if entry.Name() != plugin.CacheTag {
			err = errors.Join(err, os.RemoveAll(filepath.Join(cache, entry.Name())))
		}
	}
	if err != nil {
		return err
	}
	return os.RemoveAll(cache)
}
