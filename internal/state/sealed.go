package state

import (
	"bytes"
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/atomicfile"
)

// Sealed keeps secrets of a data directory, encrypted with its key. Nothing in
// its files shows a secret to who sees one in a backup or a listing; who can
// read the key too, which is root or the user of the agent, can read all.
type Sealed struct {
	dir  string
	mac  []byte
	aead cipher.AEAD
}

// sealedSuffix is what the names of the files end with.
const sealedSuffix = ".sealed"

// OpenSealed returns the sealed secrets of a data directory.
func OpenSealed(dir string) (*Sealed, error) {
	key, err := Key(dir)
	if err != nil {
		return nil, err
	}
	keys, err := hkdf.Key(sha256.New, key, nil, "driftless sealed secrets", 2*keySize)
	if err != nil {
		return nil, fmt.Errorf("derive the key of the sealed secrets: %w", err)
	}
	block, err := aes.NewCipher(keys[:keySize])
	if err != nil {
		return nil, fmt.Errorf("open the sealed secrets: %w", err)
	}
	aead, err := cipher.NewGCMWithRandomNonce(block)
	if err != nil {
		return nil, fmt.Errorf("open the sealed secrets: %w", err)
	}
	return &Sealed{dir: filepath.Join(dir, "sealed"), mac: keys[keySize:], aead: aead}, nil
}

// path is that of the file of a name, which the file doesn't tell.
func (s *Sealed) path(name string) string {
	mac := hmac.New(sha256.New, s.mac)
	mac.Write([]byte(name)) // never fails
	return filepath.Join(s.dir, hex.EncodeToString(mac.Sum(nil))+sealedSuffix)
}

// Load returns what was saved under a name, nil where there is nothing. What
// can't be opened with the key of the directory is nothing too: whoever has it
// made can have it made again.
func (s *Sealed) Load(name string) ([]byte, error) {
	content, err := os.ReadFile(s.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a sealed secret: %w", err)
	}
	opened, err := s.aead.Open(nil, nil, content, []byte(name))
	if err != nil {
		return nil, nil //nolint:nilerr // see above
	}
	return opened, nil
}

// Save keeps content under a name, and removes what has come to its end.
func (s *Sealed) Save(name string, content []byte, end time.Time) error {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return fmt.Errorf("keep a sealed secret: %w", err)
	}
	sealed := s.aead.Seal(nil, nil, content, []byte(name))
	path := s.path(name)
	err := atomicfile.Write(context.Background(), path, bytes.NewReader(sealed), atomicfile.Options{Meta: atomicfile.Meta{Mode: 0o600, UID: -1, GID: -1}})
	if err == nil {
		// The time of the file says when it ends, so that it needs not be opened.
		err = os.Chtimes(path, end, end)
	}
	if err != nil {
		return fmt.Errorf("keep a sealed secret: %w", err)
	}
	return s.removeEnded(time.Now())
}

func (s *Sealed) removeEnded(now time.Time) error {
	entries, err := os.ReadDir(s.dir)
	if err != nil {
		return fmt.Errorf("look for sealed secrets that have ended: %w", err)
	}
	for _, entry := range entries {
		info, err := entry.Info()
		if err != nil || !strings.HasSuffix(entry.Name(), sealedSuffix) || !info.ModTime().Before(now) {
			continue // gone meanwhile, not ours, or good still
		}
		if err := os.Remove(filepath.Join(s.dir, entry.Name())); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove a sealed secret that has ended: %w", err)
		}
	}
	return nil
}
