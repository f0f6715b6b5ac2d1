package gitrepo_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestOnlyWhatIsSignedIsTaken(t *testing.T) {
	t.Parallel()
	ada, eve := gitserver.NewSSHSigner(t, "ed25519"), gitserver.NewSSHSigner(t, "ed25519")
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		remote.SignWith(t, ada)
		good := remote.Commit(t, "main", map[string]string{"a": "signed"})
		opts := gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Command: command, Verify: &gitrepo.Verification{AllowedSigners: ada.Public}}
		dir := t.TempDir()
		repo := openIn(t, dir, opts)
		commit, _ := fetch(t, repo)
		if commit.Hash != good || commit.Signer != "ada@example.com" {
			t.Fatalf("the commit %s is signed by %q", commit.Hash, commit.Signer)
		}
		tree := checkout(t, repo, good)
		for _, bad := range []struct {
			signer *gitserver.Signer
			why    string
		}{{nil, "it is not signed"}, {eve, eve.ID + ", which is not in allowed_signers"}} {
			remote.SignWith(t, bad.signer)
			hash := remote.Commit(t, "main", map[string]string{"a": "not signed by Ada"})
			keeps(t, repo, good, hash+" can't be trusted: ")
			keeps(t, repo, good, bad.why)
		}
		if diff := cmp.Diff(map[string]string{"a": "signed"}, files(t, tree)); diff != "" {
			t.Errorf("the checkout changed (-want +got):\n%s", diff)
		}
		// Who trusts others doesn't take what was taken before.
		repo.Close()
		opts.Verify = &gitrepo.Verification{AllowedSigners: eve.Public}
		repo = openIn(t, dir, opts)
		if last, _, ok := repo.Last(); ok {
			t.Errorf("%s is the last good commit also where its signer isn't trusted any more", last.Hash)
		}
		if commit, _ := fetch(t, repo); commit.Message != "change main\n" {
			t.Errorf("commit %+v", commit)
		}
	})
}

func TestWithoutASignatureWhereNoneIsRequired(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	repo := open(t, gitrepo.Options{URL: remote.FileURL(), Verify: &gitrepo.Verification{AllowedSigners: ada.Public, Optional: true}})
	commit, _ := fetch(t, repo)
	if commit.Hash != hash || commit.Signer != "" || commit.Unverified != "it is not signed" {
		t.Errorf("commit %+v", commit)
	}
}

func TestTheSignatureOfATagCounts(t *testing.T) {
	t.Parallel()
	ada, eve := gitserver.NewPGPSigner(t), gitserver.NewPGPSigner(t)
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	remote.Tag(t, "unsigned", "main")
	remote.SignWith(t, ada)
	remote.Tag(t, "v1.0.0", "main")
	remote.Alias(t, "v2.0.0", "v1.0.0")
	remote.SignWith(t, eve)
	remote.Tag(t, "v0.9.0", "main")
	remote.SignWith(t, ada)
	signedCommit := remote.Commit(t, "main", map[string]string{"a": "2"})
	remote.SignWith(t, nil)
	remote.Tag(t, "of-a-signed-commit", "main")
	url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
	for name, test := range map[string]struct{ tag, want, err string }{
		"a tag that is signed, of a commit that is not": {"v1.0.0", hash, ""},
		"the newest of those that a constraint allows":  {"~> 1.0", hash, ""},
		"a tag that nobody signed":                      {"unsigned", "", "it is not signed"},
		"a tag that someone else signed":                {"v0.9.0", "", eve.ID + ", which is not in keyring"},
		"the signed tag of another version":             {"v2.0.0", "", `what is signed is the tag "v1.0.0"`},
		"a tag that is not signed, of a commit that is": {"of-a-signed-commit", signedCommit, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			eachDriver(t, func(t *testing.T, command bool) {
				repo := open(t, gitrepo.Options{URL: url, Command: command, Ref: gitrepo.Ref{Tag: test.tag}, Verify: &gitrepo.Verification{Keyring: ada.Public}})
				if test.err != "" {
					fails(t, repo, test.err)
				} else if commit, _ := fetch(t, repo); commit.Hash != test.want || !strings.HasPrefix(commit.Signer, "Ada") {
					t.Errorf("commit %s, signed by %q", commit.Hash, commit.Signer)
				}
			})
		})
	}
}

func TestATagThatComesToACommitThatIsThere(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	remote.SignWith(t, ada)
	remote.Tag(t, "v1.0.0", "main")
	url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
	dir := t.TempDir()
	verify := &gitrepo.Verification{AllowedSigners: ada.Public}
	fetch(t, openIn(t, dir, gitrepo.Options{URL: url, Ref: gitrepo.Ref{Branch: "main"}}))
	if commit, _ := fetch(t, openIn(t, dir, gitrepo.Options{URL: url, Ref: gitrepo.Ref{Tag: "v1.0.0"}, Verify: verify})); commit.Hash != hash {
		t.Errorf("commit %s", commit.Hash)
	}
}

func TestASubmoduleIsPartOfWhatIsSigned(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	sub, remote := gitserver.New(t), gitserver.New(t)
	at := sub.Commit(t, "main", map[string]string{"b": "1"})
	remote.SignWith(t, ada)
	remote.Link(t, "main", map[string]string{"sub": sub.FileURL() + " " + at})
	repo := open(t, gitrepo.Options{URL: remote.FileURL(), Submodules: true, Verify: &gitrepo.Verification{AllowedSigners: ada.Public}})
	commit, _ := fetch(t, repo)
	if got := files(t, checkout(t, repo, commit.Hash)); got["sub/b"] != "1" {
		t.Errorf("files %v", got)
	}
}
