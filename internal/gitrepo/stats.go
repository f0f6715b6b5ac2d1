package gitrepo

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"time"
)

// Result is what became of a Fetch.
type Result string

// The results.
const (
	Unchanged Result = "noop"
	Updated   Result = "updated"  // also by the first clone
	Recloned  Result = "recloned" // the mirror was of no use, or held too many packs
	Failed    Result = "error"
)

// Results returns all results.
func Results() []Result { return []Result{Unchanged, Updated, Recloned, Failed} }

// fetched is what a Fetch comes to.
type fetched struct {
	commit  Commit
	changed bool // it is another than that of the Fetch before
	result  Result
}

// Stats are what the Fetches of a Repo came to since it was opened.
type Stats struct {
	Fetches map[Result]int
	Took    time.Duration // all of them together
}

// Stats returns the figures of the Fetches so far.
func (r *Repo) Stats() Stats {
	r.mu.Lock()
	defer r.mu.Unlock()
	return Stats{Fetches: maps.Clone(r.stats.Fetches), Took: r.stats.Took}
}

// Size is how many bytes of the disk the mirror takes, with those of submodules.
func (r *Repo) Size() int64 {
	return diskUsage(r.mirrorDir()) + diskUsage(filepath.Join(r.dir, "modules"))
}

func (r *Repo) count(began time.Time, result Result) {
	took := r.opts.Now().Sub(began)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.stats.Fetches == nil {
		r.stats.Fetches = make(map[Result]int)
	}
	r.stats.Fetches[result]++
	r.stats.Took += took
}

// hasMirror reports whether there is a mirror, of use or not.
func (r *Repo) hasMirror() bool {
	_, err := os.Stat(r.mirrorDir())
	return !errors.Is(err, fs.ErrNotExist)
}
