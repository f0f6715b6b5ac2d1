package atomicfile

import (
	"errors"
	"fmt"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// SetMeta changes owner and mode of an entry where it is, without replacing
// it. A symbolic link has an owner but no mode of its own.
func (d *Dir) SetMeta(name string, meta Meta) error {
	fd, err := d.openat(name, openMeta, 0)
	if err != nil {
		return d.fail("open", name, err)
	}
	defer unix.Close(fd)
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return d.fail("stat", name, err)
	}
	if err := d.refuseForeignLink(name, &st); err != nil {
		return err
	}
	if err := setMeta(fd, &st, meta); err != nil {
		return d.explain("change owner and mode of", name, err)
	}
	return nil
}

func setMeta(fd int, st *unix.Stat_t, meta Meta) error {
	chown := meta.UID >= 0 && meta.UID != int(st.Uid) || meta.GID >= 0 && meta.GID != int(st.Gid)
	if chown {
		if err := explainChown(chownFD(fd, meta.UID, meta.GID), meta.UID, meta.GID); err != nil {
			return err
		}
	}
	if typeOf(uint32(st.Mode)) == fs.ModeSymlink {
		return nil
	}
	// A change of the owner clears setuid and setgid, so the mode is set
	// again after it.
	if !chown && uint32(st.Mode)&0o7777 == meta.Mode {
		return nil
	}
	return chmodFD(fd, meta.Mode)
}

// refuseForeignLink keeps root from changing a file that a user linked into a
// directory of their own.
func (d *Dir) refuseForeignLink(name string, st *unix.Stat_t) error {
	if os.Geteuid() != 0 || st.Nlink < 2 || typeOf(uint32(st.Mode)) == fs.ModeDir {
		return nil
	}
	var above unix.Stat_t
	if err := unix.Fstat(d.fd(), &above); err != nil {
		return d.fail("stat", ".", err)
	}
	if above.Uid == 0 || above.Uid == st.Uid {
		return nil
	}
	return fmt.Errorf("change owner and mode of %s: it is not safe: the file of user %d has another name elsewhere, and user %d, who owns the directory, may have put it here", d.join(name), st.Uid, above.Uid)
}

// Mkdir makes a directory.
func (d *Dir) Mkdir(name string, meta Meta) error {
	err := ignoringEINTR(func() error { return unix.Mkdirat(d.fd(), name, 0o700) })
	if err != nil {
		return d.explain("make directory", name, err)
	}
	if err := d.SetMeta(name, meta); err != nil {
		return errors.Join(err, unix.Unlinkat(d.fd(), name, unix.AT_REMOVEDIR))
	}
	return d.sync()
}

// Remove removes an entry; a directory only if it is empty.
func (d *Dir) Remove(name string) error {
	info, err := d.Lstat(name)
	if err != nil {
		return err
	}
	flags := 0
	if info.Type == fs.ModeDir {
		flags = unix.AT_REMOVEDIR
	}
	err = ignoringEINTR(func() error { return unix.Unlinkat(d.fd(), name, flags) })
	if err != nil {
		return d.explain("remove", name, err)
	}
	return d.sync()
}
