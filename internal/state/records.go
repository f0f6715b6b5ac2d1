package state

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// Record is what is remembered of a task between runs.
type Record struct {
	// Inputs is a digest of the configuration that was last brought about.
	// Where it is that of now, a difference on the host is drift: it came
	// from outside.
	Inputs  string    `json:"inputs"`
	Applied time.Time `json:"applied"` // when the host was first found, or last made, as declared
	Changed time.Time `json:"changed"` // when a run last changed something
	// Owed are the tasks that have changed, and that trigger this one, which
	// has not been applied since.
	Owed []string `json:"owed,omitempty"`
	// Learnt is what a task that runs something learnt when it last did, by
	// attribute. Nothing sensitive is in it.
	Learnt map[string]json.RawMessage `json:"learnt,omitempty"`
}

// Records keeps the records of a data directory in one file, which is replaced
// as a whole. It is safe for concurrent use, and so are several processes.
type Records struct {
	path string
	mu   sync.Mutex // one writer at a time in this process
}

// NewRecords returns the records of a data directory.
func NewRecords(dir string) *Records {
	return &Records{path: filepath.Join(dir, "records.json")}
}

// Load returns all records by address. A file that isn't there has none.
func (r *Records) Load() (map[string]Record, error) {
	records := make(map[string]Record)
	content, err := os.ReadFile(r.path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return records, nil
	case err != nil:
		return nil, fmt.Errorf("read the records of the tasks: %w", err)
	}
	err = json.Unmarshal(content, &records)
	if err == nil && records == nil {
		err = errors.New("it holds null")
	}
	if err != nil {
		return nil, fmt.Errorf("the records of the tasks, %s, are damaged: %w; remove the file: what is lost is which differences on the host count as drift, which tasks are still to be triggered, and what commands wrote when they last ran", r.path, err)
	}
	return records, nil
}

// Save writes records by address beside those that are there already, all or
// none.
func (r *Records) Save(records map[string]Record) error {
	if len(records) == 0 {
		return nil
	}
	return r.Update(func(all map[string]Record) { maps.Copy(all, records) })
}

// Update changes the records, while nobody else does.
func (r *Records) Update(change func(records map[string]Record)) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	unlock, err := waitForLock(r.path + ".lock")
	if err != nil {
		return fmt.Errorf("write the records of the tasks: %w", err)
	}
	return errors.Join(r.rewrite(change), unlock())
}

func (r *Records) rewrite(change func(records map[string]Record)) error {
	all, err := r.Load()
	if err != nil {
		return err
	}
	change(all)
	content, err := json.Marshal(all)
	if err == nil {
		meta := atomicfile.Meta{Mode: 0o600, UID: os.Geteuid(), GID: os.Getegid()}
		err = atomicfile.Write(context.Background(), r.path, bytes.NewReader(content), atomicfile.Options{Meta: meta})
	}
	if err != nil {
		return fmt.Errorf("write the records of the tasks: %w", err)
	}
	return nil
}

// waitForLock takes the lock of a file that is held only for moments.
func waitForLock(path string) (unlock func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err := unix.Flock(int(f.Fd()), unix.LOCK_EX)
		switch {
		case err == nil:
			return func() error { return unlockFile(f) }, nil
		case !errors.Is(err, unix.EINTR):
			return nil, errors.Join(fmt.Errorf("lock %s: %w", path, err), f.Close())
		}
	}
}
