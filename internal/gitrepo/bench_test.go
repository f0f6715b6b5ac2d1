package gitrepo_test

import (
	"os/exec"
	"strconv"
	"testing"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// benchRemote serves a repository of many small files with some history.
func benchRemote(b *testing.B) string {
	b.Helper()
	remote := gitserver.New(b)
	files := make(map[string]string)
	for i := range 500 {
		files["stacks/"+strconv.Itoa(i)+"/main.tf"] = "# " + strconv.Itoa(i) + "\n" + noise(500)
	}
	remote.Commit(b, "main", files)
	for i := range 20 {
		remote.Commit(b, "main", map[string]string{"stacks/" + strconv.Itoa(i) + "/main.tf": noise(600 + i)})
	}
	return remote.ServeHTTP(b, gitserver.HTTPOptions{}).URL
}

func benchOpen(b *testing.B, url string) *gitrepo.Repo {
	b.Helper()
	repo, err := gitrepo.Open(b.TempDir(), gitrepo.Options{URL: url, Depth: 1})
	if err != nil {
		b.Fatal(err)
	}
	return repo
}

func benchFetch(b *testing.B, repo *gitrepo.Repo) {
	b.Helper()
	commit, _, err := repo.Fetch(b.Context())
	if err == nil {
		_, err = repo.Checkout(b.Context(), commit.Hash)
	}
	if err != nil {
		b.Fatal(err)
	}
}

func benchGit(b *testing.B, args ...string) {
	b.Helper()
	if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
		b.Fatalf("git %v: %v\n%s", args, err, out)
	}
}

// BenchmarkPollUnchanged is what every poll of a quiet repository costs.
func BenchmarkPollUnchanged(b *testing.B) {
	repo := benchOpen(b, benchRemote(b))
	benchFetch(b, repo)
	for b.Loop() {
		benchFetch(b, repo)
	}
}

// BenchmarkPollUnchangedStd is the same with the git command, as scripts do it.
func BenchmarkPollUnchangedStd(b *testing.B) {
	url, dir := benchRemote(b), b.TempDir()
	benchGit(b, "clone", "-q", "--depth=1", url, dir)
	for b.Loop() {
		benchGit(b, "-C", dir, "fetch", "-q", "--depth=1", "origin", "main")
		benchGit(b, "-C", dir, "reset", "-q", "--hard", "FETCH_HEAD")
	}
}

// BenchmarkShallowClone makes a mirror and a checkout.
func BenchmarkShallowClone(b *testing.B) {
	url := benchRemote(b)
	for b.Loop() {
		benchFetch(b, benchOpen(b, url))
	}
}

func BenchmarkShallowCloneStd(b *testing.B) {
	url := benchRemote(b)
	for b.Loop() {
		benchGit(b, "clone", "-q", "--depth=1", url, b.TempDir())
	}
}
