package atomicfile

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// acl is an access control list in the kernel's form: version 2, then for each
// entry its tag, its permissions and whom it is for.
func acl(mask byte) []byte {
	const none = "\xff\xff\xff\xff"
	return []byte("\x02\x00\x00\x00" +
		"\x01\x00\x06\x00" + none + // owner rw
		"\x02\x00\x04\x00" + "\xd2\x04\x00\x00" + // user 1234 r
		"\x04\x00\x04\x00" + none + // group r
		"\x10\x00" + string(mask) + "\x00" + none +
		"\x20\x00\x00\x00" + none) // others nothing
}

func setXattr(t *testing.T, path, name string, value []byte) {
	t.Helper()
	err := unix.Setxattr(path, name, value, 0)
	if errors.Is(err, unix.ENOTSUP) {
		t.Skipf("the file system has no %s", name)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func wantXattr(t *testing.T, path, name string, want []byte) {
	t.Helper()
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	got, err := getXattr(f, name)
	if want == nil && errors.Is(err, unix.ENODATA) {
		return
	}
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("%s of %s is %q, %v; want %q", name, path, got, err, want)
	}
}

func TestWriteKeepsExtendedAttributes(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "old", keep(0o644))
	large := bytes.Repeat([]byte("v"), 1000)
	setXattr(t, path, "user.small", []byte("value"))
	setXattr(t, path, "user.large", large)
	mustWrite(t, path, "new", keep(0o644))
	wantXattr(t, path, "user.small", []byte("value"))
	wantXattr(t, path, "user.large", large)
}

func TestWriteKeepsTheAccessControlList(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "old", keep(0o640))
	setXattr(t, path, aclXattr, acl(4))
	mustWrite(t, path, "new", keep(0o640))
	wantXattr(t, path, aclXattr, acl(4))
	mustWrite(t, path, "new", keep(0o600))
	wantXattr(t, path, aclXattr, acl(0)) // the group bits are the mask
	wantFile(t, path, "new", 0o600)
}

func TestWriteDropsAnInheritedListThatTheFileDidNotHave(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	mustWrite(t, path, "old", keep(0o640))
	setXattr(t, dir, "system.posix_acl_default", acl(4))
	mustWrite(t, path, "new", keep(0o640))
	wantXattr(t, path, aclXattr, nil)
	mustWrite(t, dir+"/new", "new", keep(0o640))
	wantXattr(t, dir+"/new", aclXattr, acl(4))
}

func TestCapabilityDoesNotPassToOtherContent(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "old", keep(0o755))
	// Version 2, cap_net_bind_service permitted and effective.
	setXattr(t, path, "security.capability", []byte("\x01\x00\x00\x02\x00\x04\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00"))
	mustWrite(t, path, "new", keep(0o755))
	wantXattr(t, path, "security.capability", nil)
}

func TestImmutableFileIsExplained(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "old", keep(0o644))
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	const immutable = 0x10 // FS_IMMUTABLE_FL
	if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, immutable); err != nil {
		t.Skipf("the file system has no such marks: %v", err)
	}
	defer func() {
		if err := unix.IoctlSetPointerInt(int(f.Fd()), unix.FS_IOC_SETFLAGS, 0); err != nil {
			t.Error(err)
		}
	}()
	_, err = Check(path)
	wantError(t, err, "chattr -i -a "+path)
	wantError(t, Write(t.Context(), path, strings.NewReader("new"), keep(0o644)), "chattr -i -a "+path)
	wantFile(t, path, "old", 0o644)
	wantEntries(t, filepath.Dir(path), "file")
}

func TestMountedFileIsExplained(t *testing.T) {
	needRoot(t)
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	mustWrite(t, path, "old", keep(0o644))
	done := make(chan struct{})
	go func() {
		defer close(done)
		// The thread has mounts of its own from here on, and ends with the
		// goroutine that never gives it back.
		runtime.LockOSThread()
		if err := errors.Join(unix.Unshare(unix.CLONE_NEWNS), unix.Mount("", "/", "", unix.MS_PRIVATE|unix.MS_REC, ""), unix.Mount("/etc/passwd", path, "", unix.MS_BIND, "")); err != nil {
			t.Errorf("bind mount: %v", err)
			return
		}
		_, err := Check(path)
		wantError(t, err, "something is mounted on it")
		wantError(t, Write(t.Context(), path, strings.NewReader("new"), keep(0o644)), "something is mounted on it")
	}()
	<-done
	wantFile(t, path, "old", 0o644)
	wantEntries(t, dir, "file")
}

func TestCheckWarnsOfHardLinks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "file")
	if warnings, err := Check(path); err != nil || len(warnings) > 0 {
		t.Errorf("of nothing: %v, %v", warnings, err)
	}
	mustWrite(t, path, "x", keep(0o644))
	if err := os.Link(path, path+"2"); err != nil {
		t.Fatal(err)
	}
	warnings, err := Check(path)
	if err != nil || len(warnings) != 1 || !strings.Contains(warnings[0], "2 hard links") {
		t.Errorf("got %v, %v", warnings, err)
	}
	if warnings, err := Check(filepath.Dir(path) + "/none/file"); err != nil || len(warnings) > 0 {
		t.Errorf("in a directory that isn't there: %v, %v", warnings, err)
	}
}

func TestIsMountPoint(t *testing.T) {
	for path, want := range map[string]bool{"/": true, "/proc": true, t.TempDir(): false} {
		if got, err := IsMountPoint(path); err != nil || got != want {
			t.Errorf("%s: %v, %v", path, got, err)
		}
	}
}
