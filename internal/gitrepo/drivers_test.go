package gitrepo_test

import (
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

// eachDriver runs a test with go-git and with the git command.
func eachDriver(t *testing.T, test func(t *testing.T, command bool)) {
	t.Helper()
	for name, command := range map[string]bool{"go-git": false, "the git command": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, command)
		})
	}
}

// fails fetches and checks that the error says what is wanted and no secret.
func fails(t *testing.T, repo *gitrepo.Repo, want string) {
	t.Helper()
	_, _, err := repo.Fetch(t.Context())
	if err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("error %v, want %q", err, want)
	}
	if strings.Contains(err.Error(), "s3cret") {
		t.Errorf("the error holds the password: %v", err)
	}
}

// noise is a text that can't be compressed.
func noise(n int) string {
	source := rand.New(rand.NewPCG(1, 2))
	text := make([]byte, n)
	for i := range text {
		text[i] = byte(' ' + source.IntN(95))
	}
	return string(text)
}

func TestEveryReferenceWithEveryDriverAndDepth(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"a": "1"})
	remote.Tag(t, "v1.0.0", "main")
	second := remote.Commit(t, "main", map[string]string{"a": "2"})
	remote.Tag(t, "v1.2.3", "main")
	third := remote.Commit(t, "main", map[string]string{"a": "3"})
	remote.Tag(t, "v1.10.0-rc1", "main")
	remote.Tag(t, "nightly", "main")
	head := remote.Commit(t, "main", map[string]string{"a": "4"})
	url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
	for name, test := range map[string]struct {
		ref          gitrepo.Ref
		want, asName string
	}{
		"HEAD":                                 {gitrepo.Ref{}, head, "HEAD"},
		"a branch":                             {gitrepo.Ref{Branch: "main"}, head, "refs/heads/main"},
		"a tag":                                {gitrepo.Ref{Tag: "v1.0.0"}, first, "refs/tags/v1.0.0"},
		"the newest tag of a series":           {gitrepo.Ref{Tag: "~> 1.0"}, second, "refs/tags/v1.2.3"},
		"a range":                              {gitrepo.Ref{Tag: ">= 0.1, < 1.2"}, first, "refs/tags/v1.0.0"},
		"a pre-release only where it is named": {gitrepo.Ref{Tag: ">= 1.10.0-rc1"}, third, "refs/tags/v1.10.0-rc1"},
		"a commit that is not the newest":      {gitrepo.Ref{Commit: second}, second, ""},
	} {
		for _, depth := range []int{0, 1} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				eachDriver(t, func(t *testing.T, command bool) {
					repo := open(t, gitrepo.Options{URL: url, Ref: test.ref, Depth: depth, Command: command})
					commit, _ := fetch(t, repo)
					if commit.Hash != test.want || commit.Ref != test.asName {
						t.Fatalf("it is at %s of %q, want %s of %q", commit.Hash, commit.Ref, test.want, test.asName)
					}
					checkout(t, repo, commit.Hash)
					if _, changed := fetch(t, repo); changed {
						t.Error("a fetch without news reports a change")
					}
				})
			})
		}
	}
}

func TestAPinnedCommitThatTheServerGivesOnlyWithItsBranch(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.RefuseHashes(t)
	pinned := remote.Commit(t, "main", map[string]string{"a": "1"})
	remote.Commit(t, "main", map[string]string{"a": "2"})
	repo := open(t, gitrepo.Options{URL: remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL, Ref: gitrepo.Ref{Commit: pinned}, Depth: 1})
	fetch(t, repo)
	if diff := cmp.Diff(map[string]string{"a": "1"}, files(t, checkout(t, repo, pinned))); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestACommandFetchesAsALibraryDoes(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	https := remote.ServeHTTP(t, gitserver.HTTPOptions{Username: "git", Password: "s3cret-token", TLS: true})
	ssh := remote.ServeSSH(t)
	for name, test := range map[string]struct {
		opts gitrepo.Options
		err  string
	}{
		"a token":              {gitrepo.Options{URL: https.URL, Auth: gitrepo.Auth{Token: "s3cret-token"}, CABundle: https.CA}, ""},
		"no credentials":       {gitrepo.Options{URL: https.URL, CABundle: https.CA}, "asks for credentials"},
		"a wrong token":        {gitrepo.Options{URL: https.URL, Auth: gitrepo.Auth{Token: "s3cret-other"}, CABundle: https.CA}, "refuses the credentials"},
		"an unknown CA":        {gitrepo.Options{URL: https.URL}, "certificate"},
		"an ssh key":           {gitrepo.Options{URL: ssh.URL, Auth: gitrepo.Auth{SSHKey: ssh.Key, KnownHosts: ssh.KnownHosts}}, ""},
		"an RSA key":           {gitrepo.Options{URL: ssh.URL, Auth: gitrepo.Auth{SSHKey: ssh.Keys["rsa"], KnownHosts: ssh.KnownHosts}}, ""},
		"a file":               {gitrepo.Options{URL: remote.FileURL()}, ""},
		"a host that is new":   {gitrepo.Options{URL: ssh.URL, Auth: gitrepo.Auth{SSHKey: ssh.Key, KnownHosts: "example.com ssh-ed25519 AAAA"}}, "Host key verification failed"},
		"a repository no more": {gitrepo.Options{URL: https.URL + "x", Auth: gitrepo.Auth{Token: "s3cret-token"}, CABundle: https.CA}, "is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			test.opts.Command = true
			repo := openIn(t, dir, test.opts)
			if test.err != "" {
				fails(t, repo, test.err)
			} else if commit, _ := fetch(t, repo); commit.Hash != hash {
				t.Errorf("commit %s", commit.Hash)
			}
			for name, content := range files(t, dir) {
				if strings.Contains(content, "s3cret") || strings.Contains(content, "PRIVATE KEY") {
					t.Errorf("%s holds a secret", name)
				}
			}
		})
	}
}

