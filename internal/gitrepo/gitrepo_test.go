package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func open(t *testing.T, opts gitrepo.Options) *gitrepo.Repo {
	t.Helper()
	return openIn(t, t.TempDir(), opts)
}

func openIn(t *testing.T, dir string, opts gitrepo.Options) *gitrepo.Repo {
	t.Helper()
	repo, err := gitrepo.Open(dir, opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { repo.Close() })
	return repo
}

func fetch(t *testing.T, repo *gitrepo.Repo) (gitrepo.Commit, bool) {
	t.Helper()
	commit, changed, err := repo.Fetch(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return commit, changed
}

func checkout(t *testing.T, repo *gitrepo.Repo, hash string) string {
	t.Helper()
	dir, err := repo.Checkout(t.Context(), hash)
	if err != nil {
		t.Fatal(err)
	}
	return dir
}

// files returns what is below a directory: contents, and targets of links.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	found := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, entry os.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, name)
		if target, err := os.Readlink(name); err == nil {
			found[rel] = "symlink:" + target
			return nil
		}
		data, err := os.ReadFile(name)
		found[rel] = string(data)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

func TestFollowsABranch(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a.tf": "one", "sub/b.tf": "two", "link": "symlink:sub/b.tf"})
	repo := open(t, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL})

	commit, changed := fetch(t, repo)
	want := gitrepo.Commit{Hash: first, Ref: "HEAD", Author: "Ada <ada@example.com>", Message: "change main\n", Time: commit.Time}
	if diff := cmp.Diff(want, commit); diff != "" || !changed {
		t.Fatalf("first fetch: changed %v, commit (-want +got):\n%s", changed, diff)
	}
	if got := commit.Time.UTC().Format(time.RFC3339); got != "2026-01-02T03:04:05Z" {
		t.Errorf("commit time %s", got)
	}
	dir := checkout(t, repo, first)
	if diff := cmp.Diff(map[string]string{"a.tf": "one", "sub/b.tf": "two", "link": "symlink:sub/b.tf"}, files(t, dir)); diff != "" {
		t.Fatalf("files (-want +got):\n%s", diff)
	}
	if _, changed := fetch(t, repo); changed {
		t.Error("a fetch without news reports a change")
	}

	second := remote.Commit(t, "main", map[string]string{"a.tf": "three", "sub/b.tf": "", "link": "", "sub": ""})
	if commit, changed := fetch(t, repo); commit.Hash != second || !changed {
		t.Fatalf("second fetch: %s, changed %v", commit.Hash, changed)
	}
	if again := checkout(t, repo, second); again != dir {
		t.Errorf("the checkout moved from %s to %s", dir, again)
	}
	if diff := cmp.Diff(map[string]string{"a.tf": "three"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestReferences(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	pinned := remote.Commit(t, "main", map[string]string{"a": "1"})
	remote.Tag(t, "v1", "main")
	release := remote.Commit(t, "release/1", map[string]string{"a": "2"})
	head := remote.Commit(t, "main", map[string]string{"a": "3"})
	url := remote.FileURL()
	for name, test := range map[string]struct {
		ref  gitrepo.Ref
		want string
		err  string
	}{
		"without a reference the remote's HEAD is followed": {gitrepo.Ref{}, head, ""},
		"a branch":                       {gitrepo.Ref{Branch: "release/1"}, release, ""},
		"an annotated tag is its commit": {gitrepo.Ref{Tag: "v1"}, pinned, ""},
		"a commit":                       {gitrepo.Ref{Commit: pinned}, pinned, ""},
		"a branch that isn't there":      {gitrepo.Ref{Branch: "no"}, "", `has no branch "no"`},
		"a tag that isn't there":         {gitrepo.Ref{Tag: "no"}, "", `has no tag "no"`},
		"a commit that isn't there":      {gitrepo.Ref{Commit: strings.Repeat("a", 40)}, "", "has no branch or tag that holds the commit"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commit, _, err := open(t, gitrepo.Options{URL: url, Ref: test.ref}).Fetch(t.Context())
			if test.err != "" {
				if err == nil || !strings.Contains(err.Error(), test.err) {
					t.Fatalf("error %v, want %q", err, test.err)
				}
				return
			}
			if err != nil || commit.Hash != test.want {
				t.Fatalf("commit %s, error %v, want %s", commit.Hash, err, test.want)
			}
		})
	}
}

func TestSurvivesAForcedPush(t *testing.T) {
	t.Parallel()
	for name, depth := range map[string]int{"with a whole mirror": 0, "with a shallow mirror": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := gitserver.New(t)
			old := remote.Commit(t, "main", map[string]string{"a": "1", "b": "1"})
			remote.Commit(t, "main", map[string]string{"a": "2"})
			repo := open(t, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Depth: depth})
			commit, _ := fetch(t, repo)
			checkout(t, repo, commit.Hash)

			rewritten := remote.Rewrite(t, "main", map[string]string{"c": "3"})
			remote.Collect(t)
			commit, changed := fetch(t, repo)
			if commit.Hash != rewritten || !changed || commit.Hash == old {
				t.Fatalf("after the push: %s, changed %v", commit.Hash, changed)
			}
			if diff := cmp.Diff(map[string]string{"c": "3"}, files(t, checkout(t, repo, commit.Hash))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		})
	}
}

