package overlay

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
)

var (
	file = plugin.File{Mode: 0o644}
	dir  = plugin.File{Type: fs.ModeDir, Mode: 0o755}
)

func link(target string) plugin.File {
	return plugin.File{Type: fs.ModeSymlink, Mode: 0o777, Target: target}
}

// tree makes real files and directories: a/file, a/sub/deep, and link to a.
func tree(t *testing.T) string {
	t.Helper()
	root, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, err := range []error{
		os.MkdirAll(root+"/a/sub", 0o755),
		os.WriteFile(root+"/a/file", []byte("real"), 0o644),
		os.WriteFile(root+"/a/sub/deep", []byte("deep"), 0o600),
		os.Symlink("a", root+"/link"),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	return root
}

func wantGone(t *testing.T, o *Overlay, path string) {
	t.Helper()
	if file, err := o.Lstat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("%s is %+v, %v", path, file, err)
	}
	if _, err := o.Content(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the content of %s: %v", path, err)
	}
	if _, err := o.Names(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the names of %s: %v", path, err)
	}
}

func wantContent(t *testing.T, o *Overlay, path, want string) {
	t.Helper()
	got, err := o.Content(path)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s holds %q, want %q", path, got, want)
	}
}

func wantNames(t *testing.T, o *Overlay, path string, want ...string) {
	t.Helper()
	got, err := o.Names(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("names of %s (-want +got):\n%s", path, diff)
	}
}

func TestRealFilesShineThrough(t *testing.T) {
	root, o := tree(t), New(Options{})
	got, err := o.Lstat(root + "/a/file")
	want := plugin.File{Mode: 0o644, UID: os.Geteuid(), GID: os.Getegid(), Size: 4}
	if err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := o.Lstat(root + "/link"); err != nil || !got.IsSymlink() || got.Target != "a" {
		t.Errorf("got %+v, %v", got, err)
	}
	wantContent(t, o, root+"/a/file", "real")
	wantNames(t, o, root+"/a", "file", "sub")
	if _, err := o.Lstat(root + "/a/file/below"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("below a file: %v", err)
	}
	for _, path := range []string{root + "/a", root + "/link"} {
		if _, err := o.Content(path); err == nil || errors.Is(err, fs.ErrNotExist) {
			t.Errorf("the content of %s: %v", path, err)
		}
	}
}

func TestPlannedFile(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/a/new", file, []byte("planned"))
	o.Put(root+"/a/file", plugin.File{Mode: 0o600, Validate: [][]string{{"true"}}}, []byte("changed"))
	wantContent(t, o, root+"/a/new", "planned")
	wantContent(t, o, root+"/link/file", "changed")
	wantNames(t, o, root+"/a", "file", "new", "sub")
	got, err := o.Lstat(root + "/a/file")
	if want := (plugin.File{Mode: 0o600, Size: 7, Validate: [][]string{{"true"}}}); err != nil || !cmp.Equal(want, got) {
		t.Errorf("got %+v, %v", got, err)
	}
	if content, err := os.ReadFile(root + "/a/file"); err != nil || string(content) != "real" {
		t.Errorf("the real file is %q, %v", content, err)
	}
	o.Remove(root + "/a/file")
	wantGone(t, o, root+"/a/file")
	wantNames(t, o, root+"/a", "new", "sub")
}

func TestPlannedModeKeepsTheContent(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/a/file", plugin.File{Mode: 0o600, Size: 4}, nil)
	wantContent(t, o, root+"/a/file", "real")
	o.Put(root+"/a/file", file, []byte("planned"))
	o.Put(root+"/a/file", plugin.File{Mode: 0o600, Size: 7}, nil)
	wantContent(t, o, root+"/a/file", "planned")
	o.Put(root+"/a/file", file, []byte{})
	wantContent(t, o, root+"/a/file", "")
}

