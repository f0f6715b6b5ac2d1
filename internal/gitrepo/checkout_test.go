package gitrepo_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestCheckoutRestoresItsFilesAndLeavesOthers(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1", "b/c": "2", "gone": "x"})
	repo := open(t, gitrepo.Options{URL: remote.FileURL()})
	commit, _ := fetch(t, repo)
	dir := checkout(t, repo, commit.Hash)
	untouched, err := os.Stat(filepath.Join(dir, "a"))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string]string{"b/c": "changed", ".terraform.lock.hcl": "of a tool", "b/own": "of a tool"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	remote.Commit(t, "main", map[string]string{"gone": "", "new": "3"})
	commit, _ = fetch(t, repo)
	checkout(t, repo, commit.Hash)
	want := map[string]string{"a": "1", "b/c": "2", "new": "3", ".terraform.lock.hcl": "of a tool", "b/own": "of a tool"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
	if shown, err := gitrepo.Shown(dir); shown != commit.Hash || err != nil {
		t.Errorf("it shows %s, error %v", shown, err)
	}
	if shown, err := gitrepo.Shown(t.TempDir()); shown != "" || err != nil {
		t.Errorf("a directory that is no checkout shows %s, error %v", shown, err)
	}
	if now, err := os.Stat(filepath.Join(dir, "a")); err != nil || !os.SameFile(untouched, now) {
		t.Errorf("a file that didn't change was written again (%v)", err)
	}
}

func TestCheckoutChangesKinds(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"dir/a": "1", "file": "2", "link": "symlink:file"})
	repo := open(t, gitrepo.Options{URL: remote.FileURL()})
	commit, _ := fetch(t, repo)
	dir := checkout(t, repo, commit.Hash)
	remote.Commit(t, "main", map[string]string{"dir": "now a file", "file/a": "now a directory", "link": "now a file"})
	commit, _ = fetch(t, repo)
	checkout(t, repo, commit.Hash)
	want := map[string]string{"dir": "now a file", "file/a": "now a directory", "link": "now a file"}
	if diff := cmp.Diff(want, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestACrashInTheMiddleIsMadeGood(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1", "b": "1"})
	repo := open(t, gitrepo.Options{URL: remote.FileURL()})
	commit, _ := fetch(t, repo)
	dir := checkout(t, repo, commit.Hash)
	// As if it had stopped with a half written file, before it knew the end.
	for _, name := range []string{".driftless.tmp", "b"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("hal"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(dir+".json", []byte(`{"Files":{"a":`), 0o600); err != nil {
		t.Fatal(err)
	}
	checkout(t, repo, commit.Hash)
	if diff := cmp.Diff(map[string]string{"a": "1", "b": "1"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// 14: symbolic links lead out of the root.
func TestLinksThatLeaveTheRepositoryAreRefused(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		links map[string]string
		err   string
	}{
		"a link to a neighbour":                       {map[string]string{"sub/l": "symlink:../file"}, ""},
		"a link to nothing":                           {map[string]string{"l": "symlink:nothing"}, ""},
		"a link to the parent of the root":            {map[string]string{"l": "symlink:.."}, "points out of the repository"},
		"an absolute link":                            {map[string]string{"l": "symlink:/etc/passwd"}, "points out of the repository"},
		"a link through the root":                     {map[string]string{"sub/l": "symlink:../../other"}, "points out of the repository"},
		"a link that only another link leads outside": {map[string]string{"a/b/up": "symlink:../../x", "x/file": "1", "a/b/l": "symlink:up/../../secret"}, "points out of the repository"},
		"a link to itself":                            {map[string]string{"l": "symlink:l"}, "points to itself"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := gitserver.New(t)
			remote.Commit(t, "main", map[string]string{"file": "1"})
			dir := t.TempDir()
			repo := openIn(t, dir, gitrepo.Options{URL: remote.FileURL()})
			good, _ := fetch(t, repo)
			tree := checkout(t, repo, good.Hash)
			remote.Commit(t, "main", test.links)
			commit, _, err := repo.Fetch(t.Context())
			if test.err == "" {
				if err != nil {
					t.Fatal(err)
				}
				checkout(t, repo, commit.Hash)
				return
			}
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Fatalf("error %v, want %q", err, test.err)
			}
			if diff := cmp.Diff(map[string]string{"file": "1"}, files(t, tree)); diff != "" {
				t.Errorf("the checkout changed (-want +got):\n%s", diff)
			}
		})
	}
}

// 14: names that differ only by case.
func TestNamesThatDifferOnlyByCaseAreToldApart(t *testing.T) {
	t.Parallel()
	clashing := map[string]string{"Main.tf": "1", "main.tf": "2", "A/x": "3", "a/x": "4", "a/y": "5"}
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		remote.Commit(t, "main", clashing)
		repo := open(t, gitrepo.Options{URL: remote.FileURL(), Command: command})
		commit, _ := fetch(t, repo)
		dir := checkout(t, repo, commit.Hash)
		if diff := cmp.Diff(clashing, files(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		remote.Commit(t, "main", map[string]string{"Main.tf": "", "a/x": "", "A/x": "changed"})
		commit, _ = fetch(t, repo)
		checkout(t, repo, commit.Hash)
		if diff := cmp.Diff(map[string]string{"main.tf": "2", "A/x": "changed", "a/y": "5"}, files(t, dir)); diff != "" {
			t.Errorf("after a change of one of two, files (-want +got):\n%s", diff)
		}
	})
}

// 14: the same where the file system can't tell them apart. The lock of the
// mirror has its name in capitals, too, as every file has there.
func TestNamesThatDifferOnlyByCaseAreRefusedWhereTheyAreOne(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		good := remote.Commit(t, "main", map[string]string{"main.tf": "1"})
		mirror := t.TempDir()
		repo := openIn(t, mirror, gitrepo.Options{URL: remote.FileURL(), Command: command})
		fetch(t, repo)
		dir := checkout(t, repo, good)
		if err := os.Link(filepath.Join(mirror, "lock"), filepath.Join(mirror, "LOCK")); err != nil {
			t.Fatal(err)
		}
		remote.Commit(t, "main", map[string]string{"Main.tf": "2"})
		keeps(t, repo, good, "it holds Main.tf and main.tf, which differ only by case")
		if diff := cmp.Diff(map[string]string{"main.tf": "1"}, files(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		renamed := remote.Commit(t, "main", map[string]string{"main.tf": ""})
		fetch(t, repo)
		if diff := cmp.Diff(map[string]string{"Main.tf": "2"}, files(t, checkout(t, repo, renamed))); diff != "" {
			t.Errorf("after one of them is gone, files (-want +got):\n%s", diff)
		}
	})
}

func TestLimits(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": strings.Repeat("a", 5000), "b": "1", "c": "1"})
	for name, test := range map[string]struct {
		opts gitrepo.Options
		err  string
	}{
		"too many files": {gitrepo.Options{MaxFiles: 2}, "more than 2 files"},
		"too much":       {gitrepo.Options{MaxSize: 4000}, "max_size of 4000 bytes"},
		"just enough":    {gitrepo.Options{MaxFiles: 3, MaxSize: 5002}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.opts.URL = remote.FileURL()
			_, _, err := open(t, test.opts).Fetch(t.Context())
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestACheckoutThatIsHeldDoesNotMove(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	repo := open(t, gitrepo.Options{URL: remote.FileURL()})
	fetch(t, repo)
	dir := checkout(t, repo, first)
	release, err := gitrepo.Hold(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	second := remote.Commit(t, "main", map[string]string{"a": "2"})
	fetch(t, repo)
	if _, err := repo.Checkout(t.Context(), second); !errors.Is(err, gitrepo.ErrBusy) {
		t.Errorf("moved while it was held: error %v", err)
	}
	checkout(t, repo, first) // where it is already
	release()
	checkout(t, repo, second)
	if diff := cmp.Diff(map[string]string{"a": "2"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
