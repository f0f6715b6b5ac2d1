package atomicfile

import (
	"io/fs"
	"time"

	"golang.org/x/sys/unix"
)

// Info describes what is at a path, without following a symbolic link.
type Info struct {
	Type   fs.FileMode // the type bits, 0 for a regular file
	Mode   uint32      // permission bits and setuid, setgid, sticky, as in chmod(2)
	UID    int
	GID    int
	Size   int64
	Links  uint64 // hard links
	Device uint64
	Target string // of a symbolic link
	// Modified is when the content was last written.
	Modified time.Time
}

// Lstat describes what is at path.
func Lstat(path string) (Info, error) {
	var st unix.Stat_t
	if err := ignoringEINTR(func() error { return unix.Lstat(path, &st) }); err != nil {
		return Info{}, &fs.PathError{Op: "lstat", Path: path, Err: err}
	}
	info := infoOf(&st)
	if info.Type != fs.ModeSymlink {
		return info, nil
	}
	target, err := readlinkat(unix.AT_FDCWD, path)
	if err != nil {
		return Info{}, &fs.PathError{Op: "readlink", Path: path, Err: err}
	}
	info.Target = target
	return info, nil
}

func infoOf(st *unix.Stat_t) Info {
	return Info{
		Type:   typeOf(uint32(st.Mode)),
		Mode:   uint32(st.Mode) & 0o7777,
		UID:    int(st.Uid),
		GID:    int(st.Gid),
		Size:   st.Size,
		Links:  uint64(st.Nlink),
		Device: uint64(st.Dev),

		Modified: time.Unix(st.Mtim.Unix()),
	}
}

func typeOf(mode uint32) fs.FileMode {
	switch mode & unix.S_IFMT {
	case unix.S_IFREG:
		return 0
	case unix.S_IFDIR:
		return fs.ModeDir
	case unix.S_IFLNK:
		return fs.ModeSymlink
	case unix.S_IFIFO:
		return fs.ModeNamedPipe
	case unix.S_IFSOCK:
		return fs.ModeSocket
	case unix.S_IFCHR:
		return fs.ModeDevice | fs.ModeCharDevice
	case unix.S_IFBLK:
		return fs.ModeDevice
	}
	return fs.ModeIrregular
}

// readlinkat reads a link of any length.
func readlinkat(dirfd int, name string) (string, error) {
	for size := 256; ; size *= 2 {
		buf := make([]byte, size)
		var n int
		err := ignoringEINTR(func() (err error) { n, err = unix.Readlinkat(dirfd, name, buf); return err })
		if err != nil {
			return "", err
		}
		if n < size {
			return string(buf[:n]), nil
		}
	}
}

// ignoringEINTR repeats a system call that a signal interrupted, as the
// scheduler of Go sends signals of its own.
func ignoringEINTR(call func() error) error {
	for {
		if err := call(); err != unix.EINTR {
			return err
		}
	}
}
