package atomicfile

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"golang.org/x/sys/unix"
)

// Write is [Write] for an entry of the directory.
func (d *Dir) Write(ctx context.Context, name string, content io.Reader, opt Options) (err error) {
	old, err := d.openOld(name, opt.ReplaceSymlink)
	if err != nil {
		return err
	}
	if old != nil {
		defer old.Close()
	}
	temp, tempName, err := d.createTemp(name)
	if err != nil {
		return d.explain("write", name, err)
	}
	defer func() {
		closeErr := temp.Close()
		if err != nil {
			err = errors.Join(err, d.unlinkTemp(tempName))
			return
		}
		err = closeErr
	}()
	if err := fill(temp, old, content, opt.Meta); err != nil {
		return fmt.Errorf("write %s: %w", d.join(name), err)
	}
	if err := runValidators(ctx, opt.Validate, d.join(tempName)); err != nil {
		return fmt.Errorf("write %s: %w; the file was not changed", d.join(name), err)
	}
	if err := temp.Sync(); err != nil {
		return fmt.Errorf("write %s: %w", d.join(name), err)
	}
	err = ignoringEINTR(func() error { return unix.Renameat(d.fd(), tempName, d.fd(), name) })
	if err != nil {
		return d.explain("write", name, err)
	}
	return d.sync()
}

// openOld opens the file that is to be replaced, nil if there is none whose
// attributes are to be kept.
func (d *Dir) openOld(name string, replaceSymlink bool) (*os.File, error) {
	info, err := d.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	case info.Type == fs.ModeSymlink && replaceSymlink:
		return nil, nil
	case info.Type == fs.ModeSymlink:
		return nil, fmt.Errorf("write %s: it is a symbolic link to %s, which is not followed; write to the file that it points to, or allow the link to be replaced", d.join(name), info.Target)
	case info.Type != 0:
		return nil, fmt.Errorf("write %s: it is there already and not a regular file", d.join(name))
	}
	return d.Open(name)
}

// createTemp makes a new file that nobody else can open yet.
func (d *Dir) createTemp(name string) (*os.File, string, error) {
	for range 10 {
		temp := tempName(name)
		fd, err := d.openat(temp, unix.O_RDWR|unix.O_CREAT|unix.O_EXCL, 0o600)
		if err == unix.EEXIST {
			continue
		}
		if err != nil {
			return nil, "", err
		}
		return os.NewFile(uintptr(fd), d.join(temp)), temp, nil
	}
	return nil, "", errors.New("no free name for a temporary file")
}

// tempName returns a name that [RemoveLeftovers] recognises. A long name is
// cut, as a name has 255 bytes at most.
func tempName(name string) string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails, by its documentation
	const most = 255 - len(".") - len(tempInfix) - 8
	return "." + name[:min(len(name), most)] + tempInfix + hex.EncodeToString(random)
}

// fill makes temp what is to be put in place.
func fill(temp, old *os.File, content io.Reader, meta Meta) error {
	if _, err := io.Copy(temp, content); err != nil {
		return err
	}
	if err := chownTemp(temp, old, meta); err != nil {
		return err
	}
	if old != nil {
		if err := copyXattrs(temp, old); err != nil {
			return err
		}
	}
	// The mode comes last: chown clears setuid, and an access control list
	// brings group bits of its own.
	return chmodFD(int(temp.Fd()), meta.Mode)
}

func chownTemp(temp, old *os.File, meta Meta) error {
	uid, gid := meta.UID, meta.GID
	if old != nil {
		var st unix.Stat_t
		if err := unix.Fstat(int(old.Fd()), &st); err != nil {
			return fmt.Errorf("read the owner: %w", err)
		}
		if uid < 0 {
			uid = int(st.Uid)
		}
		if gid < 0 {
			gid = int(st.Gid)
		}
	}
	var st unix.Stat_t
	if err := unix.Fstat(int(temp.Fd()), &st); err != nil {
		return fmt.Errorf("read the owner: %w", err)
	}
	if (uid < 0 || uid == int(st.Uid)) && (gid < 0 || gid == int(st.Gid)) {
		return nil
	}
	return explainChown(chownFD(int(temp.Fd()), uid, gid), uid, gid)
}

func explainChown(err error, uid, gid int) error {
	if errors.Is(err, unix.EPERM) {
		return fmt.Errorf("give it to user %d and group %d: only root may give a file to another user or to a group that it is not in: %w", uid, gid, err)
	}
	if err != nil {
		return fmt.Errorf("give it to user %d and group %d: %w", uid, gid, err)
	}
	return nil
}

func (d *Dir) unlinkTemp(name string) error {
	err := unix.Unlinkat(d.fd(), name, 0)
	if err == nil || errors.Is(err, unix.ENOENT) {
		return nil
	}
	return fmt.Errorf("remove the temporary file %s: %w", d.join(name), err)
}

// sync makes what was done to the directory's entries survive a power loss.
func (d *Dir) sync() error {
	err := d.file.Sync()
	if errors.Is(err, unix.EINVAL) {
		return nil // the file system has nothing to sync for a directory
	}
	return err
}
