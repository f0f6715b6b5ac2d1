package overlay

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/plugin"
)

// errNotDirectory is what the kernel says as ENOTDIR.
var errNotDirectory = errors.New("not a directory")

// realLstat describes a path of the real file system. Below something that is
// no directory there is nothing.
func realLstat(key string) (plugin.File, error) {
	info, err := atomicfile.Lstat(key)
	if errors.Is(err, unix.ENOTDIR) {
		return plugin.File{}, notExist("lstat", key)
	}
	if err != nil {
		return plugin.File{}, err
	}
	return plugin.File{
		Type: info.Type, Mode: info.Mode,
		UID: info.UID, GID: info.GID,
		Size: info.Size, Target: info.Target,
	}, nil
}

// realContent reads a regular file and nothing else: a pipe would block, a
// link was not asked for. It goes by the descriptor itself, as the poller that
// an [os.File] registers with has no use for a regular file.
func realContent(key string) ([]byte, error) {
	fd, err := openRegular(key)
	if err != nil {
		return nil, err
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, &fs.PathError{Op: "stat", Path: key, Err: err}
	}
	if st.Mode&unix.S_IFMT != unix.S_IFREG {
		return nil, notRegular(key)
	}
	// One byte more than the size lets the read that finds the end be the
	// first one.
	buf := make([]byte, 0, st.Size+1)
	for {
		if len(buf) == cap(buf) {
			buf = slices.Grow(buf, len(buf))
		}
		n, err := unix.Read(fd, buf[len(buf):cap(buf)])
		switch {
		case err == unix.EINTR:
			continue
		case err != nil:
			return nil, &fs.PathError{Op: "read", Path: key, Err: err}
		case n == 0:
			return buf, nil
		}
		buf = buf[:len(buf)+n]
	}
}

func openRegular(key string) (int, error) {
	for {
		fd, err := unix.Open(key, unix.O_RDONLY|unix.O_NOFOLLOW|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		switch {
		case err == unix.EINTR:
			continue
		case err == unix.ELOOP:
			return -1, notRegular(key)
		case err == unix.ENOTDIR:
			return -1, notExist("open", key)
		case err != nil:
			return -1, &fs.PathError{Op: "open", Path: key, Err: err}
		}
		return fd, nil
	}
}

// realNames lists a directory. One that is planned to be there but isn't yet
// has no real entries.
func realNames(key string) ([]string, error) {
	dir, err := os.Open(key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	names, err := dir.Readdirnames(-1)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return names, nil
}

func notExist(op, key string) error {
	return &fs.PathError{Op: op, Path: key, Err: fs.ErrNotExist}
}

func notRegular(key string) error {
	return fmt.Errorf("read %s: it is not a regular file", key)
}
