package jinja

import (
	"crypto/md5"  //nolint:gosec // a checksum that Ansible has
	"crypto/sha1" //nolint:gosec // a checksum that Ansible has
	"crypto/sha256"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"

	"github.com/google/uuid"
)

func hashFilters() map[string]builtin {
	fixed := func(name string) builtin {
		return ofText(func(r *run, s string, _ args) (any, error) { return digest(name, s) })
	}
	return map[string]builtin{
		"hash": ofText(func(r *run, s string, a args) (any, error) {
			name, err := a.string(r, 0)
			if err != nil {
				return nil, err
			}
			return digest(name, s)
		}, opt("hashtype", "sha1")),
		"checksum":      fixed("sha1"),
		"sha1":          fixed("sha1"),
		"md5":           fixed("md5"),
		"password_hash": ofText(passwordHash, opt("hashtype", "sha512"), opt("salt", nil), opt("salt_size", nil), opt("rounds", nil), opt("ident", nil)),
		"to_uuid":       ofText(toUUID, opt("namespace", ansibleNamespace)),
	}
}

func hashes() map[string]func() hash.Hash {
	return map[string]func() hash.Hash{
		"md5": md5.New, "sha1": sha1.New, "sha224": sha256.New224, "sha256": sha256.New, "sha384": sha512.New384, "sha512": sha512.New,
	}
}

func digest(name, s string) (any, error) {
	newHash, ok := hashes()[name]
	if !ok {
		return nil, fmt.Errorf("there is no hash %q%s", name, didYouMean(name, hashes()))
	}
	h := newHash()
	h.Write([]byte(s))
	return hex.EncodeToString(h.Sum(nil)), nil
}

// ansibleNamespace is the one that Ansible makes UUIDs in.
const ansibleNamespace = "361E6D51-FAEC-444A-9079-341386DA8E2E"

func toUUID(r *run, s string, a args) (any, error) {
	name, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	namespace, err := uuid.Parse(name)
	if err != nil {
		return nil, fmt.Errorf("the namespace %q is no UUID", name)
	}
	return uuid.NewSHA1(namespace, []byte(s)).String(), nil
}

// defaultRounds are those of Ansible.
var defaultRounds = [...]struct {
	name   string
	rounds int
}{{"sha512", 656_000}, {"sha256", 535_000}}

// passwordHash makes a hash as crypt(3) knows it. It needs a salt, as with one
// by chance the file would be another at each run.
func passwordHash(r *run, s string, a args) (any, error) {
	name, err := a.string(r, 0)
	if err != nil {
		return nil, err
	}
	rounds := 0
	for _, d := range defaultRounds {
		if name == d.name || name == d.name+"_crypt" {
			name, rounds = d.name, d.rounds
		}
	}
	if rounds == 0 {
		return nil, fmt.Errorf("there is no hash %q for passwords here; there are sha512 and sha256", name)
	}
	if a.values[1] == nil {
		return nil, errors.New("it needs a salt, as one by chance would change the result at every run; derive it, as in salt=(host | hash('sha1'))[:16]")
	}
	salt, err := a.string(r, 1)
	if err != nil {
		return nil, err
	}
	if a.values[3] != nil {
		if rounds, err = a.int(3); err != nil {
			return nil, err
		}
	}
	if rounds < 1000 || rounds > maxCryptRounds {
		return nil, fmt.Errorf("the rounds are between 1000 and %d", maxCryptRounds)
	}
	if err := r.step(rounds/cryptPerStep + len(s)*len(s)/64); err != nil {
		return nil, err
	}
	return shaCrypt(name, s, salt, rounds)
}
