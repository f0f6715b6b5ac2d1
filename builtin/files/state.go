package files

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
)

// maxText is the largest content that is held in memory, shown as a diff and
// edited. A larger file is compared and copied as a stream.
const maxText = 16 << 20

// state is what is at a path, as the plan sees it.
type state struct {
	exists  bool
	file    plugin.File
	content []byte // of a regular file up to maxText that was read
	// checksum is "" where the content wasn't read or isn't known yet.
	checksum string
}

// observe describes what is at path, without its content.
func observe(host plugin.Host, path string) (state, error) {
	file, err := host.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return state{}, nil
	}
	if err != nil {
		return state{}, err
	}
	return state{exists: true, file: file}, nil
}

func (s *state) isRegular() bool { return s.exists && s.file.IsRegular() }

// read adds the content of a regular file that is small enough to be held.
func (s *state) read(host plugin.Host, path string) error {
	if !s.isRegular() || s.file.Unknown || s.file.Size > maxText {
		return nil
	}
	content, err := host.Content(path)
	if err != nil {
		return err
	}
	s.content = content
	if content == nil {
		s.content = []byte{}
	}
	s.file.Size = int64(len(content))
	return nil
}

// sum sets the checksum of what was read.
func (s *state) sum() {
	if s.content != nil {
		s.checksum = checksumOf(s.content)
	}
}

func checksumOf(content []byte) string {
	sum := sha256.Sum256(content)
	return formatChecksum(sum[:])
}

func formatChecksum(sum []byte) string { return "sha256:" + hex.EncodeToString(sum) }

func checksumStream(r io.Reader) (string, error) {
	hash := sha256.New()
	if _, err := io.Copy(hash, r); err != nil {
		return "", err
	}
	return formatChecksum(hash.Sum(nil)), nil
}

// checksumFile is for a file that is too large to be held in memory.
func checksumFile(path string) (string, error) {
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer f.Close()
	sum, err := checksumStream(f)
	if err != nil {
		return "", fmt.Errorf("read %s: %w", path, err)
	}
	return sum, nil
}

// describeType says in words what is there in place of a regular file.
func describeType(t fs.FileMode) string {
	switch {
	case t == 0:
		return "a regular file"
	case t == fs.ModeDir:
		return "a directory"
	case t == fs.ModeSymlink:
		return "a symbolic link"
	case t&fs.ModeNamedPipe != 0:
		return "a named pipe"
	case t&fs.ModeSocket != 0:
		return "a socket"
	case t&fs.ModeDevice != 0:
		return "a device"
	}
	return "not a regular file"
}

// fileOf is what the file system said, in the words of the host.
func fileOf(info atomicfile.Info) plugin.File {
	return plugin.File{Type: info.Type, Mode: info.Mode, UID: info.UID, GID: info.GID, Size: info.Size, Target: info.Target}
}
