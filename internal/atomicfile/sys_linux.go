package atomicfile

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"
)

// openWalk opens a directory that is only passed through, which needs no
// permission to list it.
const openWalk = unix.O_PATH

// openMeta opens anything, readable or not, to change its owner and mode.
const openMeta = unix.O_PATH

// chmodFD changes the mode of what fd is open on. A descriptor opened with
// O_PATH takes fchmod(2) only by way of its path in /proc.
func chmodFD(fd int, mode uint32) error {
	return ignoringEINTR(func() error { return unix.Chmod("/proc/self/fd/"+strconv.Itoa(fd), mode) })
}

// chownFD changes the owner of what fd is open on, be it a symbolic link.
func chownFD(fd, uid, gid int) error {
	return ignoringEINTR(func() error { return unix.Fchownat(fd, "", uid, gid, unix.AT_EMPTY_PATH) })
}

// isImmutable reports whether the file is marked so that not even root can
// change it. A file system without such marks has none that are.
func isImmutable(f *os.File) bool {
	var st unix.Statx_t
	err := ignoringEINTR(func() error { return unix.Statx(int(f.Fd()), "", unix.AT_EMPTY_PATH, 0, &st) })
	return err == nil && st.Attributes&(unix.STATX_ATTR_IMMUTABLE|unix.STATX_ATTR_APPEND) != 0
}

// IsMountPoint reports whether something is mounted at path.
func IsMountPoint(path string) (bool, error) {
	var st unix.Statx_t
	err := ignoringEINTR(func() error {
		return unix.Statx(unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW|unix.AT_NO_AUTOMOUNT, 0, &st)
	})
	if err != nil {
		return false, &os.PathError{Op: "statx", Path: path, Err: err}
	}
	if st.Attributes_mask&unix.STATX_ATTR_MOUNT_ROOT != 0 {
		return st.Attributes&unix.STATX_ATTR_MOUNT_ROOT != 0, nil
	}
	return onOtherDevice(path)
}