// 7: of a host with keys of several types, only one is in known_hosts.
func TestEveryTypeOfKey(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeSSH(t)
	for line := range strings.SplitSeq(strings.TrimSpace(server.KnownHosts), "\n") {
		for kind, key := range server.Keys {
			t.Run(kind+" where of the host only one key is known", func(t *testing.T) {
				t.Parallel()
				eachDriver(t, func(t *testing.T, command bool) {
					fetch(t, open(t, gitrepo.Options{URL: server.URL, Command: command, Auth: gitrepo.Auth{SSHKey: key, KnownHosts: line}}))
				})
			})
		}
	}
}

func TestTheAgentOfSSHIsAskedWithoutAKey(t *testing.T) {
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeSSH(t)
	t.Setenv("SSH_AUTH_SOCK", server.Agent(t))
	for _, command := range []bool{false, true} {
		fetch(t, open(t, gitrepo.Options{URL: server.URL, Command: command, Auth: gitrepo.Auth{KnownHosts: server.KnownHosts}}))
	}
}

func TestTheGitCommandReadsNoConfigurationOfTheUser(t *testing.T) {
	home := t.TempDir()
	config := "[url \"file:///nowhere/\"]\n\tinsteadOf = http://\n[core]\n\thooksPath = " + home + "\n"
	if err := os.WriteFile(filepath.Join(home, ".gitconfig"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	url := remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL
	t.Setenv("HOME", home)
	t.Setenv("GIT_CONFIG_COUNT", "1")
	t.Setenv("GIT_CONFIG_KEY_0", "url.file:///nowhere/.insteadOf")
	t.Setenv("GIT_CONFIG_VALUE_0", "http://")
	if out, err := exec.Command("git", "ls-remote", url).CombinedOutput(); err == nil {
		t.Fatalf("the configuration is of no effect: %s", out)
	}
	fetch(t, open(t, gitrepo.Options{URL: url, Command: true}))
}

// 18: however many tasks refer to a source, the remote is asked once.
func TestAPollWithoutNewsIsOneRequest(t *testing.T) {
	t.Parallel()
	eachDriver(t, func(t *testing.T, command bool) {
		remote := gitserver.New(t)
		remote.Commit(t, "main", map[string]string{"a": "1"})
		server := remote.ServeHTTP(t, gitserver.HTTPOptions{})
		repo := open(t, gitrepo.Options{URL: server.URL, Command: command})
		fetch(t, repo)
		before := server.Requests()
		fetch(t, repo)
		want := 1
		if command {
			want = 2 // protocol version 2 lists the references in a request of its own
		}
		if got := server.Requests() - before; got != want {
			t.Errorf("%d requests, want %d", got, want)
		}
	})
}

// TestNoSecretIsAnArgument puts a git in front of the real one that notes what
// it is told.
func TestNoSecretIsAnArgument(t *testing.T) {
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	https := remote.ServeHTTP(t, gitserver.HTTPOptions{Username: "git", Password: "s3cret-token"})
	ssh := remote.ServeSSH(t)
	real, err := exec.LookPath("git")
	if err != nil {
		t.Fatal(err)
	}
	bin := t.TempDir()
	journal := filepath.Join(bin, "journal")
	script := "#!/bin/sh\necho \"$@\" >> '" + journal + "'\nexec '" + real + "' \"$@\"\n"
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+":"+os.Getenv("PATH"))
	for _, opts := range []gitrepo.Options{
		{URL: strings.Replace(https.URL, "http://", "http://git:s3cret-token@", 1)},
		{URL: https.URL, Auth: gitrepo.Auth{Token: "s3cret-token"}},
		{URL: ssh.URL, Auth: gitrepo.Auth{SSHKey: ssh.Key, KnownHosts: ssh.KnownHosts}},
	} {
		opts.Command = true
		fetch(t, open(t, opts))
	}
	text, err := os.ReadFile(journal)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), "fetch") || strings.Contains(string(text), "s3cret") || strings.Contains(string(text), "PRIVATE") {
		t.Errorf("git was told:\n%s", text)
	}
}

func TestAProxy(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	eachDriver(t, func(t *testing.T, command bool) {
		// Only the proxy knows this name.
		proxy := gitserver.Proxy(t, remote.ServeHTTP(t, gitserver.HTTPOptions{}).URL)
		repo := open(t, gitrepo.Options{URL: "http://git.invalid/repo.git", Proxy: "http://user:s3cret@" + proxy, Command: command})
		fetch(t, repo)
	})
	for name, test := range map[string]struct{ url, proxy, err string }{
		"no url":                      {"https://127.0.0.1/a", "proxy", "is not a url"},
		"an unknown kind":             {"https://127.0.0.1/a", "ftp://127.0.0.1", "is not known"},
		"an http proxy for ssh":       {"ssh://git@127.0.0.1/a", "http://127.0.0.1", "can't carry ssh"},
		"a proxy for this machine":    {"file:///a", "http://127.0.0.1", "needs no proxy"},
		"a password that isn't shown": {"ssh://git@127.0.0.1/a", "http://u:s3cret@127.0.0.1", "can't carry ssh"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := gitrepo.Open(t.TempDir(), gitrepo.Options{URL: test.url, Proxy: test.proxy})
			if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
