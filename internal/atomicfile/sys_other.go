//go:build unix && !linux

package atomicfile

import (
	"os"

	"golang.org/x/sys/unix"
)

const (
	openWalk = unix.O_RDONLY
	openMeta = unix.O_RDONLY | unix.O_NONBLOCK
)

func chmodFD(fd int, mode uint32) error {
	return ignoringEINTR(func() error { return unix.Fchmod(fd, mode) })
}

func chownFD(fd, uid, gid int) error {
	return ignoringEINTR(func() error { return unix.Fchown(fd, uid, gid) })
}

func isImmutable(*os.File) bool { return false }

// IsMountPoint reports whether another file system is mounted at path.
func IsMountPoint(path string) (bool, error) { return onOtherDevice(path) }

// copyXattrs does nothing: extended attributes are kept on Linux only.
func copyXattrs(_, _ *os.File) error { return nil }
