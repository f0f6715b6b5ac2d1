package signature_test

import (
	"bytes"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/gitrepo/signature"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
)

func newKeys(t testing.TB, keyring, allowed string) *signature.Keys {
	t.Helper()
	keys, err := signature.New(keyring, allowed, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return keys
}

// signedBy returns a commit that was made and signed by git.
func signedBy(t testing.TB, signer *gitserver.Signer) []byte {
	t.Helper()
	remote := gitserver.New(t)
	remote.SignWith(t, signer)
	return remote.Object(t, "commit", remote.Commit(t, "main", map[string]string{"a": "1"}))
}

// wants checks the signer, or that the error says what is wanted.
func wants(t *testing.T, signer string, err error, wantSigner, wantErr string) {
	t.Helper()
	if wantErr == "" && (err != nil || signer != wantSigner) {
		t.Errorf("it is signed by %q, error %v; want %q", signer, err, wantSigner)
	}
	if wantErr != "" && (err == nil || signer != "" || !strings.Contains(err.Error(), wantErr)) {
		t.Errorf("it is signed by %q, error %v; want the error %q", signer, err, wantErr)
	}
}

func TestWhatGPGSigned(t *testing.T) {
	t.Parallel()
	ada, eve := gitserver.NewPGPSigner(t), gitserver.NewPGPSigner(t)
	commit := signedBy(t, ada)
	ssh := gitserver.NewSSHSigner(t, "ed25519")
	for name, test := range map[string]struct {
		keys   *signature.Keys
		commit []byte
		err    string
	}{
		"by a key of the keyring":                      {newKeys(t, ada.Public, ""), commit, ""},
		"by the second key of a keyring":               {newKeys(t, eve.Public+ada.Public, ""), commit, ""},
		"by a key that isn't in the keyring":           {newKeys(t, eve.Public, ""), commit, "OpenPGP key " + ada.ID + ", which is not in keyring"},
		"where only SSH keys are trusted":              {newKeys(t, "", ssh.Public), commit, "which is not in keyring"},
		"changed after it was signed":                  {newKeys(t, ada.Public, ""), bytes.Replace(commit, []byte("change main"), []byte("change Main"), 1), "it was changed after it was signed"},
		"with another header beside":                   {newKeys(t, ada.Public, ""), bytes.Replace(commit, []byte("\nauthor "), []byte("\ntree 1\nauthor "), 1), "it was changed after it was signed"},
		"with a signature that is none":                {newKeys(t, ada.Public, ""), bytes.Replace(commit, []byte("\n \n"), []byte("\n \n AAAA\n "), 1), "can't be read"},
		"with two signatures":                          {newKeys(t, ada.Public, ""), bytes.Replace(commit, []byte("\ngpgsig "), []byte("\ngpgsig x\ngpgsig "), 1), "more than one signature"},
		"with a signature of a kind that is not known": {newKeys(t, ada.Public, ""), bytes.Replace(commit, []byte("gpgsig -----BEGIN PGP"), []byte("gpgsig -----BEGIN CMS"), 1), "neither of OpenPGP nor of SSH"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer, err := test.keys.VerifyCommit(test.commit)
			wants(t, signer, err, "Ada <ada@example.com>", test.err)
		})
	}
}

func TestAKeyThatHasExpired(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewPGPSigner(t)
	commit := signedBy(t, ada)
	ada.Expire(t)
	signer, err := newKeys(t, ada.Public, "").VerifyCommit(commit)
	wants(t, signer, err, "Ada <ada@example.com>", "") // for a day yet
	later, err := signature.New(ada.Public, "", func() time.Time { return time.Now().AddDate(0, 0, 3) })
	if err != nil {
		t.Fatal(err)
	}
	signer, err = later.VerifyCommit(commit)
	wants(t, signer, err, "", ada.ID+", which has expired")
}

