package atomicfile

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func openDir(t *testing.T, path string) *Dir {
	t.Helper()
	dir, err := OpenDir(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = dir.Close() })
	return dir
}

func TestOpenDir(t *testing.T) {
	root := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(root+"/a/sub", 0o755),
		os.WriteFile(root+"/a/file", nil, 0o600),
		os.Symlink("a", root+"/relative"),
		os.Symlink(root+"/a", root+"/absolute"),
		os.Symlink("loop", root+"/loop"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	tests := []struct {
		name, path string
		err        string // "" is none
		exact      string // the error of OpenExact
	}{
		{"the root directory", "/", "", ""},
		{"a directory", root + "/a/sub", "", ""},
		{"a spelling with dots", root + "//a/./sub/../sub/", "", ""},
		{"a relative link", root + "/relative/sub", "", "symbolic link now"},
		{"an absolute link", root + "/absolute/sub", "", "symbolic link now"},
		{"a link at the end", root + "/relative", "", "symbolic link now"},
		{"up from behind a link", root + "/relative/../a", "", "symbolic link now"},
		{"a loop", root + "/loop", "symbolic link", "symbolic link now"},
		{"a file", root + "/a/file", "not a directory", "not a directory"},
		{"nothing", root + "/none", "no such file", "no such file"},
		{"a relative path", "a", "not absolute", "not absolute"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			wantOpen(t, OpenDir, test.path, test.err)
			wantOpen(t, OpenExact, test.path, test.exact)
		})
	}
}

func wantOpen(t *testing.T, open func(string) (*Dir, error), path, text string) {
	t.Helper()
	dir, err := open(path)
	if err == nil {
		_ = dir.Close()
	}
	if text != "" {
		wantError(t, err, text)
	} else if err != nil {
		t.Error(err)
	}
}

func TestUnsafePathIsRefused(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	for _, err := range []error{
		os.MkdirAll(root+"/user/own", 0o755),
		os.MkdirAll(root+"/user/foreign", 0o755),
		os.MkdirAll(root+"/system", 0o755),
		os.Symlink(root+"/system", root+"/user/absolute"),
		os.Symlink("../system", root+"/user/relative"),
		os.Symlink("own", root+"/user/mine"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"", "/own", "/absolute", "/relative", "/mine"} {
		if err := os.Lchown(root+"/user"+name, 1234, 1234); err != nil {
			t.Fatal(err)
		}
	}
	openDir(t, root+"/user/own")
	openDir(t, root+"/user/mine")
	for _, name := range []string{"/user/foreign", "/user/absolute", "/user/relative"} {
		dir, err := OpenDir(root + name)
		wantError(t, err, "not safe: user 1234")
		if err == nil {
			_ = dir.Close()
		}
	}
}

func TestDirStaysTheDirectoryItIs(t *testing.T) {
	root := t.TempDir()
	for _, name := range []string{"/a", "/b"} {
		if err := os.Mkdir(root+name, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	dir := openDir(t, root+"/a")
	if err := errors.Join(os.Rename(root+"/a", root+"/moved"), os.Symlink("b", root+"/a")); err != nil {
		t.Fatal(err)
	}
	if err := dir.Write(t.Context(), "file", strings.NewReader("x"), keep(0o644)); err != nil {
		t.Fatal(err)
	}
	wantFile(t, root+"/moved/file", "x", 0o644)
	wantEntries(t, root+"/b")
}

func TestEntries(t *testing.T) {
	root := t.TempDir()
	dir := openDir(t, root)
	if err := dir.Mkdir("sub", Meta{Mode: 0o2775, UID: -1, GID: -1}); err != nil {
		t.Fatal(err)
	}
	info, err := dir.Lstat("sub")
	if err != nil || info.Type != fs.ModeDir || info.Mode != 0o2775 {
		t.Errorf("got %+v, %v", info, err)
	}
	wantError(t, dir.Mkdir("sub", Meta{Mode: 0o755, UID: -1, GID: -1}), "exists")
	mustWrite(t, root+"/sub/file", "x", keep(0o644))
	wantError(t, dir.Remove("sub"), "not empty")
	sub := openDir(t, root+"/sub")
	if err := errors.Join(sub.SetMeta("file", Meta{Mode: 0, UID: -1, GID: -1}), sub.SetMeta("file", Meta{Mode: 0o4711, UID: -1, GID: -1})); err != nil {
		t.Fatal(err)
	}
	wantFile(t, root+"/sub/file", "x", fs.ModeSetuid|0o711)
	if err := errors.Join(sub.Remove("file"), dir.Remove("sub")); err != nil {
		t.Fatal(err)
	}
	if err := dir.Remove("sub"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestSetMetaOfALinkChangesTheLink(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	mustWrite(t, root+"/target", "x", keep(0o644))
	if err := os.Symlink("target", root+"/link"); err != nil {
		t.Fatal(err)
	}
	dir := openDir(t, root)
	if err := dir.SetMeta("link", Meta{Mode: 0o600, UID: 1234, GID: 1234}); err != nil {
		t.Fatal(err)
	}
	link, _ := dir.Lstat("link")
	target, _ := dir.Lstat("target")
	if link.UID != 1234 || target.UID != 0 || target.Mode != 0o644 {
		t.Errorf("link %+v, target %+v", link, target)
	}
}

func TestSetMetaKeepsSetuidWhenTheOwnerChanges(t *testing.T) {
	needRoot(t)
	path := filepath.Join(t.TempDir(), "file")
	mustWrite(t, path, "x", keep(0o4755))
	if err := openDir(t, filepath.Dir(path)).SetMeta("file", Meta{Mode: 0o4755, UID: 1234, GID: 1234}); err != nil {
		t.Fatal(err)
	}
	wantFile(t, path, "x", fs.ModeSetuid|0o755)
}

func TestSetMetaRefusesAFileThatAUserLinkedIn(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	mustWrite(t, root+"/shadow", "x", keep(0o600))
	if err := errors.Join(os.Mkdir(root+"/home", 0o755), os.Link(root+"/shadow", root+"/home/mine"), os.Chown(root+"/home", 1234, 1234)); err != nil {
		t.Fatal(err)
	}
	wantError(t, openDir(t, root+"/home").SetMeta("mine", Meta{Mode: 0o644, UID: 1234, GID: 1234}), "not safe")
	wantFile(t, root+"/shadow", "x", 0o600)
}

func TestOpenReadsRegularFilesOnly(t *testing.T) {
	root := t.TempDir()
	if err := errors.Join(os.Mkdir(root+"/dir", 0o755), os.Symlink("/etc/passwd", root+"/link")); err != nil {
		t.Fatal(err)
	}
	dir := openDir(t, root)
	for _, name := range []string{"dir", "link"} {
		if f, err := dir.Open(name); err == nil {
			_ = f.Close()
			t.Errorf("%s was opened", name)
		}
	}
}
