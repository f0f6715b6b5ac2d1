package state

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

const keySize = 32

// Key returns the secret key of a data directory, and makes it at first. It
// goes into digests of values that may be secret, so that nobody who sees a
// digest can try out what was digested.
func Key(dir string) ([]byte, error) {
	path := filepath.Join(dir, "key")
	key, err := os.ReadFile(path)
	if err == nil && len(key) == keySize {
		return key, nil
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("read the key: %w", err)
	}
	return newKey(dir, path)
}

// newKey writes the key beside its place and links it there, so that of two
// processes that make one both use the first.
func newKey(dir, path string) ([]byte, error) {
	f, err := os.CreateTemp(dir, ".key-")
	if err != nil {
		return nil, fmt.Errorf("make the key: %w", err)
	}
	defer func() { _ = os.Remove(f.Name()) }() // one that is left over does no harm
	key := make([]byte, keySize)
	rand.Read(key)
	_, err = f.Write(key)
	if err := errors.Join(err, f.Sync(), f.Close()); err != nil {
		return nil, fmt.Errorf("make the key: %w", err)
	}
	err = os.Link(f.Name(), path)
	if errors.Is(err, fs.ErrExist) {
		if key, err = os.ReadFile(path); err == nil && len(key) != keySize {
			err = fmt.Errorf("%s is damaged; remove it", path)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("make the key: %w", err)
	}
	return key, nil
}
