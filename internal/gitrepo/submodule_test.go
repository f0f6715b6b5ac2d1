package gitrepo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestSubmodules(t *testing.T) {
	t.Parallel()
	inner := gitserver.New(t)
	deep := inner.Commit(t, "main", map[string]string{"deep": "1"})
	middle := gitserver.New(t)
	middle.Commit(t, "main", map[string]string{"m": "1"})
	linked := middle.Link(t, "main", map[string]string{"inner": inner.FileURL() + " " + deep})
	outer := gitserver.New(t)
	outer.Commit(t, "main", map[string]string{"a": "1"})
	outer.Link(t, "main", map[string]string{"vendor/middle": middle.FileURL() + " " + linked})

	left := open(t, gitrepo.Options{URL: outer.FileURL()})
	commit, _ := fetch(t, left)
	if diff := cmp.Diff([]string{"vendor/middle"}, commit.LeftOut); diff != "" {
		t.Errorf("left out (-want +got):\n%s", diff)
	}
	eachDriver(t, func(t *testing.T, command bool) {
		repo := open(t, gitrepo.Options{URL: outer.FileURL(), Submodules: true, Depth: 1, Command: command})
		commit, _ := fetch(t, repo)
		got := files(t, checkout(t, repo, commit.Hash))
		delete(got, ".gitmodules")
		delete(got, "vendor/middle/.gitmodules")
		want := map[string]string{"a": "1", "vendor/middle/m": "1", "vendor/middle/inner/deep": "1"}
		if diff := cmp.Diff(want, got); diff != "" || commit.LeftOut != nil {
			t.Errorf("left out %v, files (-want +got):\n%s", commit.LeftOut, diff)
		}
	})
}

