package atomicfile

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"golang.org/x/sys/unix"
)

const aclXattr = "system.posix_acl_access"

// ofContent are the attributes that speak of a file's content, and would lie
// about another: what it may do when run, and signatures of it.
var ofContent = []string{"security.capability", "security.ima", "security.evm"}

// copyXattrs gives temp the extended attributes of old, among them its access
// control list and security label.
func copyXattrs(temp, old *os.File) error {
	names, err := listXattrs(old)
	if err != nil {
		return fmt.Errorf("read the extended attributes: %w", err)
	}
	for _, name := range names {
		if slices.Contains(ofContent, name) {
			continue
		}
		if err := copyXattr(temp, old, name); err != nil {
			return fmt.Errorf("keep the extended attribute %s: %w", name, err)
		}
	}
	if slices.Contains(names, aclXattr) {
		return nil
	}
	// The directory may have given the new file a list that the old one
	// doesn't have.
	err = ignoringEINTR(func() error { return unix.Fremovexattr(int(temp.Fd()), aclXattr) })
	if err != nil && !errors.Is(err, unix.ENODATA) && !errors.Is(err, unix.ENOTSUP) {
		return fmt.Errorf("drop the inherited access control list: %w", err)
	}
	return nil
}

func listXattrs(f *os.File) ([]string, error) {
	buf, err := growing(func(buf []byte) (int, error) { return unix.Flistxattr(int(f.Fd()), buf) })
	if errors.Is(err, unix.ENOTSUP) {
		return nil, nil
	}
	if err != nil || len(buf) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(buf), "\x00"), "\x00"), nil
}

func copyXattr(temp, old *os.File, name string) error {
	value, err := getXattr(old, name)
	if errors.Is(err, unix.ENODATA) {
		return nil // removed meanwhile
	}
	if err != nil {
		return err
	}
	if present, err := getXattr(temp, name); err == nil && bytes.Equal(present, value) {
		return nil
	}
	err = ignoringEINTR(func() error { return unix.Fsetxattr(int(temp.Fd()), name, value, 0) })
	if errors.Is(err, unix.EPERM) && os.Geteuid() != 0 && strings.HasPrefix(name, "security.") {
		// An ordinary user may not set labels. The kernel has given the new
		// file the one that is due to that user's files here.
		return nil
	}
	return err
}

func getXattr(f *os.File, name string) ([]byte, error) {
	return growing(func(buf []byte) (int, error) { return unix.Fgetxattr(int(f.Fd()), name, buf) })
}

// growing calls read with an ever larger buffer until all fits in.
func growing(read func(buf []byte) (int, error)) ([]byte, error) {
	for size := 256; ; size *= 4 {
		buf := make([]byte, size)
		var n int
		err := ignoringEINTR(func() (err error) { n, err = read(buf); return err })
		if errors.Is(err, unix.ERANGE) && size < 1<<20 {
			continue
		}
		if err != nil {
			return nil, err
		}
		return buf[:n], nil
	}
}
