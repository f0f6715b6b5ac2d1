package terraform

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// record is what is kept of a stack from one check to the next, also by
// another process. Nothing of the stack's values is in it.
type record struct {
	Initialised   string        `json:"initialised"` // fingerprint
	InitialisedAt time.Time     `json:"initialised_at"`
	Succeeded     time.Time     `json:"succeeded"`            // the last check that told something
	Drift         string        `json:"drift,omitempty"`      // digest of the drift that was told
	Unapplied     bool          `json:"unapplied,omitempty"`  // the last check that told something said so
	Workspaces    []string      `json:"workspaces,omitempty"` // of the state; only in the record of the default one
	MaxRSS        int64         `json:"max_rss_bytes"`        // of the largest process of the last check; 0: not known
	Memory        int64         `json:"memory_bytes"`         // of all its processes together; 0: not known
	Took          time.Duration `json:"took_nanoseconds"`     // the last check, without what it waited for others; 0: not known
	Remedies      attempts      `json:"remedies"`
}

func (r *run) recordFile() string {
	return filepath.Join(r.dirs.keep, "record."+r.stack.workspace+".json")
}

// recordOf is what is kept of a stack that is not being checked.
func (t *task) recordOf(s stack) record { return (&run{stack: s, dirs: t.dirsOf(s)}).loadRecord() }

// measure notes what a check took. One small check after large ones proves
// little, and one that failed nothing: it may have ended early.
func (rec *record) measure(u *usage, hasFailed bool) {
	if hasFailed {
		rec.MaxRSS, rec.Memory, rec.Took = max(u.maxRSS, rec.MaxRSS), max(u.memory, rec.Memory), max(u.ran(), rec.Took)
		return
	}
	rec.MaxRSS, rec.Memory, rec.Took = max(u.maxRSS, rec.MaxRSS*3/4), max(u.memory, rec.Memory*3/4), u.ran()
}

// loadRecord takes a file that can't be read for a stack that was never
// checked: it costs no more than an initialisation. But what remedies were
// tried is not known then.
func (r *run) loadRecord() record {
	var rec record
	data, err := os.ReadFile(r.recordFile())
	if errors.Is(err, fs.ErrNotExist) {
		return record{}
	}
	if err == nil {
		err = json.Unmarshal(data, &rec)
	}
	if err != nil {
		return record{Remedies: attempts{Lost: true}}
	}
	return rec
}

func (r *run) saveRecord(ctx context.Context, rec record) error {
	data, err := json.Marshal(rec)
	if err != nil {
		return err
	}
	return atomicfile.Write(ctx, r.recordFile(), bytes.NewReader(data),
		atomicfile.Options{Meta: atomicfile.Meta{Mode: 0o600, UID: -1, GID: -1}})
}

// driftDigest is the same for the same drift: of the same attributes, whatever
// their values are. It is empty where there is none.
func driftDigest(entries []entry) string {
	sum, some := sha256.New(), false
	for _, e := range entries {
		if e.class == pending {
			continue
		}
		some = true
		fmt.Fprintf(sum, "%q %q\n", e.address, e.action)
		for _, a := range e.attributes {
			fmt.Fprintf(sum, " %q\n", a.path)
		}
	}
	if !some {
		return ""
	}
	return hex.EncodeToString(sum.Sum(nil))
}
