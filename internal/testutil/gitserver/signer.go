package gitserver

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Signer is a key that can sign commits and tags.
type Signer struct {
	Public string // a public key of OpenPGP in armored form, or a line of allowed_signers
	ID     string // what the key is called in errors

	settings map[string]string // of git
	command  []string          // gpg or ssh-keygen, with what it always needs
}

// NewPGPSigner makes a key of OpenPGP with gpg.
func NewPGPSigner(t testing.TB) *Signer {
	t.Helper()
	gpg := need(t, "gpg")
	home, err := os.MkdirTemp("", "gpg-") //nolint:usetesting // the path of the agent's socket, which is in it, must be short
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_, _ = output(home, "gpgconf", "--homedir", home, "--kill", "gpg-agent") // none may have been started
		_ = os.RemoveAll(home)                                                   // the agent removes its sockets itself, maybe at this moment
	})
	s := &Signer{command: []string{gpg, "--homedir", home, "--batch", "--no-tty", "--passphrase", ""}}
	s.run(t, "--quick-gen-key", "Ada <ada@example.com>", "ed25519", "sign", "never")
	program := filepath.Join(home, "git-gpg")
	if err := os.WriteFile(program, []byte("#!/bin/sh\nexec '"+gpg+"' --homedir '"+home+"' --batch --no-tty \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	for line := range strings.SplitSeq(s.run(t, "--with-colons", "--list-keys"), "\n") {
		if fields := strings.Split(line, ":"); fields[0] == "pub" {
			s.ID = fields[4]
		}
	}
	s.settings = map[string]string{"gpg.format": "openpgp", "gpg.program": program, "user.signingkey": s.ID}
	s.export(t)
	return s
}

func (s *Signer) export(t testing.TB) {
	t.Helper()
	s.Public = s.run(t, "--quiet", "--export", "--armor") + "\n"
}

func (s *Signer) run(t testing.TB, args ...string) string {
	t.Helper()
	return run(t, os.TempDir(), s.command[0], append(s.command[1:], args...)...)
}

// Expire has a key of OpenPGP expire within two days.
func (s *Signer) Expire(t testing.TB) {
	t.Helper()
	var fingerprint string
	for line := range strings.SplitSeq(s.run(t, "--with-colons", "--list-keys"), "\n") {
		if fields := strings.Split(line, ":"); fields[0] == "fpr" {
			fingerprint = fields[9]
		}
	}
	s.run(t, "--quick-set-expire", fingerprint, "1d")
	s.export(t)
}

// SignFile signs a text with an SSH key, as a file and not as a commit.
func (s *Signer) SignFile(t testing.TB, text []byte) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, text, 0o600); err != nil {
		t.Fatal(err)
	}
	s.run(t, "-q", "-Y", "sign", "-n", "file", file)
	return read(t, file+".sig")
}

// NewSSHSigner makes a key of SSH of a type such as "ed25519".
func NewSSHSigner(t testing.TB, kind string) *Signer {
	t.Helper()
	keygen := need(t, "ssh-keygen")
	dir := t.TempDir()
	file := filepath.Join(dir, "key")
	run(t, dir, keygen, "-q", "-t", kind, "-N", "", "-C", "ada", "-f", file)
	return &Signer{
		Public:   "ada@example.com " + read(t, file+".pub"),
		ID:       strings.Fields(run(t, dir, keygen, "-l", "-f", file))[1],
		settings: map[string]string{"gpg.format": "ssh", "user.signingkey": file},
		command:  []string{keygen, "-f", file},
	}
}

// SignWith has all commits and tags from now on signed, or none with nil.
func (r *Repository) SignWith(t testing.TB, s *Signer) {
	t.Helper()
	sign := "false"
	if s != nil {
		sign = "true"
		for name, value := range s.settings {
			run(t, r.work, "git", "config", name, value)
		}
	}
	run(t, r.work, "git", "config", "commit.gpgSign", sign)
	run(t, r.work, "git", "config", "tag.gpgSign", sign)
}

// Object returns a commit or a tag as git stores it.
func (r *Repository) Object(t testing.TB, kind, name string) []byte {
	t.Helper()
	return []byte(run(t, r.work, "git", "cat-file", kind, name) + "\n")
}
