package gitrepo_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func TestHTTPCredentials(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeHTTP(t, gitserver.HTTPOptions{Username: "git", Password: "s3cret-token", TLS: true})
	withUser := strings.Replace(server.URL, "https://", "https://git:s3cret-token@", 1)
	for name, test := range map[string]struct {
		opts gitrepo.Options
		err  string
	}{
		"a token":                 {gitrepo.Options{URL: server.URL, Auth: gitrepo.Auth{Token: "s3cret-token"}, CABundle: server.CA}, ""},
		"a password":              {gitrepo.Options{URL: server.URL, Auth: gitrepo.Auth{Username: "git", Password: "s3cret-token"}, CABundle: server.CA}, ""},
		"a password in the url":   {gitrepo.Options{URL: withUser, CABundle: server.CA}, ""},
		"none":                    {gitrepo.Options{URL: server.URL, CABundle: server.CA}, "set them in the auth block"},
		"a wrong one":             {gitrepo.Options{URL: server.URL, Auth: gitrepo.Auth{Token: "other-token"}, CABundle: server.CA}, "asks for credentials"},
		"an unknown certificate":  {gitrepo.Options{URL: withUser}, "certificate"},
		"a path that isn't there": {gitrepo.Options{URL: withUser + "x", CABundle: server.CA}, "is not there"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			_, _, err := openIn(t, dir, test.opts).Fetch(t.Context())
			if test.err == "" && err != nil || test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
			if err != nil && strings.Contains(err.Error(), "s3cret") {
				t.Errorf("the error holds the password: %v", err)
			}
			for name, content := range files(t, dir) {
				if strings.Contains(content, "s3cret") {
					t.Errorf("%s holds the password", name)
				}
			}
		})
	}
}

func TestSSH(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	hash := remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeSSH(t)
	other := remote.ServeSSH(t)
	keyFile := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(keyFile, []byte(server.Key), 0o600); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(server.KnownHosts), "\n")
	first, second := lines[0], lines[1]
	address, _, _ := strings.Cut(first, " ")
	_, changed, _ := strings.Cut(strings.Split(other.KnownHosts, "\n")[0], " ")
	for name, test := range map[string]struct {
		auth gitrepo.Auth
		err  string
	}{
		"a key as text":                      {gitrepo.Auth{SSHKey: server.Key, KnownHosts: server.KnownHosts}, ""},
		"a key without its last newline":     {gitrepo.Auth{SSHKey: strings.TrimSpace(server.Key), KnownHosts: server.KnownHosts}, ""},
		"a key in a file":                    {gitrepo.Auth{SSHKey: keyFile, KnownHosts: server.KnownHosts}, ""},
		"only the first host key is known":   {gitrepo.Auth{SSHKey: server.Key, KnownHosts: first}, ""},
		"only the second host key is known":  {gitrepo.Auth{SSHKey: server.Key, KnownHosts: second}, ""},
		"a host that isn't known is refused": {gitrepo.Auth{SSHKey: server.Key, KnownHosts: "example.com " + changed}, "is not known: it shows"},
		"the way out is a line to add":       {gitrepo.Auth{SSHKey: server.Key, KnownHosts: "example.com " + changed}, "add this line to known_hosts: " + address},
		"a host with another key is refused": {gitrepo.Auth{SSHKey: server.Key, KnownHosts: address + " " + changed}, "is not the one in known_hosts"},
		"a key that may not log in":          {gitrepo.Auth{SSHKey: other.Key, KnownHosts: server.KnownHosts}, "unable to authenticate"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			commit, _, err := open(t, gitrepo.Options{URL: server.URL, Auth: test.auth}).Fetch(t.Context())
			if test.err == "" && (err != nil || commit.Hash != hash) {
				t.Fatalf("commit %q, error %v", commit.Hash, err)
			}
			if test.err != "" && (err == nil || !strings.Contains(err.Error(), test.err)) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