func TestUnknownContent(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/a/file", plugin.File{Mode: 0o644, Unknown: true}, nil)
	if _, err := o.Content(root + "/a/file"); !errors.Is(err, plugin.ErrUnknown) {
		t.Errorf("got %v", err)
	}
}

func TestRemovedDirectoryHasNothingBelow(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/a/new", file, []byte("planned"))
	o.Remove(root + "/a")
	for _, path := range []string{"/a", "/a/file", "/a/sub/deep", "/a/new"} {
		wantGone(t, o, root+path)
	}
	o.Put(root+"/a", dir, nil)
	wantNames(t, o, root+"/a")
	wantGone(t, o, root+"/a/sub/deep")
	o.Put(root+"/a/sub", dir, nil)
	wantGone(t, o, root+"/a/sub/deep")
	o.Put(root+"/a", plugin.File{Type: fs.ModeDir, Mode: 0o700}, nil)
	wantNames(t, o, root+"/a", "sub")
	wantGone(t, o, root+"/a/file")
}

func TestDirectoryThatStaysOneKeepsWhatIsBelow(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/a", plugin.File{Type: fs.ModeDir, Mode: 0o700}, nil)
	wantContent(t, o, root+"/a/sub/deep", "deep")
	wantNames(t, o, root+"/a", "file", "sub")
	o.Put(root+"/a", file, []byte("now a file"))
	wantGone(t, o, root+"/a/sub/deep")
	if _, err := o.Names(root + "/a"); err == nil {
		t.Error("a file has names")
	}
}

func TestNewDirectoryBelowNewDirectory(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Put(root+"/x", dir, nil)
	o.Put(root+"/x/y", dir, nil)
	o.Put(root+"/x/y/z", file, []byte("z"))
	wantNames(t, o, root+"/x", "y")
	wantNames(t, o, root+"/x/y", "z")
	wantGone(t, o, root+"/x/other")
}

func TestCanonical(t *testing.T) {
	root, o := tree(t), New(Options{})
	tests := []struct{ name, path, want string }{
		{"a plain path is itself", root + "/a/file", root + "/a/file"},
		{"a linked parent is resolved", root + "/link/file", root + "/a/file"},
		{"the last component is not", root + "/link", root + "/link"},
		{"double slashes are one", "/" + root + "//a///file", root + "/a/file"},
		{"dots are resolved", root + "/./a/../a/file", root + "/a/file"},
		{"behind a link dots go up from where it leads", root + "/link/sub/../file", root + "/a/file"},
		{"a path that ends in dots", root + "/link/sub/..", root + "/a"},
		{"a missing directory is as it is written", root + "/none/file", root + "/none/file"},
		{"the root directory", "/", "/"},
		{"above the root directory", "/../..", "/"},
		{"an entry of the root directory", "//x", "/x"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			for range 2 { // the second time from memory
				if got := o.Canonical(test.path); got != test.want {
					t.Errorf("got %s, want %s", got, test.want)
				}
			}
		})
	}
}

func TestCanonicalFollowsThePlan(t *testing.T) {
	root, o := tree(t), New(Options{})
	if got := o.Canonical(root + "/other/file"); got != root+"/other/file" {
		t.Error(got)
	}
	o.Put(root+"/other", link("a/sub"), nil)
	wantContent(t, o, root+"/other/deep", "deep")
	o.Put(root+"/link", link(root+"/other"), nil)
	wantContent(t, o, root+"/link/deep", "deep")
	o.Remove(root + "/link")
	wantGone(t, o, root+"/link/deep")
	o.Put(root+"/loop", link("loop"), nil)
	if _, err := o.Lstat(root + "/loop/x"); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("through a loop: %v", err)
	}
}