func TestWhatSSHSigned(t *testing.T) {
	t.Parallel()
	ada, eve := gitserver.NewSSHSigner(t, "ed25519"), gitserver.NewSSHSigner(t, "ed25519")
	commit := signedBy(t, ada)
	key := strings.TrimPrefix(ada.Public, "ada@example.com ")
	for name, test := range map[string]struct {
		allowed string
		commit  []byte
		err     string
	}{
		"by an allowed signer":                     {ada.Public, commit, ""},
		"by the second of two":                     {eve.Public + "\n# Ada\n" + ada.Public, commit, ""},
		"by a key that isn't allowed":              {eve.Public, commit, "SSH key " + ada.ID + ", which is not in allowed_signers"},
		"by a key for git and more":                {`"ada@example.com" namespaces="file,git" ` + key, commit, ""},
		"by a key for all that begins with g":      {`ada@example.com namespaces="g*" ` + key, commit, ""},
		"by a key for files alone":                 {`ada@example.com namespaces="file" ` + key + "\n" + eve.Public, commit, "which is not in allowed_signers"},
		"by a key for all but git":                 {`ada@example.com namespaces="*,!git" ` + key + "\n" + eve.Public, commit, "which is not in allowed_signers"},
		"while the key was valid":                  {`ada@example.com valid-after="20260101Z",valid-before="202602010000Z" ` + key, commit, ""},
		"before the key was valid":                 {`ada@example.com valid-after="20260201Z" ` + key, commit, "does not allow for 2026-01-02T03:04:05Z"},
		"after the key was valid":                  {`ada@example.com valid-before="20260102030405Z" ` + key, commit, "does not allow for 2026-01-02T03:04:05Z"},
		"changed after it was signed":              {ada.Public, bytes.Replace(commit, []byte("change main"), []byte("change Main"), 1), "it was changed after it was signed"},
		"with a second signature behind the first": {ada.Public, bytes.Replace(commit, []byte(" -----END SSH SIGNATURE-----\n"), []byte(" -----END SSH SIGNATURE-----\n x\n"), 1), "can't be read"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			signer, err := newKeys(t, "", test.allowed).VerifyCommit(test.commit)
			wants(t, signer, err, "ada@example.com", test.err)
		})
	}
}

func TestEveryTypeOfSSHKeySigns(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"ed25519", "ecdsa", "rsa"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			ada := gitserver.NewSSHSigner(t, kind)
			signer, err := newKeys(t, "", ada.Public).VerifyCommit(signedBy(t, ada))
			wants(t, signer, err, "ada@example.com", "")
		})
	}
}

// What was signed to be a file, with the same key, must not pass for a commit.
func TestASignatureForSomethingElse(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	unsigned := signedBy(t, nil)
	header := "gpgsig " + strings.ReplaceAll(strings.TrimSpace(ada.SignFile(t, unsigned)), "\n", "\n ") + "\n"
	commit := bytes.Replace(unsigned, []byte("\n\n"), []byte("\n"+header+"\n"), 1)
	signer, err := newKeys(t, "", ada.Public).VerifyCommit(commit)
	wants(t, signer, err, "", `was made for "file", and not for "git"`)
}

func TestTags(t *testing.T) {
	t.Parallel()
	for name, signer := range map[string]*gitserver.Signer{"gpg": gitserver.NewPGPSigner(t), "ssh": gitserver.NewSSHSigner(t, "ed25519")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			remote := gitserver.New(t)
			commit := remote.Commit(t, "main", map[string]string{"a": "1"})
			remote.Tag(t, "unsigned", "main")
			remote.SignWith(t, signer)
			remote.Tag(t, "v1.0.0", "main")
			keyring, allowed := signer.Public, ""
			if name == "ssh" {
				keyring, allowed = allowed, keyring
			}
			keys := newKeys(t, keyring, allowed)
			object := remote.Object(t, "tag", "v1.0.0")
			tag, by, err := keys.VerifyTag(object)
			if want := (signature.Tag{Name: "v1.0.0", Commit: commit}); tag != want || err != nil || !strings.Contains(by, "ada@example.com") {
				t.Errorf("the tag is %v by %q, error %v; want %v", tag, by, err, want)
			}
			if _, _, err := keys.VerifyTag(bytes.Replace(object, []byte("v1.0.0"), []byte("v2.0.0"), 1)); err == nil {
				t.Error("a tag that was given another name passes")
			}
			if _, _, err := keys.VerifyTag(remote.Object(t, "tag", "unsigned")); !errors.Is(err, signature.ErrUnsigned) {
				t.Errorf("a tag without a signature: error %v", err)
			}
		})
	}
}

