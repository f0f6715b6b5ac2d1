package plugintest

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
)

// hostDir is a directory with a file, a link and a directory with a file.
func hostDir(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	err := errors.Join(
		os.WriteFile(filepath.Join(dir, "file"), []byte("real"), 0o600),
		os.Symlink("file", filepath.Join(dir, "link")),
		os.Mkdir(filepath.Join(dir, "sub"), 0o700),
		os.WriteFile(filepath.Join(dir, "sub", "inner"), []byte("real"), 0o600),
	)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

func wantNames(t *testing.T, h *Host, dir string, want ...string) {
	t.Helper()
	if got, err := h.Names(dir); err != nil || !slices.Equal(got, want) {
		t.Errorf("names in %s: %q, %v; want %q", dir, got, err, want)
	}
}

func wantContent(t *testing.T, h *Host, path, want string) {
	t.Helper()
	if got, err := h.Content(path); err != nil || string(got) != want {
		t.Errorf("%s holds %q, %v; want %q", path, got, err, want)
	}
}

func wantGone(t *testing.T, h *Host, path string) {
	t.Helper()
	if _, err := h.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", path, err)
	}
	if _, err := h.Content(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s: %v", path, err)
	}
}

func TestAHostShowsWhatIsThere(t *testing.T) {
	dir := hostDir(t)
	h := NewHost(dir)
	wantNames(t, h, dir, "file", "link", "sub")
	wantContent(t, h, dir+"/file", "real")
	wantGone(t, h, dir+"/none")
	if f, err := h.Lstat(dir + "/link"); err != nil || !f.IsSymlink() || f.Target != "file" {
		t.Errorf("link: %+v, %v", f, err)
	}
	if f, err := h.Lstat(dir + "/file"); err != nil || f.Mode != 0o600 || f.Size != 4 || f.UID != os.Geteuid() {
		t.Errorf("file: %+v, %v", f, err)
	}
	for _, outside := range []string{"/", "/etc/passwd", dir + "er"} {
		if _, err := h.Lstat(outside); !errors.Is(err, fs.ErrPermission) {
			t.Errorf("%s: %v", outside, err)
		}
	}
}

func TestAHostShowsWhatIsPlanned(t *testing.T) {
	dir := hostDir(t)
	h := NewHost(dir)
	h.Put(dir+"/file", plugin.File{Mode: 0o644}, []byte("planned"))
	wantContent(t, h, dir+"/file", "planned")
	h.Put(dir+"/file", plugin.File{Mode: 0o600, Size: 7}, nil)
	wantContent(t, h, dir+"/file", "planned")
	if !h.Claimed(dir+"/file") || !h.ClaimedBelow(dir) || h.Claimed(dir+"/sub") {
		t.Error("a planned file is claimed, and nothing else")
	}
	h.Put(dir+"/sub", plugin.File{Type: fs.ModeDir, Mode: 0o755}, nil)
	wantContent(t, h, dir+"/sub/inner", "real")
	h.Remove(dir + "/sub")
	wantGone(t, h, dir+"/sub")
	wantGone(t, h, dir+"/sub/inner")
	h.Put(dir+"/sub", plugin.File{Type: fs.ModeDir, Mode: 0o755}, nil)
	wantGone(t, h, dir+"/sub/inner")
	h.Put(dir+"/sub/new", plugin.File{Unknown: true}, nil)
	wantNames(t, h, dir+"/sub", "new")
	wantNames(t, h, dir, "file", "link", "sub")
	if _, err := h.Content(dir + "/sub/new"); !errors.Is(err, plugin.ErrUnknown) {
		t.Errorf("what is known after apply: %v", err)
	}
	if content, err := os.ReadFile(dir + "/sub/inner"); err != nil || string(content) != "real" {
		t.Errorf("the real file holds %q, %v", content, err)
	}
}

func TestAHostKnowsUsersAndGroups(t *testing.T) {
	h := NewHost(t.TempDir())
	me := os.Geteuid()
	if id, err := h.UserID(h.UserName(me)); err != nil || id != me {
		t.Errorf("user %d is %q is %d, %v", me, h.UserName(me), id, err)
	}
	group := os.Getegid()
	if id, err := h.GroupID(h.GroupName(group)); err != nil || id != group {
		t.Errorf("group %d is %q is %d, %v", group, h.GroupName(group), id, err)
	}
	const nobody = 1<<30 + 7
	if h.UserName(nobody) != strconv.Itoa(nobody) || h.GroupName(nobody) != strconv.Itoa(nobody) {
		t.Error("a number without a name is not shown as a number")
	}
	if _, err := h.UserID("no such user"); err == nil {
		t.Error("there is a user that there isn't")
	}
}