func TestClaims(t *testing.T) {
	root, o := tree(t), New(Options{})
	o.Claim(root + "/link/sub/deep")
	o.Put(root+"/a/file", file, []byte("changed"))
	o.Put(root+"/b/new", file, []byte("new"))
	for path, want := range map[string][2]bool{
		"/a/sub/deep": {true, false},
		"/a/sub":      {false, true},
		"/a":          {false, true},
		"/a/file":     {false, false}, // changed, as a recursion does, and not made
		"/b/new":      {true, false},
		"/b":          {false, true},
		"/c":          {false, false},
	} {
		if got := [2]bool{o.Claimed(root + path), o.ClaimedBelow(root + path)}; got != want {
			t.Errorf("%s is claimed %v, want %v", path, got, want)
		}
	}
}

func TestAccounts(t *testing.T) {
	etc := t.TempDir()
	passwd, group := etc+"/passwd", etc+"/group"
	for path, content := range map[string]string{
		passwd: "# a comment\nalpha:x:1001:1001::/:/bin/sh\nalpha:x:9:9::/:/bin/sh\nbad line\n\nbeta:x:nonsense:1::/:/\n",
		group:  "crew:x:2001:alpha\n",
	} {
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	o := New(Options{Passwd: passwd, Group: group})
	for name, want := range map[string]int{"alpha": 1001, "77": 77, "0": 0} {
		if id, err := o.UserID(name); err != nil || id != want {
			t.Errorf("user %s is %d, %v", name, id, err)
		}
	}
	if id, err := o.GroupID("crew"); err != nil || id != 2001 {
		t.Errorf("group crew is %d, %v", id, err)
	}
	if got := o.UserName(1001) + " " + o.GroupName(2001) + " " + o.UserName(3999111); got != "alpha crew 3999111" {
		t.Error(got)
	}
	for _, name := range []string{"no-such-user", "beta", "-1", "4294967295", ""} {
		if id, err := o.UserID(name); err == nil || errors.Is(err, plugin.ErrUnknown) {
			t.Errorf("user %q is %d, %v", name, id, err)
		}
	}

	o.Put(passwd, file, []byte("alpha:x:1001:1001::/:/\nplanned:x:1002:1002::/:/\n"))
	if id, err := o.UserID("planned"); err != nil || id != 1002 {
		t.Errorf("the planned user is %d, %v", id, err)
	}
	o.Put(passwd, plugin.File{Mode: 0o644, Unknown: true}, nil)
	if _, err := o.UserID("planned"); !errors.Is(err, plugin.ErrUnknown) {
		t.Errorf("got %v", err)
	}
	if id, err := o.UserID("alpha"); err != nil || id != 1001 {
		t.Errorf("a user who is there already is %d, %v", id, err)
	}
}

func TestConcurrentUse(t *testing.T) {
	root, o := tree(t), New(Options{})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			path := fmt.Sprintf("%s/link/new%d", root, i)
			for range 50 {
				o.Put(path, file, []byte("x"))
				wantContent(t, o, path, "x")
				if _, err := o.Names(root + "/a"); err != nil {
					t.Error(err)
				}
				_ = o.UserName(0)
				o.Remove(path)
			}
		})
	}
	all.Wait()
	wantNames(t, o, root+"/a", "file", "sub")
}

func FuzzCanonical(f *testing.F) {
	f.Add("/a//b/../c/.")
	f.Add("")
	o := New(Options{})
	f.Fuzz(func(t *testing.T, path string) {
		once := o.Canonical(path)
		if once == "" || once[0] != '/' || o.Canonical(once) != once {
			t.Errorf("%q became %q and then %q", path, once, o.Canonical(once))
		}
	})
}

func BenchmarkLstatAndContent(b *testing.B) {
	path := filepath.Join(b.TempDir(), "file")
	if err := os.WriteFile(path, []byte("content"), 0o644); err != nil {
		b.Fatal(err)
	}
	o := New(Options{})
	b.ReportAllocs()
	for b.Loop() {
		if _, err := o.Lstat(path); err != nil {
			b.Fatal(err)
		}
		if _, err := o.Content(path); err != nil {
			b.Fatal(err)
		}
	}
}
