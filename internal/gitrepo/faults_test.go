package gitrepo_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestAServerThatFailsMidPack(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": noise(10_000)})
	for name, fault := range map[string]gitserver.Fault{
		"3: it hangs in the middle of a pack":     gitserver.Hangs,
		"4: a byte comes now and then":            gitserver.Dribbles,
		"it ends the connection":                  gitserver.Closes,
		"it goes on with bytes that mean nothing": gitserver.Garbage,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, command bool) {
				dir := t.TempDir()
				bad := remote.ServeHTTP(t, gitserver.HTTPOptions{Fault: fault})
				repo := openIn(t, dir, gitrepo.Options{URL: bad.URL, Command: command, Timeout: 2 * time.Second})
				_, _, err := repo.Fetch(t.Context())
				if err == nil {
					t.Fatal("half a pack is taken for a whole one")
				}
				if (fault == gitserver.Hangs || fault == gitserver.Dribbles) && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("error %v", err)
				}
				// The same directory serves as soon as the server does.
				good := openIn(t, dir, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Command: command})
				fetch(t, good)
				checkout(t, good, first)
			})
		})
	}
}

// 8: a forced push, to an older commit and to one that has nothing to do with it.
func TestAForcedPushToAnOlderOrUnrelatedCommit(t *testing.T) {
	t.Parallel()
	for name, depth := range map[string]int{"with a whole mirror": 0, "with a shallow mirror": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, command bool) {
				remote := gitserver.New(t)
				older := remote.Commit(t, "main", map[string]string{"a": "1"})
				remote.Commit(t, "main", map[string]string{"a": "2"})
				remote.Commit(t, "main", map[string]string{"a": "3"})
				repo := open(t, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Depth: depth, Command: command})
				fetch(t, repo)
				remote.Move(t, "main", older)
				commit, _ := fetch(t, repo)
				if diff := cmp.Diff(map[string]string{"a": "1"}, files(t, checkout(t, repo, commit.Hash))); diff != "" {
					t.Errorf("an older commit: files (-want +got):\n%s", diff)
				}
				remote.Rewrite(t, "main", map[string]string{"b": "1"})
				commit, _ = fetch(t, repo)
				if diff := cmp.Diff(map[string]string{"b": "1"}, files(t, checkout(t, repo, commit.Hash))); diff != "" {
					t.Errorf("an unrelated commit: files (-want +got):\n%s", diff)
				}
			})
		})
	}
}

// 9: the branch is deleted or has another name. 10: the repository is empty.
func TestABranchThatIsGoneAndARepositoryWithoutCommits(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
		repo := open(t, gitrepo.Options{URL: url, Ref: gitrepo.Ref{Branch: "topic"}, Command: command})
		if command {
			// It asks about the branch alone, of which there is none.
			fails(t, repo, `has no branch "topic"`)
		} else {
			fails(t, repo, "has no commits yet")
		}
		remote.Commit(t, "main", map[string]string{"a": "1"})
		fails(t, repo, `has no branch "topic"`)
		hash := remote.Commit(t, "topic", map[string]string{"a": "2"})
		fetch(t, repo)
		remote.DeleteBranch(t, "topic")
		fails(t, repo, `has no branch "topic"`)
		if last, _, ok := repo.Last(); !ok || last.Hash != hash {
			t.Errorf("the last good commit is %q", last.Hash)
		}
		checkout(t, repo, hash)
	})
}

// 20: a redirect to another server.
func TestARedirectToAnotherServerTakesNoCredentialsAlong(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		remote.Commit(t, "main", map[string]string{"a": "1"})
		other := remote.ServeHTTP(t, gitserver.HTTPOptions{})
		repo := open(t, gitrepo.Options{URL: gitserver.Redirect(t, other.URL), Auth: gitrepo.Auth{Token: "s3cret-token"}, Command: command})
		if _, _, err := repo.Fetch(t.Context()); err == nil && command {
			t.Error("the git command follows a redirect")
		}
		if other.Authorized() {
			t.Error("the other server was shown the token")
		}
	})
}

// 11: the repository is larger than max_size.
func TestARepositoryThatIsTooLargeIsRefused(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": noise(100_000)})
	url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
	eachDriver(t, func(t *testing.T, command bool) {
		dir := t.TempDir()
		fails(t, openIn(t, dir, gitrepo.Options{URL: url, MaxSize: 50_000, Command: command}), "max_size of 50000 bytes")
		if _, err := os.Stat(filepath.Join(dir, "mirror.new")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("what was fetched stays on the disk: %v", err)
		}
	})
}
