package gitrepo

import (
	"encoding/json"
	"os"
	"path/filepath"
	"time"
)

// state is what Fetch remembers across restarts.
type state struct {
	URL     string
	Ref     Ref
	Commit  Commit
	Contact time.Time // when the remote was last known to be at the commit
}

// loadState returns an empty state where there is none, or it is of another
// remote: everything in it can be found out again.
func (r *Repo) loadState() state {
	var s state
	data, err := os.ReadFile(r.statePath())
	if err != nil || json.Unmarshal(data, &s) != nil || s.URL != r.url || s.Ref != r.opts.Ref {
		return state{}
	}
	return s
}

func (r *Repo) remember(c Commit) error {
	s := state{URL: r.url, Ref: r.opts.Ref, Commit: c, Contact: r.opts.Now()}
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
