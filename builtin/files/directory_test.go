package files

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/plugin"
)

// tree makes directories, which end in a slash, files and links under root.
func tree(t *testing.T, root string, entries map[string]string) {
	t.Helper()
	for name, content := range entries {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		var err error
		switch {
		case name[len(name)-1] == '/':
			err = os.MkdirAll(path, 0o755)
		case len(content) > 0 && content[0] == '>':
			err = os.Symlink(content[1:], path)
		default:
			err = os.WriteFile(path, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

func names(t *testing.T, root string) []string {
	t.Helper()
	var out []string
	for path := range snapshot(t, root) {
		if path != root {
			out = append(out, path[len(root)+1:])
		}
	}
	slices.Sort(out)
	return out
}

func wantMode(t *testing.T, path string, mode fs.FileMode) {
	t.Helper()
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != mode {
		t.Errorf("mode of %s is %s, want %s", path, info.Mode(), mode)
	}
}

func TestDirectoryIsMadeWithItsParents(t *testing.T) {
	defer unix.Umask(unix.Umask(0o077))
	root := t.TempDir()
	path := filepath.Join(root, "a/b/c")
	wantSummary(t, planError(t, open(t, "directory", attrs{"path": str(path), "parents": cty.False}), newHost()), "Missing directory", root+"/a/b")
	task := open(t, "directory", attrs{"path": str(path), "mode": str("2750")})
	wantReasons(t, converge(t, root, task), plugin.Create, "does not exist")
	wantMode(t, filepath.Join(root, "a"), fs.ModeDir|0o755)
	wantMode(t, path, fs.ModeDir|fs.ModeSetgid|0o750)

	if err := os.Chmod(path, 0o700); err != nil {
		t.Fatal(err)
	}
	wantReasons(t, converge(t, root, task), plugin.Update, "mode")
	wantReasons(t, converge(t, root, open(t, "directory", attrs{"path": str(path)})), plugin.NoOp)
}

func TestDirectoryRefusesWhatIsNotOne(t *testing.T) {
	root := t.TempDir()
	tree(t, root, map[string]string{"file": "", "dir/": "", "link": ">dir"})
	for _, name := range []string{"file", "link"} {
		diags := planError(t, open(t, "directory", attrs{"path": str(filepath.Join(root, name))}), newHost())
		wantSummary(t, diags, "Not a directory", name)
	}
	diags := planError(t, open(t, "directory", attrs{"path": str(filepath.Join(root, "file/below"))}), newHost())
	wantSummary(t, diags, "Not a directory", "regular file")
}

func TestDirectoryRecurses(t *testing.T) {
	root := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "", 0o777)
	tree(t, root, map[string]string{"d/file": "", "d/script": "", "d/sub/deep": "", "d/link": ">" + outside, "d/managed": ""})
	for name, mode := range map[string]fs.FileMode{"file": 0o600, "script": 0o700, "sub/deep": 0o600, "sub": 0o700, "managed": 0o600} {
		if err := os.Chmod(filepath.Join(root, "d", name), mode); err != nil {
			t.Fatal(err)
		}
	}
	path := filepath.Join(root, "d")
	task := open(t, "directory", attrs{"path": str(path), "mode": str("0754"), "recurse": cty.True})
	host := newHost()
	host.Claim(filepath.Join(path, "managed"))
	change := plan(t, task, host)
	wantReasons(t, change, plugin.Update, "mode", "drifted")
	want := []string{path + "/file", path + "/script", path + "/sub/deep", path + "/sub"}
	var found []string
	for _, f := range change.Findings {
		found = append(found, f.Name)
	}
	if diff := cmp.Diff(want, found); diff != "" {
		t.Error(diff)
	}
	applyChange(t, task, change)
	wantMode(t, path+"/file", 0o644)
	wantMode(t, path+"/script", 0o754)
	wantMode(t, path+"/sub", fs.ModeDir|0o755)
	wantMode(t, path+"/sub/deep", 0o644)
	wantMode(t, path+"/managed", 0o600)
	wantMode(t, outside, 0o777)
	wantReasons(t, plan(t, task, host), plugin.NoOp)
}

func TestDirectoryRecursesWithOwner(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	outside := filepath.Join(t.TempDir(), "outside")
	write(t, outside, "", 0o644)
	tree(t, root, map[string]string{"d/file": "", "d/link": ">" + outside})
	if err := os.Chmod(root+"/d/file", fs.ModeSetuid|0o755); err != nil {
		t.Fatal(err)
	}
	converge(t, root, open(t, "directory", attrs{"path": str(root + "/d"), "owner": str("1234"), "recurse": cty.True}))
	for path, e := range snapshot(t, root+"/d") {
		if e.UID != 1234 {
			t.Errorf("%s belongs to %d", path, e.UID)
		}
	}
	wantMode(t, root+"/d/file", fs.ModeSetuid|0o755)
	if e := snapshot(t, outside)[outside]; e.UID != 0 {
		t.Errorf("the link was followed: its target belongs to %d", e.UID)
	}
}

func TestDirectoryPurges(t *testing.T) {
	tests := []struct {
		name     string
		patterns []string
		claimed  []string
		want     []string
	}{
		{"what matches in the directory itself", []string{"*.conf"}, nil, []string{"b.txt", "link", "sub", "sub/c.conf", "sub/d.txt"}},
		{"but what a task manages", []string{"*.conf"}, []string{"a.conf"}, []string{"a.conf", "b.txt", "link", "sub", "sub/c.conf", "sub/d.txt"}},
		{"at any depth", []string{"**/*.conf"}, nil, []string{"b.txt", "link", "sub", "sub/d.txt"}},
		{"whole directories, links not followed", []string{"*"}, nil, nil},
		{"but directories in which a task manages something", []string{"**"}, []string{"sub/d.txt"}, []string{"sub", "sub/d.txt"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root, outside := t.TempDir(), t.TempDir()
			tree(t, outside, map[string]string{"x.conf": ""})
			tree(t, root, map[string]string{"a.conf": "", "b.txt": "", "sub/c.conf": "", "sub/d.txt": "", "link": ">" + outside})
			host := newHost()
			for _, claimed := range test.claimed {
				host.Claim(filepath.Join(root, claimed))
			}
			task := open(t, "directory", attrs{"path": str(root), "purge": strs(test.patterns...)})
			change := plan(t, task, host)
			if n := change.Before.GetAttr("unmanaged").LengthInt(); n != len(change.Findings) {
				t.Errorf("before has %d paths, the findings %d", n, len(change.Findings))
			}
			applyChange(t, task, change)
			if diff := cmp.Diff(test.want, names(t, root)); diff != "" {
				t.Error(diff)
			}
			if diff := cmp.Diff([]string{"x.conf"}, names(t, outside)); diff != "" {
				t.Error(diff)
			}
			wantReasons(t, plan(t, task, host), plugin.NoOp)
		})
	}
}

func TestDirectoryAbsent(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "d")
	task := open(t, "directory", attrs{"path": str(path), "state": str("absent")})
	wantReasons(t, converge(t, root, task), plugin.NoOp)
	tree(t, root, map[string]string{"d/": ""})
	wantReasons(t, converge(t, root, task), plugin.Delete, "state")

	tree(t, root, map[string]string{"d/a": "", "d/sub/b": "", "d/link": ">/etc"})
	wantSummary(t, planError(t, task, newHost()), "Directory not empty", "a, link, sub")
	force := open(t, "directory", attrs{"path": str(path), "state": str("absent"), "force": cty.True})
	claimed := newHost()
	claimed.Claim(path + "/sub/b")
	wantSummary(t, planError(t, force, claimed), "Directory in use", path)

	change := plan(t, force, newHost())
	tree(t, root, map[string]string{"d/sub/new": "appeared"})
	_, diags := force.Apply(t.Context(), change)
	wantSummary(t, diags, "Directory not changed", "not empty")
	wantFile(t, path+"/sub/new", "appeared", 0o644)

	converge(t, root, force)
	if got := names(t, root); len(got) > 0 {
		t.Errorf("still there: %v", got)
	}
}

func TestDirectoryRefusesRootAndMountPoints(t *testing.T) {
	cfg := config(t, "directory", attrs{"path": str("//."), "state": str("absent")})
	wantSummary(t, validateDirectory(cfg), "Root directory", "")
	link := filepath.Join(t.TempDir(), "link")
	if err := os.Symlink("/", link); err != nil {
		t.Fatal(err)
	}
	task := open(t, "directory", attrs{"path": str(link + "/."), "state": str("absent"), "force": cty.True})
	wantSummary(t, planError(t, task, newHost()), "Root directory", "")

	task = open(t, "directory", attrs{"path": str("/proc"), "state": str("absent"), "force": cty.True})
	wantSummary(t, planError(t, task, newHost()), "Mount point", "/proc")
}

func TestDirectoryIsNotChangedWhenItHasMovedOn(t *testing.T) {
	root := t.TempDir()
	tree(t, root, map[string]string{"d/a": "", "d/b": ""})
	task := open(t, "directory", attrs{"path": str(root + "/d"), "mode": str("0750"), "recurse": cty.True})
	change := plan(t, task, newHost())
	if err := os.Chmod(root+"/d/b", 0o666); err != nil {
		t.Fatal(err)
	}
	before := snapshot(t, root)
	_, diags := task.Apply(t.Context(), change)
	wantSummary(t, diags, "The directory has changed since the plan", "d/b had mode 0644")
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Error(diff)
	}
}

func TestDirectoryIsSeenByTheTasksAfterIt(t *testing.T) {
	root := t.TempDir()
	host := newHost()
	dir := open(t, "directory", attrs{"path": str(root + "/new")})
	file := open(t, "file", attrs{"path": str(root + "/new/file"), "content": str("x")})
	first, second := plan(t, dir, host), plan(t, file, host)
	if _, err := os.Lstat(root + "/new"); !errors.Is(err, fs.ErrNotExist) {
		t.Fatalf("the plan made the directory: %v", err)
	}
	applyChange(t, dir, first)
	applyChange(t, file, second)
	wantFile(t, root+"/new/file", "x", 0o644)
}

func TestDirectoryValidate(t *testing.T) {
	for _, pattern := range []string{"/etc/*", "../x", "a[", "a//b"} {
		cfg := config(t, "directory", attrs{"path": str("/d"), "purge": strs(pattern)})
		wantSummary(t, validateDirectory(cfg), "Invalid pattern", pattern)
	}
	cfg := config(t, "directory", attrs{"path": str("/d"), "recurse": cty.True})
	wantSummary(t, validateDirectory(cfg), "Nothing to recurse with", "")
}