func TestKeysThatAreNone(t *testing.T) {
	t.Parallel()
	ada := gitserver.NewSSHSigner(t, "ed25519")
	key := strings.TrimPrefix(ada.Public, "ada@example.com ")
	for name, test := range map[string]struct{ keyring, allowed, err string }{
		"none at all":                   {"", "# nobody\n", "there are no keys"},
		"a path for a keyring":          {"/etc/keys.asc", "", "no public key in armored form"},
		"a signature for a keyring":     {"-----BEGIN PGP SIGNATURE-----\n\niQ==\n-----END PGP SIGNATURE-----\n", "", "only public keys"},
		"a keyring that is cut off":     {"-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDME\n", "", "read the keyring"},
		"a key without a principal":     {"", key, "line 1: write it as in"},
		"a principal without a key":     {"", "\nada@example.com", "line 2: write it as in"},
		"an authority for certificates": {"", "ada@example.com cert-authority " + key, "certificates are not supported"},
		"an option that isn't known":    {"", "ada@example.com no-touch-required " + key, `the option "no-touch-required" is not known`},
		"a time that is none":           {"", `ada@example.com valid-before="soon" ` + key, `"soon" is not a time`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := signature.New(test.keyring, test.allowed, time.Now); err == nil || !strings.Contains(err.Error(), test.err) {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

// FuzzVerifyCommit changes commits that were signed. Whatever still passes has
// to say the same, but for its signature.
func FuzzVerifyCommit(f *testing.F) {
	ssh, pgp := gitserver.NewSSHSigner(f, "ed25519"), gitserver.NewPGPSigner(f)
	keys := newKeys(f, pgp.Public, ssh.Public)
	said := map[string]bool{}
	for _, signer := range []*gitserver.Signer{ssh, pgp} {
		commit := signedBy(f, signer)
		said[without(commit)] = true
		f.Add(commit)
	}
	f.Add([]byte("tree 1\ngpgsig \n \n\nx"))
	f.Fuzz(func(t *testing.T, object []byte) {
		if _, err := keys.VerifyCommit(object); err == nil && !said[without(object)] {
			t.Errorf("a commit passes that nobody signed:\n%s", object)
		}
		_, _, _ = keys.VerifyTag(object) // that it returns is all
	})
}

// without drops the header with the signature in the plainest way.
func without(commit []byte) string {
	headers, message, _ := strings.Cut(string(commit), "\n\n")
	before, rest, _ := strings.Cut(headers, "\ngpgsig ")
	lines := strings.Split(rest, "\n")[1:]
	for len(lines) > 0 && strings.HasPrefix(lines[0], " ") {
		lines = lines[1:]
	}
	return strings.Join(append([]string{before}, lines...), "\n") + "\n\n" + message
}

// FuzzKeys reads what a user could write.
func FuzzKeys(f *testing.F) {
	f.Add("", `ada@example.com namespaces="git",valid-after="20260101" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`)
	f.Add("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEZ\n-----END PGP PUBLIC KEY BLOCK-----\n", "")
	f.Fuzz(func(t *testing.T, keyring, allowed string) {
		keys, err := signature.New(keyring, allowed, time.Now)
		if (keys == nil) == (err == nil) {
			t.Errorf("keys %v, error %v", keys, err)
		}
	})
}
