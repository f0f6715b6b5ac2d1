package terraform

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
)

const (
	// tidyEvery is how often a task removes what none of its stacks uses.
	tidyEvery = 24 * time.Hour
	// unusedFor is how long a stack must not have been checked for what was
	// downloaded for it to be removed. It may be on a branch that comes back.
	unusedFor = 30 * 24 * time.Hour
)

// tidy removes what was downloaded for stacks that are gone, and the providers
// that no stack uses any more: each of their versions may be hundreds of
// megabytes. What is known of such stacks stays, and to remove what turns out to
// be wanted costs no more than an initialisation.
func (t *task) tidy(stacks []stack) {
	done := filepath.Join(t.dir, "tidied")
	now := t.now()
	if info, err := os.Stat(done); err == nil && now.Sub(info.ModTime()).Abs() < tidyEvery {
		return
	}
	err := errors.Join(t.removeUnusedStacks(stacks, now), t.removeUnusedProviders(), plugin.MarkCache(t.ownStore()), os.WriteFile(done, []byte(now.Format(time.RFC3339)), 0o600))
	if err != nil {
		t.log.Warn("could not remove all that no stack uses any more", "error", err)
	}
}

func (t *task) removeUnusedStacks(stacks []stack, now time.Time) error {
	used := make(map[string]bool)
	for _, s := range stacks {
		used[t.dirsOf(s).data] = true
	}
	all, err := filepath.Glob(filepath.Join(t.dir, "stacks", "*", "data", "*"))
	for _, data := range all {
		keep := filepath.Dir(filepath.Dir(data))
		record, missing := os.Stat(filepath.Join(keep, "record."+filepath.Base(data)+".json"))
		if used[data] || missing == nil && now.Sub(record.ModTime()) < unusedFor {
			continue
		}
		err = errors.Join(err, removeClaimed(keep, data))
	}
	return err
}

// removeClaimed removes a directory of a stack, unless the stack is being checked.
func removeClaimed(keep, dir string) error {
	claim, err := process.TryTake(filepath.Join(keep, claimName), "")
	if errors.Is(err, process.ErrClaimed) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(os.RemoveAll(dir), removeTemp(claim.DeadRun), claim.Release())
}

// removeUnusedProviders leaves alone a store that was named: others may use that.
func (t *task) removeUnusedProviders() error {
	if t.cfg.PluginCache != "" {
		return nil
	}
	links, err := filepath.Glob(filepath.Join(t.dir, "stacks", "*", "data", "*", "providers", packageGlob))
	if err != nil {
		return err
	}
	used := make(map[string]bool)
	for _, link := range links {
		if to, err := os.Readlink(link); err == nil { // others are packages themselves
			used[to] = true
		}
	}
	packages, err := filepath.Glob(filepath.Join(t.ownStore(), packageGlob))
	for _, dir := range packages {
		if !used[dir] {
			t.log.Info("removed a provider that no stack uses any more", "path", dir)
			err = errors.Join(err, os.RemoveAll(dir))
		}
	}
	return err
}

// unlinkProviders has the next initialisation link only what it chooses: it
// leaves the versions before in place.
func (r *run) unlinkProviders() error {
	links, err := filepath.Glob(filepath.Join(r.dirs.data, "providers", packageGlob))
	for _, link := range links {
		if info, statErr := os.Lstat(link); statErr == nil && info.Mode().Type() == fs.ModeSymlink {
			err = errors.Join(err, os.Remove(link))
		}
	}
	return err
}
