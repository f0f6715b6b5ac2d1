package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"
)

// Holder is who holds the lock.
type Holder struct {
	PID   int       `json:"pid"`
	Doing string    `json:"doing"` // such as "apply"
	Since time.Time `json:"since"`
}

// LockedError says that another process holds the lock.
type LockedError struct{ Holder }

func (e *LockedError) Error() string {
	if e.PID == 0 { // it has the lock, and has not said yet who it is
		return "another driftless process is at work on this host; wait until it is done"
	}
	return fmt.Sprintf("another driftless process is at work on this host: process %d, %s, since %s; wait until it is done", e.PID, e.Doing, e.Since.Format(time.RFC3339))
}

// Lock takes the lock of a data directory for a process that changes the
// host. It fails at once with a [*LockedError] while another has it. The
// kernel releases the lock of a process that dies.
func Lock(dir, doing string, now time.Time) (release func() error, err error) {
	return lockFile(filepath.Join(dir, "lock"), doing, now)
}

func lockFile(path, doing string, now time.Time) (release func() error, err error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open the lock: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		defer f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, &LockedError{readHolder(f)}
		}
		return nil, fmt.Errorf("lock %s: %w", path, err)
	}
	record, err := json.Marshal(Holder{os.Getpid(), doing, now.UTC()})
	if err == nil {
		err = errors.Join(f.Truncate(0), writeAt(f, record))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock: %w", err), f.Close())
	}
	return func() error { return unlockFile(f) }, nil
}

// unlockFile releases the lock before it closes the file: a child that was
// just forked has the file open too, and would hold the lock a moment longer.
func unlockFile(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}

func writeAt(f *os.File, p []byte) error {
	_, err := f.WriteAt(p, 0)
	return err
}

// readHolder reads who holds the lock. The holder may be just writing it, so
// what can't be read is left empty.
func readHolder(f *os.File) Holder {
	var h Holder
	if p, err := io.ReadAll(io.LimitReader(f, 4096)); err == nil {
		_ = json.Unmarshal(p, &h)
	}
	return h
}
