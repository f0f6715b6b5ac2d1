package signature

import (
	"bufio"
	"bytes"
	"crypto"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/ProtonMail/go-crypto/openpgp"
	"github.com/ProtonMail/go-crypto/openpgp/armor"
	pgperrors "github.com/ProtonMail/go-crypto/openpgp/errors"
	"github.com/ProtonMail/go-crypto/openpgp/packet"
)

// readKeyring reads all armored blocks of a text, as of files that were put
// together: a key that is passed over would be missed only when it signs.
func readKeyring(text string) (openpgp.EntityList, error) {
	var all openpgp.EntityList
	in := bufio.NewReader(strings.NewReader(text))
	for {
		block, err := armor.Decode(in)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, err
		}
		if block.Type != openpgp.PublicKeyType {
			return nil, fmt.Errorf("it holds a block %q, where only public keys have to be: make it with gpg --export --armor", block.Type)
		}
		keys, err := openpgp.ReadKeyRing(block.Body)
		if err != nil {
			return nil, err
		}
		all = append(all, keys...)
	}
	if len(all) == 0 && strings.TrimSpace(text) != "" {
		return nil, errors.New("it holds no public key in armored form: make it with gpg --export --armor")
	}
	return all, nil
}

// verifyPGP checks a signature of OpenPGP. The key has to be good now, not just
// when the signature says it was made: who has stolen a key can say anything.
func (k *Keys) verifyPGP(s signed) (string, error) {
	body, err := dearmor(s.signature)
	if err != nil {
		return "", fmt.Errorf("its OpenPGP signature can't be read: %w", err)
	}
	id, err := issuer(body)
	if err != nil {
		return "", fmt.Errorf("its OpenPGP signature can't be read: %w", err)
	}
	config := &packet.Config{Time: k.now}
	made, entity, err := openpgp.VerifyDetachedSignature(k.keyring, bytes.NewReader(s.payload), bytes.NewReader(body), config)
	switch {
	case errors.Is(err, pgperrors.ErrUnknownIssuer):
		return "", untrusted("OpenPGP", id, "keyring")
	case errors.Is(err, pgperrors.ErrKeyExpired), errors.Is(err, pgperrors.ErrSignatureExpired):
		return "", fmt.Errorf("it is signed with the OpenPGP key %s, which has expired: put the key with its new date into keyring", id)
	case errors.Is(err, pgperrors.ErrKeyRevoked):
		return "", fmt.Errorf("it is signed with the OpenPGP key %s, which is revoked", id)
	case err != nil:
		return "", fmt.Errorf("%w (%w)", tampered("OpenPGP", id), err)
	case !isStrong(made):
		return "", fmt.Errorf("its signature with the OpenPGP key %s is of a kind that can be forged: sign with SHA-256 or better", id)
	}
	if identity := entity.PrimaryIdentity(); identity != nil {
		return identity.Name, nil
	}
	return id, nil
}

// dearmor returns the packets of the one block that there has to be.
func dearmor(text []byte) ([]byte, error) {
	block, err := armor.Decode(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(block.Body)
}

// issuer returns the id of the key that a signature says it was made with. A
// second signature beside the first could hide who signed.
func issuer(body []byte) (string, error) {
	packets := packet.NewReader(bytes.NewReader(body))
	first, err := packets.Next()
	if err != nil {
		return "", err
	}
	made, ok := first.(*packet.Signature)
	if !ok || made.IssuerKeyId == nil {
		return "", errors.New("it doesn't say which key it was made with")
	}
	if _, err := packets.Next(); !errors.Is(err, io.EOF) {
		return "", errors.New("there is more than one")
	}
	return fmt.Sprintf("%016X", *made.IssuerKeyId), nil
}

// isStrong reports whether a signature covers exactly the bytes that there are,
// by a hash of which no two texts are known to have the same.
func isStrong(s *packet.Signature) bool {
	switch s.Hash {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512, crypto.SHA3_256, crypto.SHA3_512:
		return s.SigType == packet.SigTypeBinary
	}
	return false
}
