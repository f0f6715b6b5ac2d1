// Package signature tells who signed a commit or a tag of git: one of the
// OpenPGP or SSH keys that are trusted, or nobody who is.
//
//	keys, err := signature.New(keyring, allowedSigners, time.Now)
//	signer, err := keys.VerifyCommit(object)
//
// An object is verified as it is stored, byte by byte. All of it is signed but
// the signature itself.
package signature

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"
)

// ErrUnsigned says that an object has no signature.
var ErrUnsigned = errors.New("it is not signed")

// Keys are those that are trusted.
type Keys struct {
	keyring openpgp.EntityList
	signers []allowedSigner
	now     func() time.Time
}

// New reads public keys of OpenPGP in their armored form, and the lines of a
// file as ssh-keygen calls allowed_signers. Either may be empty, but not both.
func New(keyring, allowedSigners string, now func() time.Time) (*Keys, error) {
	k := &Keys{now: now}
	var err error
	if k.keyring, err = readKeyring(keyring); err != nil {
		return nil, fmt.Errorf("read the keyring: %w", err)
	}
	if k.signers, err = readAllowedSigners(allowedSigners); err != nil {
		return nil, fmt.Errorf("read allowed_signers: %w", err)
	}
	if len(k.keyring) == 0 && len(k.signers) == 0 {
		return nil, errors.New("there are no keys to verify signatures with: give keyring, allowed_signers or both")
	}
	return k, nil
}

// VerifyCommit returns who signed a commit, which is given as git stores it.
func (k *Keys) VerifyCommit(object []byte) (signer string, err error) {
	signed, err := splitCommit(object)
	if err != nil {
		return "", err
	}
	return k.verify(signed)
}

// VerifyTag returns who signed an annotated tag, and what the tag says: its own
// name, and the hash of the commit.
func (k *Keys) VerifyTag(object []byte) (tag Tag, signer string, err error) {
	signed := splitTag(object)
	if signer, err = k.verify(signed); err != nil {
		return Tag{}, "", err
	}
	tag, err = parseTag(signed.payload)
	return tag, signer, err
}

// signed is an object without its signature, and that.
type signed struct{ payload, signature []byte }

// The first lines of signatures.
const (
	beginPGP = "-----BEGIN PGP SIGNATURE-----"
	beginSSH = "-----BEGIN SSH SIGNATURE-----"
)

func (k *Keys) verify(s signed) (string, error) {
	switch {
	case len(s.signature) == 0:
		return "", ErrUnsigned
	case bytes.HasPrefix(s.signature, []byte(beginPGP)):
		return k.verifyPGP(s)
	case bytes.HasPrefix(s.signature, []byte(beginSSH)):
		return k.verifySSH(s)
	}
	return "", errors.New("its signature is neither of OpenPGP nor of SSH, which are all that can be verified")
}

func untrusted(kind, key, where string) error {
	return fmt.Errorf("it is signed with the %s key %s, which is not in %s: add that key if its owner is to be trusted", kind, key, where)
}

func tampered(kind, key string) error {
	return fmt.Errorf("its signature with the %s key %s does not fit it: it was changed after it was signed", kind, key)
}