func TestASubmoduleFollowsItsRepository(t *testing.T) {
	t.Parallel()
	inner, outer := gitserver.New(t), gitserver.New(t)
	first := inner.Commit(t, "main", map[string]string{"f": "1", "old": "x"})
	outer.Link(t, "main", map[string]string{"sub": inner.FileURL() + " " + first})
	repo := open(t, gitrepo.Options{URL: outer.FileURL(), Submodules: true})
	commit, _ := fetch(t, repo)
	checkout(t, repo, commit.Hash)
	second := inner.Commit(t, "main", map[string]string{"f": "2", "old": ""})
	outer.Link(t, "main", map[string]string{"sub": inner.FileURL() + " " + second})
	commit, _ = fetch(t, repo)
	got := files(t, filepath.Join(checkout(t, repo, commit.Hash), "sub"))
	if diff := cmp.Diff(map[string]string{"f": "2"}, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

// 13: a submodule is on another host.
func TestCredentialsAreForTheServerOfTheRepositoryAlone(t *testing.T) {
	t.Parallel()
	inner, outer := gitserver.New(t), gitserver.New(t)
	hash := inner.Commit(t, "main", map[string]string{"f": "1"})
	other := inner.ServeHTTP(t, gitserver.HTTPOptions{})
	outer.Link(t, "main", map[string]string{"sub": other.URL + " " + hash})
	server := outer.ServeHTTP(t, gitserver.HTTPOptions{Username: "git", Password: "s3cret-token"})
	eachDriver(t, func(t *testing.T, command bool) {
		repo := open(t, gitrepo.Options{URL: server.URL, Auth: gitrepo.Auth{Token: "s3cret-token"}, Submodules: true, Command: command})
		fetch(t, repo)
		if other.Authorized() {
			t.Error("another server was shown the token")
		}
	})
}

func TestSubmodulesThatCanDoHarmAreRefused(t *testing.T) {
	t.Parallel()
	inner := gitserver.New(t)
	hash := inner.Commit(t, "main", map[string]string{"f": "1", "big": noise(5000)})
	for name, test := range map[string]struct {
		module string
		opts   gitrepo.Options
		err    string
	}{
		"a file of this machine from the network": {inner.FileURL() + " " + hash, gitrepo.Options{}, "may not refer to a submodule by file"},
		"a url beyond its server":                 {"../../../../x " + hash, gitrepo.Options{}, "leads out of its server"},
		"a command in place of a url":             {"ext::sh%20-c%20true " + hash, gitrepo.Options{}, "is not the url of a git repository"},
		"an option in place of a host":            {"ssh://-oProxyCommand=true/x " + hash, gitrepo.Options{}, "is not the url of a git repository"},
		"more than fits, all together":            {"HTTP " + hash, gitrepo.Options{MaxSize: 4900}, "max_size of 4900 bytes"},
		"more files than are allowed":             {"HTTP " + hash, gitrepo.Options{MaxFiles: 2}, "more than 2 files"},
		"a commit that isn't there":               {"HTTP " + strings.Repeat("a", 40), gitrepo.Options{}, "no branch or tag that holds the commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outer := gitserver.New(t)
			url := inner.ServeHTTP(t, gitserver.HTTPOptions{}).URL
			outer.Link(t, "main", map[string]string{"sub": strings.Replace(test.module, "HTTP", url, 1)})
			opts := test.opts
			opts.URL, opts.Submodules = outer.ServeHTTP(t, gitserver.HTTPOptions{}).URL, true
			fails(t, open(t, opts), test.err)
		})
	}
}

// 14: a link that is harmless in each of two repositories, and is not in
// one within the other.
func TestALinkThroughASubmoduleStaysWithinTheRoot(t *testing.T) {
	t.Parallel()
	inner, outer := gitserver.New(t), gitserver.New(t)
	hash := inner.Commit(t, "main", map[string]string{"here": "symlink:."})
	outer.Commit(t, "main", map[string]string{"l": "symlink:sub/here/../../secret"})
	outer.Link(t, "main", map[string]string{"sub": inner.FileURL() + " " + hash})
	fails(t, open(t, gitrepo.Options{URL: outer.FileURL(), Submodules: true}), "points out of the repository")
}

// 12: the repository has pointers to a large file store.
func TestPointersToALargeFileStore(t *testing.T) {
	t.Parallel()
	const pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
	attributes := map[string]string{".gitattributes": "*.bin filter=lfs diff=lfs -text\n", "a.bin": pointer, "b.tf": "x"}
	for name, test := range map[string]struct {
		lfs   gitrepo.LFS
		files map[string]string
		want  []string
		err   string
	}{
		"are told":                          {"", attributes, []string{"a.bin"}, ""},
		"are an error where that is wanted": {gitrepo.LFSError, attributes, nil, "a.bin is in a large file store"},
		"are passed over in silence":        {gitrepo.LFSIgnore, attributes, nil, ""},
		"are files as others where the repository uses no such store": {"", map[string]string{"a.bin": pointer}, nil, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := gitserver.New(t)
			remote.Commit(t, "main", test.files)
			repo := open(t, gitrepo.Options{URL: remote.FileURL(), LFS: test.lfs})
			if test.err != "" {
				fails(t, repo, test.err)
				return
			}
			for range 2 { // also when nothing moved
				if commit, _ := fetch(t, repo); !cmp.Equal(test.want, commit.LFS) {
					t.Errorf("pointers %v, want %v", commit.LFS, test.want)
				}
			}
		})
	}
}

// 17: killed between the two halves of a swap.
func TestAnInterruptedSwapLosesNothing(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	dir := t.TempDir()
	fetch(t, openIn(t, dir, gitrepo.Options{URL: remote.FileURL()}))
	mirror := filepath.Join(dir, "mirror")
	if err := os.Rename(mirror, mirror+".old"); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(mirror+".new", 0o700); err != nil {
		t.Fatal(err)
	}
	checkout(t, openIn(t, dir, gitrepo.Options{URL: remote.FileURL()}), hash) // asks nobody
}
