package state

import (
	"context"
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
	Host  string    `json:"host"`
	Since time.Time `json:"since"`
}

// LockedError says that another process holds the lock.
type LockedError struct{ Holder }

func (e *LockedError) Error() string {
	return e.Reason() + "; wait until it is done"
}

// Reason says who has the lock, for a text that goes on by itself.
func (e *LockedError) Reason() string {
	const reason = "another driftless process is at work on this host"
	if e.PID == 0 { // it has the lock, and has not said yet who it is
		return reason
	}
	return fmt.Sprintf("%s: process %d, driftless %s, on %s since %s", reason, e.PID, e.Doing, e.Host, e.Since.Format(time.RFC3339))
}

// lockRetry is how often the lock is tried while another process has it. No
// event tells when it becomes free.
const lockRetry = 200 * time.Millisecond

// Await tries to take a lock until that succeeds, or fails for another reason
// than that another process has it. Waiting is called once, when one has. When
// ctx ends it returns the last [*LockedError].
func Await(ctx context.Context, try func() error, waiting func(*LockedError)) error {
	var retry *time.Ticker
	for {
		err := try()
		locked, ok := errors.AsType[*LockedError](err)
		if !ok {
			return err
		}
		if retry == nil {
			retry = time.NewTicker(lockRetry)
			defer retry.Stop()
			waiting(locked)
		}
		select {
		case <-ctx.Done():
			return err
		case <-retry.C:
		}
	}
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
	if err := writeHolder(f, doing, now); err != nil {
		return nil, errors.Join(fmt.Errorf("write the lock: %w", err), f.Close())
	}
	return func() error { return unlockFile(f) }, nil
}

// unlockFile releases the lock before it closes the file: a child that was
// just forked has the file open too, and would hold the lock a moment longer.
func unlockFile(f *os.File) error {
	return errors.Join(unix.Flock(int(f.Fd()), unix.LOCK_UN), f.Close())
}

func writeHolder(f *os.File, doing string, now time.Time) error {
	host, err := os.Hostname()
	if err != nil {
		return err
	}
	record, err := json.Marshal(Holder{os.Getpid(), doing, host, now.UTC()})
	if err != nil {
		return err
	}
	if err := f.Truncate(0); err != nil {
		return err
	}
	_, err = f.WriteAt(record, 0)
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
