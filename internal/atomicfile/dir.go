package atomicfile

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

// Dir is a directory held open. What is done in it is done in that directory,
// even when someone puts another thing at its path meanwhile. Names are single
// path components, and a symbolic link at a name is never followed.
type Dir struct {
	file *os.File
	path string
}

// maxLinks is how many symbolic links a path may pass through, as in Linux.
const maxLinks = 40

// OpenDir opens the directory at path, following symbolic links. A process of
// root refuses a path that another user could bend: one that leads out of a
// directory of an ordinary user into something of someone else.
func OpenDir(path string) (*Dir, error) { return walk(path, maxLinks) }

// OpenExact is [OpenDir] for a path that was resolved before: it fails when
// the path passes through a symbolic link.
func OpenExact(path string) (*Dir, error) { return walk(path, 0) }

// walker follows a path one component at a time.
type walker struct {
	path  string // as it was asked for, for errors
	fd    int
	at    string   // where fd is
	owner uint32   // of what was passed last
	rest  []string // components still to go, the next one last
	links int      // symbolic links that may still be followed
}

func walk(path string, links int) (*Dir, error) {
	if !filepath.IsAbs(path) {
		return nil, fmt.Errorf("open directory %q: the path is not absolute", path)
	}
	w := &walker{path: path, fd: -1, links: links}
	w.push(path)
	if err := w.restart(); err != nil {
		return nil, err
	}
	for len(w.rest) > 0 {
		if err := w.step(); err != nil {
			_ = unix.Close(w.fd)
			return nil, err
		}
	}
	defer unix.Close(w.fd)
	// The descriptor so far may only be good for walking on. One that can be
	// listed and synced is opened through it.
	fd, err := w.openat(".", unix.O_RDONLY)
	if err != nil {
		return nil, w.fail(w.at, err)
	}
	return &Dir{file: os.NewFile(uintptr(fd), path), path: path}, nil
}

func (w *walker) push(path string) {
	parts := strings.Split(path, "/")
	slices.Reverse(parts)
	w.rest = append(w.rest, parts...)
}

// restart goes to the root directory, which is trusted whoever owns it.
func (w *walker) restart() error {
	fd, err := unix.Open("/", openWalk|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return w.fail("/", err)
	}
	if w.fd >= 0 {
		_ = unix.Close(w.fd)
	}
	w.fd, w.at, w.owner = fd, "/", 0
	return nil
}

func (w *walker) step() error {
	name := w.rest[len(w.rest)-1]
	w.rest = w.rest[:len(w.rest)-1]
	if name == "" || name == "." {
		return nil
	}
	next := filepath.Join(w.at, name)
	var st unix.Stat_t
	err := ignoringEINTR(func() error { return unix.Fstatat(w.fd, name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err != nil {
		return w.fail(next, err)
	}
	if typeOf(uint32(st.Mode)) == fs.ModeSymlink {
		return w.follow(name, next, &st)
	}
	fd, err := w.openat(name, openWalk)
	if err != nil {
		return w.fail(next, err)
	}
	// The owner of what was opened counts: the name may stand for something
	// else by now.
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd)
		return w.fail(next, err)
	}
	if err := w.pass(next, st.Uid); err != nil {
		_ = unix.Close(fd)
		return err
	}
	_ = unix.Close(w.fd)
	w.fd, w.at = fd, next
	return nil
}

func (w *walker) follow(name, next string, st *unix.Stat_t) error {
	if w.links == 0 {
		return fmt.Errorf("open directory %s: %s is a symbolic link now; plan again", w.path, next)
	}
	w.links--
	target, err := readlinkat(w.fd, name)
	if err != nil {
		return w.fail(next, err)
	}
	if err := w.pass(next, st.Uid); err != nil {
		return err
	}
	w.push(target)
	if !strings.HasPrefix(target, "/") {
		return nil
	}
	// Who owns the link decides where it leads, so the way on from it starts
	// with that owner and not with root's.
	owner := w.owner
	if err := w.restart(); err != nil {
		return err
	}
	w.owner = owner
	return w.pass("/", 0)
}

// pass goes from something of w.owner to something of owner. Root must not
// let an ordinary user choose what it is that belongs to someone else.
func (w *walker) pass(next string, owner uint32) error {
	if os.Geteuid() == 0 && w.owner != 0 && w.owner != owner {
		return fmt.Errorf("open directory %s: the path is not safe: user %d, who owns a directory or link on the way to %s, which belongs to user %d, could put something else there; "+
			"give the two the same owner, or let root own what leads there", w.path, w.owner, next, owner)
	}
	w.owner = owner
	return nil
}

func (w *walker) openat(name string, flags int) (fd int, err error) {
	err = ignoringEINTR(func() (err error) {
		fd, err = unix.Openat(w.fd, name, flags|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		return err
	})
	return fd, err
}

func (w *walker) fail(at string, err error) error {
	return &fs.PathError{Op: "open directory", Path: at, Err: err}
}

// Close releases the directory.
func (d *Dir) Close() error { return d.file.Close() }

// Path is the path the directory was opened by.
func (d *Dir) Path() string { return d.path }

func (d *Dir) fd() int { return int(d.file.Fd()) }

func (d *Dir) join(name string) string { return filepath.Join(d.path, name) }

// Lstat describes the entry of that name.
func (d *Dir) Lstat(name string) (Info, error) {
	var st unix.Stat_t
	err := ignoringEINTR(func() error { return unix.Fstatat(d.fd(), name, &st, unix.AT_SYMLINK_NOFOLLOW) })
	if err != nil {
		return Info{}, d.fail("lstat", name, err)
	}
	info := infoOf(&st)
	if info.Type == fs.ModeSymlink {
		if info.Target, err = readlinkat(d.fd(), name); err != nil {
			return Info{}, d.fail("readlink", name, err)
		}
	}
	return info, nil
}

// Open opens a regular file for reading.
func (d *Dir) Open(name string) (*os.File, error) {
	// A pipe must not make the open wait for a writer.
	fd, err := d.openat(name, unix.O_RDONLY|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, d.fail("open", name, err)
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		_ = unix.Close(fd)
		return nil, d.fail("open", name, err)
	}
	if typeOf(uint32(st.Mode)) != 0 {
		_ = unix.Close(fd)
		return nil, fmt.Errorf("open %s: it is not a regular file", d.join(name))
	}
	return os.NewFile(uintptr(fd), d.join(name)), nil
}

func (d *Dir) openat(name string, flags int, mode uint32) (fd int, err error) {
	err = ignoringEINTR(func() (err error) {
		fd, err = unix.Openat(d.fd(), name, flags|unix.O_NOFOLLOW|unix.O_CLOEXEC, mode)
		return err
	})
	return fd, err
}

func (d *Dir) fail(op, name string, err error) error {
	return &fs.PathError{Op: op, Path: d.join(name), Err: err}
}
