package gitrepo_test

import (
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// The numbers before what fails are those of one list, over all tests of this
// package and of those that follow repositories.

// keeps checks that a fetch fails, and that the last good commit is still there.
func keeps(t *testing.T, repo *gitrepo.Repo, hash, why string) {
	t.Helper()
	fails(t, repo, why)
	if last, _, ok := repo.Last(); !ok || last.Hash != hash {
		t.Errorf("the last good commit is %q, want %s", last.Hash, hash)
	}
	checkout(t, repo, hash)
}

// 5: the credentials are revoked, and later good again.
func TestCredentialsThatAreRevokedForAWhile(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		var revoked atomic.Bool
		remote := gitserver.New(t)
		first := remote.Commit(t, "main", map[string]string{"a": "1"})
		server := remote.ServeHTTP(t, gitserver.HTTPOptions{Allow: func(_, password string) bool { return password == "s3cret-token" && !revoked.Load() }})
		repo := open(t, gitrepo.Options{URL: server.URL, Command: command, Auth: gitrepo.Auth{Token: "s3cret-token"}})
		fetch(t, repo)
		revoked.Store(true)
		second := remote.Commit(t, "main", map[string]string{"a": "2"})
		keeps(t, repo, first, "the auth block")
		revoked.Store(false)
		if commit, _ := fetch(t, repo); commit.Hash != second {
			t.Errorf("it is at %s, want %s", commit.Hash, second)
		}
	})
}

// 6: the host has another key than before, and later it is known.
func TestAHostWithAnotherKeyThanBefore(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	server, other := remote.ServeSSH(t), remote.ServeSSH(t)
	address, _, _ := strings.Cut(server.KnownHosts, " ")
	otherAddress, _, _ := strings.Cut(other.KnownHosts, " ")
	// Of the keys that the server shows now, none is in known_hosts.
	changed := strings.ReplaceAll(other.KnownHosts, otherAddress, address)
	eachDriver(t, func(t *testing.T, command bool) {
		dir := t.TempDir()
		with := func(knownHosts string) *gitrepo.Repo {
			return openIn(t, dir, gitrepo.Options{URL: server.URL, Command: command, Auth: gitrepo.Auth{SSHKey: server.Key, KnownHosts: knownHosts}})
		}
		fetch(t, with(server.KnownHosts))
		why := "is not the one in known_hosts"
		if command {
			why = "Host key verification failed"
		}
		keeps(t, with(changed), first, why)
		fetch(t, with(server.KnownHosts))
	})
}

// 19: the server takes no client that doesn't know multi_ack, as Azure DevOps.
func TestAServerThatInsistsOnMultiAck(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		remote.Commit(t, "main", map[string]string{"a": "1"})
		repo := open(t, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{MultiAck: true}).URL, Command: command})
		if !command {
			fails(t, repo, `set driver = "exec" (it said "TF401041`)
			return
		}
		for _, content := range []string{"1", "2", "3"} { // a clone, and what comes after it
			remote.Commit(t, "main", map[string]string{"a": content})
			commit, _ := fetch(t, repo)
			if diff := cmp.Diff(map[string]string{"a": content}, files(t, checkout(t, repo, commit.Hash))); diff != "" {
				t.Errorf("files (-want +got):\n%s", diff)
			}
		}
	})
}

// 21: the commit changes while someone reads the files.
func TestTheFilesStayTheSameWhileSomeoneReadsThem(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		first := remote.Commit(t, "main", map[string]string{"a": "1", "gone": "1"})
		repo := open(t, gitrepo.Options{URL: remote.FileURL(), Command: command})
		fetch(t, repo)
		dir := checkout(t, repo, first)
		release, err := gitrepo.Hold(t.Context(), dir)
		if err != nil {
			t.Fatal(err)
		}
		second := remote.Commit(t, "main", map[string]string{"a": "2", "gone": ""})
		fetch(t, repo)
		if _, err := repo.Checkout(t.Context(), second); err == nil {
			t.Error("the files were changed")
		}
		if diff := cmp.Diff(map[string]string{"a": "1", "gone": "1"}, files(t, dir)); diff != "" {
			t.Errorf("files (-want +got):\n%s", diff)
		}
		release()
		checkout(t, repo, second)
	})
}