// 15: objects on the disk are damaged, or not all there.
func TestClonesADamagedMirrorAnew(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	content := map[string]string{"a": noise(3000)}
	hash := remote.Commit(t, "main", content)
	for name, damage := range map[string]func(mirror string) error{
		"all objects are gone": func(mirror string) error { return os.RemoveAll(filepath.Join(mirror, "objects")) },
		"packs are cut short": func(mirror string) error {
			return eachPack(mirror, func(pack string) error { return os.Truncate(pack, 20) })
		},
		"a byte in the middle of a pack is another": func(mirror string) error {
			return eachPack(mirror, func(pack string) error { return spoil(pack) })
		},
		"the index of a pack is cut short": func(mirror string) error {
			return eachPack(mirror, func(pack string) error {
				index := strings.TrimSuffix(pack, ".pack") + ".idx"
				return errors.Join(os.Chmod(index, 0o600), os.Truncate(index, 100))
			})
		},
		"the index of a pack is gone": func(mirror string) error {
			return eachPack(mirror, func(pack string) error { return os.Remove(strings.TrimSuffix(pack, ".pack") + ".idx") })
		},
		"what the last fetch found is cut short": func(mirror string) error {
			return os.Truncate(filepath.Join(filepath.Dir(mirror), "state.json"), 10)
		},
		"nothing of it is git": func(mirror string) error { return os.WriteFile(filepath.Join(mirror, "HEAD"), []byte("?"), 0o600) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, command bool) {
				dir := t.TempDir()
				opts := gitrepo.Options{URL: remote.FileURL(), Command: command}
				repo := openIn(t, dir, opts)
				fetch(t, repo)
				if err := errors.Join(damage(filepath.Join(dir, "mirror")), repo.Close()); err != nil {
					t.Fatal(err)
				}
				repo = openIn(t, dir, opts)
				commit, _ := fetch(t, repo)
				_, err := repo.Checkout(t.Context(), commit.Hash)
				if errors.Is(err, gitrepo.ErrCorrupt) {
					// Found out only now: the next fetch makes it good.
					fetch(t, repo)
					_, err = repo.Checkout(t.Context(), hash)
				}
				if err != nil {
					t.Fatal(err)
				}
				if diff := cmp.Diff(content, files(t, filepath.Join(dir, "tree"))); diff != "" {
					t.Errorf("files (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// spoil changes a byte in the middle of a file.
func spoil(name string) error {
	data, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	data[len(data)/2] ^= 0xff
	return os.WriteFile(name, data, 0o600)
}

func eachPack(mirror string, f func(string) error) error {
	packs, err := filepath.Glob(filepath.Join(mirror, "objects", "pack", "*.pack"))
	if len(packs) == 0 {
		return errors.New("no packs")
	}
	for _, pack := range packs {
		err = errors.Join(err, os.Chmod(pack, 0o600), f(pack))
	}
	return err
}

// 2: the remote is down later.
func TestKeepsWhatItHasWhenTheRemoteIsDown(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeHTTP(t, gitserver.HTTPOptions{})
	dir := t.TempDir()
	at := time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)
	opts := gitrepo.Options{URL: server.URL, Now: func() time.Time { return at }}
	repo := openIn(t, dir, opts)
	fetch(t, repo)
	server.Close()
	if _, _, err := repo.Fetch(t.Context()); err == nil {
		t.Fatal("a fetch from a server that is down succeeds")
	}
	if err := repo.Close(); err != nil {
		t.Fatal(err)
	}
	repo = openIn(t, dir, opts)
	commit, since, ok := repo.Last()
	if !ok || commit.Hash != hash || !since.Equal(at) {
		t.Fatalf("last commit %q at %s, %v; want %s", commit.Hash, since, ok, hash)
	}
	checkout(t, repo, commit.Hash)
	opts.Ref = gitrepo.Ref{Branch: "other"}
	repo.Close()
	if _, _, ok := openIn(t, dir, opts).Last(); ok {
		t.Error("the last commit of one branch is given for another")
	}
}

func TestEndsWhenTheServerNeverAnswers(t *testing.T) {
	t.Parallel()
	for _, scheme := range []string{"http", "https", "ssh"} {
		t.Run(scheme, func(t *testing.T) {
			t.Parallel()
			auth := gitrepo.Auth{}
			if scheme == "ssh" {
				auth.Password = "hunter22"
			}
			repo := open(t, gitrepo.Options{URL: scheme + "://" + gitserver.Silent(t) + "/repo.git", Auth: auth, Timeout: 300 * time.Millisecond})
			start := time.Now()
			_, _, err := repo.Fetch(t.Context())
			if !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "did not answer within 300ms") {
				t.Errorf("error %v", err)
			}
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("it took %s", took)
			}
		})
	}
}

func TestOpenRefusesWhatCanNotWork(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		opts gitrepo.Options
		err  string
	}{
		"two references":              {gitrepo.Options{URL: "https://example.com/a", Ref: gitrepo.Ref{Branch: "a", Tag: "b"}}, "only one of branch, tag and commit"},
		"a short commit":              {gitrepo.Options{URL: "https://example.com/a", Ref: gitrepo.Ref{Commit: "abc123"}}, "all 40 digits"},
		"an ssh key for https":        {gitrepo.Options{URL: "https://example.com/a", Auth: gitrepo.Auth{SSHKey: "k"}}, "of no use for an http url"},
		"a token for ssh":             {gitrepo.Options{URL: "ssh://git@example.com/a", Auth: gitrepo.Auth{Token: "t"}}, "of no use for an ssh url"},
		"a token and a password":      {gitrepo.Options{URL: "https://example.com/a", Auth: gitrepo.Auth{Token: "t", Password: "p"}}, "not both"},
		"credentials for a file":      {gitrepo.Options{URL: "file:///a", Auth: gitrepo.Auth{Token: "t"}}, "takes no credentials"},
		"a url without its scheme":    {gitrepo.Options{URL: "github.com/acme/infra"}, "doesn't say how to reach the repository"},
		"a key that is none":          {gitrepo.Options{URL: "git@example.com:a.git", Auth: gitrepo.Auth{SSHKey: "-----BEGIN PRIVATE KEY-----"}}, "read the ssh key"},
		"a key file that isn't there": {gitrepo.Options{URL: "git@example.com:a.git", Auth: gitrepo.Auth{SSHKey: "/nowhere"}}, "neither a private key nor a file"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			repo, err := gitrepo.Open(t.TempDir(), test.opts)
			if err == nil {
				repo.Close()
			}
			if err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

// 17, 18: a process that was killed leaves no lock, and two take turns.
func TestTwoProcessesTakeTurnsAtOneMirror(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	dir := t.TempDir()
	opts := gitrepo.Options{URL: remote.FileURL()}
	var group sync.WaitGroup
	for range 4 {
		repo := openIn(t, dir, opts)
		group.Go(func() {
			commit, _, err := repo.Fetch(t.Context())
			if err == nil {
				_, err = repo.Checkout(t.Context(), commit.Hash)
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if diff := cmp.Diff(map[string]string{"a": "1"}, files(t, filepath.Join(dir, "tree"))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}
