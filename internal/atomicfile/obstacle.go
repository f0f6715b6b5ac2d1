package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// Check looks for what would keep [Write] from replacing the file at path:
// an unsafe way there, a mount on top of it, an immutable mark. A warning is
// a consequence to be told of, such as a hard link that will be broken. It
// changes nothing. A directory that doesn't exist yet is no obstacle.
func Check(path string) (warnings []string, err error) {
	dir, err := OpenDir(filepath.Dir(path))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = dir.Close() }() // a directory has nothing left to write
	name := filepath.Base(path)
	if isImmutable(dir.file) {
		return nil, fmt.Errorf("%s can't be changed: its directory is marked immutable or append-only; remove the mark with chattr -i -a %s", path, dir.path)
	}
	info, err := dir.Lstat(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil || info.Type != 0 {
		return nil, err
	}
	if mounted, err := IsMountPoint(path); err != nil || mounted {
		return nil, errors.Join(err, mountedError(path))
	}
	if dir.immutable(name) {
		return nil, immutableError(path)
	}
	if info.Links > 1 {
		warnings = append(warnings, fmt.Sprintf("%s has %d hard links. The other names keep the old content.", path, info.Links))
	}
	return warnings, nil
}

// explain says in words why name could not be replaced or made.
func (d *Dir) explain(doing, name string, err error) error {
	path := d.join(name)
	switch {
	case errors.Is(err, unix.EBUSY):
		return fmt.Errorf("%s: %w", doing, mountedError(path))
	case errors.Is(err, unix.EPERM) && d.immutable(name):
		return fmt.Errorf("%s: %w", doing, immutableError(path))
	case errors.Is(err, unix.EPERM) && isImmutable(d.file):
		return fmt.Errorf("%s: %w", doing, immutableError(d.path))
	case errors.Is(err, unix.EXDEV):
		return fmt.Errorf("%s %s: the directory spans two file systems here: %w", doing, path, err)
	}
	return fmt.Errorf("%s %s: %w", doing, path, err)
}

func mountedError(path string) error {
	return fmt.Errorf("%s can't be replaced: something is mounted on it, as containers do with single files; change the file that is mounted there, or unmount it first", path)
}

func immutableError(path string) error {
	return fmt.Errorf("%s can't be changed: it is marked immutable or append-only; remove the mark with chattr -i -a %s", path, path)
}

func (d *Dir) immutable(name string) bool {
	f, err := d.Open(name)
	if err != nil {
		return false
	}
	defer f.Close()
	return isImmutable(f)
}

// onOtherDevice reports whether path lies on another device than its parent.
func onOtherDevice(path string) (bool, error) {
	here, err := Lstat(path)
	if err != nil {
		return false, err
	}
	above, err := Lstat(filepath.Dir(path))
	if err != nil {
		return false, err
	}
	return here.Device != above.Device || filepath.Clean(path) == "/", nil
}
