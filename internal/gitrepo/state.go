package gitrepo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"time"
)

// state is what Fetch remembers across restarts.
type state struct {
	URL        string
	Ref        Ref
	Submodules bool
	LFS        LFS
	Verified   string // a digest of who is trusted
	Commit     Commit
	Contact    time.Time // when the remote was last known to be at the commit
}

// loadState returns an empty state where there is none, or it was found with
// other options: everything in it can be found out again.
func (r *Repo) loadState() state {
	var s state
	data, err := os.ReadFile(r.statePath())
	if err != nil || json.Unmarshal(data, &s) != nil {
		return state{}
	}
	if want := r.state(s.Commit, s.Contact); !reflect.DeepEqual(s, want) {
		return state{}
	}
	return s
}

func (r *Repo) state(c Commit, contact time.Time) state {
	return state{URL: r.url, Ref: r.opts.Ref, Submodules: r.opts.Submodules, LFS: r.opts.LFS, Verified: r.opts.Verify.digest(), Commit: c, Contact: contact}
}

func (r *Repo) remember(c Commit) error {
	s := r.state(c, r.opts.Now())
	if err := writeJSON(r.statePath(), s); err != nil {
		return err
	}
	r.mu.Lock()
	r.last = s
	r.mu.Unlock()
	return nil
}

func (r *Repo) statePath() string { return filepath.Join(r.dir, "state.json") }

// writeJSON replaces a file that can be made again, so it isn't synced.
func writeJSON(path string, v any) error {
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".tmp", data, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".tmp", path)
}
