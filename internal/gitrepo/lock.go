package gitrepo

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"
)

// lockMode says who else may hold a lock at the same time.
type lockMode bool

const (
	shared    lockMode = false // others that share it
	exclusive lockMode = true  // nobody
)

// lockedFile holds a lock until it is closed.
type lockedFile struct{ *os.File }

// Close releases the lock before it closes the file: a child that was just
// forked has the file open too, and would hold the lock for a moment longer.
func (l lockedFile) Close() error {
	return errors.Join(unlock(l.File), l.File.Close())
}

// lockFile locks a file, which it creates, until the result is closed. Where
// someone else holds a lock that excludes this one it returns [ErrBusy].
func lockFile(path string, mode lockMode) (io.Closer, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := lock(f, mode); err != nil {
		f.Close()
		if errors.Is(err, ErrBusy) {
			return nil, err
		}
		return nil, &fs.PathError{Op: "lock", Path: path, Err: err}
	}
	return lockedFile{f}, nil
}

// Hold keeps the checkout at path as it is until release is called: a
// Checkout of another commit meanwhile returns [ErrBusy]. It waits for one
// that is under way. A path that is no checkout of this package is not held.
func Hold(ctx context.Context, path string) (release func(), err error) {
	name := path + ".lock"
	if _, err := os.Stat(name); errors.Is(err, fs.ErrNotExist) {
		return func() {}, nil
	}
	lock, err := awaitLock(ctx, name, shared)
	if errors.Is(err, ErrBusy) {
		return nil, context.Cause(ctx)
	}
	if err != nil {
		return nil, err
	}
	return func() { lock.Close() }, nil
}

// awaitLock is lockFile, but waits until the lock is free. No event tells of
// that. The error is [ErrBusy] when ctx ends first.
func awaitLock(ctx context.Context, path string, mode lockMode) (io.Closer, error) {
	retry := time.NewTicker(20 * time.Millisecond)
	defer retry.Stop()
	for {
		lock, err := lockFile(path, mode)
		if !errors.Is(err, ErrBusy) {
			return lock, err
		}
		select {
		case <-retry.C:
		case <-ctx.Done():
			return nil, err
		}
	}
}
