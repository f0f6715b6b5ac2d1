package terraform

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// keySize is the length of a key, in bytes.
const keySize = 32

// remedyKey returns the key with which the ids of remedies are made, and makes
// it at first. An id covers values that may be secret, and is shown: without
// the key nobody can try out what it was made of.
func remedyKey(dir string) ([]byte, error) {
	file := filepath.Join(dir, "remedy.key")
	key, err := os.ReadFile(file)
	switch {
	case err == nil && len(key) == keySize:
		return key, nil
	case err == nil:
		return nil, fmt.Errorf("%s is damaged; remove it", file)
	case !errors.Is(err, fs.ErrNotExist):
		return nil, err
	}
	key = make([]byte, keySize)
	rand.Read(key)
	return key, atomicfile.Write(context.Background(), file, bytes.NewReader(key),
		atomicfile.Options{Meta: atomicfile.Meta{Mode: 0o600, UID: -1, GID: -1}})
}
