package terraform

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// lockFileName is the only file that an init writes into a stack's directory.
const lockFileName = ".terraform.lock.hcl"

// borrowedName is the file that tells that a stack's directory has no lock file
// of its own, for as long as a check has put one there.
const borrowedName = "borrowed"

// borrowLock puts the lock file of earlier checks into a stack's directory that
// has none of its own, and returns what makes the directory as it was: a check
// must change nothing, also not in a directory that someone works in.
func borrowLock(stackDir, keep string) (giveBack func() error, err error) {
	file, kept, borrowed := filepath.Join(stackDir, lockFileName), filepath.Join(keep, lockFileName), filepath.Join(keep, borrowedName)
	if _, err := os.Stat(borrowed); err == nil { // by a check that was killed
		if err := keepLock(file, kept); err != nil {
			return nil, err
		}
	}
	own, err := os.ReadFile(file)
	switch {
	case err == nil:
		return func() error { return restoreLock(file, own) }, nil
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	if err := os.WriteFile(borrowed, nil, 0o600); err != nil {
		return nil, err
	}
	if saved, err := os.ReadFile(kept); err == nil {
		if err := os.WriteFile(file, saved, 0o600); err != nil {
			return nil, err
		}
	}
	return func() error { return errors.Join(keepLock(file, kept), os.Remove(borrowed)) }, nil
}

func restoreLock(file string, own []byte) error {
	now, err := os.ReadFile(file)
	if err == nil && bytes.Equal(now, own) {
		return nil
	}
	return os.WriteFile(file, own, 0o644)
}

// keepLock takes the lock file out of the directory for the next check. It may
// be on another file system, so it is copied.
func keepLock(file, kept string) error {
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(kept, data, 0o600), os.Remove(file))
}
