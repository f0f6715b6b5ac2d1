package signature

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/pem"
	"errors"
	"fmt"

	"golang.org/x/crypto/ssh"
)

const (
	// sshMagic begins a signature, and what is signed.
	sshMagic = "SSHSIG"
	// namespace keeps a signature that was made for something else, such as a
	// file or a login, from being taken for that of a commit.
	namespace = "git"
)

// sshSignature is the format that OpenSSH describes in PROTOCOL.sshsig.
type sshSignature struct {
	Magic     [6]byte
	Version   uint32
	PublicKey []byte
	Namespace string
	Reserved  []byte
	Hash      string
	Signature []byte
}

// sshSigned is what the key signs: the hash of a message, and what it is for.
type sshSigned struct {
	Magic     [6]byte
	Namespace string
	Reserved  []byte
	Hash      string
	Digest    []byte
}

// verifySSH checks a signature of SSH.
func (k *Keys) verifySSH(s signed) (string, error) {
	sig, key, made, err := parseSSH(s.signature)
	if err != nil {
		return "", fmt.Errorf("its SSH signature can't be read: %w", err)
	}
	print := ssh.FingerprintSHA256(key)
	if sig.Namespace != namespace {
		return "", fmt.Errorf("its signature with the SSH key %s was made for %q, and not for %q", print, sig.Namespace, namespace)
	}
	message, err := sig.message(s.payload)
	if err != nil {
		return "", err
	}
	if err := key.Verify(message, made); err != nil {
		return "", fmt.Errorf("%w (%w)", tampered("SSH", print), err)
	}
	at, ok := madeAt(s.payload)
	if !ok {
		return "", errors.New("it doesn't say when it was made")
	}
	return k.allowed(key, at)
}

// parseSSH reads an armored signature, the key that it names and the signature
// by that key.
func parseSSH(text []byte) (sig sshSignature, key ssh.PublicKey, made *ssh.Signature, err error) {
	block, rest := pem.Decode(text)
	if block == nil || block.Type != "SSH SIGNATURE" || len(block.Headers) > 0 || len(bytes.TrimSpace(rest)) > 0 {
		return sig, nil, nil, errors.New("it is not in armored form")
	}
	if err := ssh.Unmarshal(block.Bytes, &sig); err != nil {
		return sig, nil, nil, err
	}
	if string(sig.Magic[:]) != sshMagic || sig.Version != 1 {
		return sig, nil, nil, errors.New("it is not of version 1")
	}
	if key, err = ssh.ParsePublicKey(sig.PublicKey); err != nil {
		return sig, nil, nil, err
	}
	if _, ok := key.(*ssh.Certificate); ok {
		return sig, nil, nil, errors.New("certificates are not supported: sign with the key itself")
	}
	made = new(ssh.Signature)
	if err := ssh.Unmarshal(sig.Signature, made); err != nil {
		return sig, nil, nil, err
	}
	if made.Format == ssh.KeyAlgoRSA {
		return sig, nil, nil, errors.New("it is made with SHA-1, by which it can be forged")
	}
	return sig, key, made, nil
}

// message is what was signed of a payload.
func (s *sshSignature) message(payload []byte) ([]byte, error) {
	signed := sshSigned{Magic: s.Magic, Namespace: s.Namespace, Reserved: s.Reserved, Hash: s.Hash}
	switch s.Hash {
	case "sha256":
		digest := sha256.Sum256(payload)
		signed.Digest = digest[:]
	case "sha512":
		digest := sha512.Sum512(payload)
		signed.Digest = digest[:]
	default:
		return nil, fmt.Errorf("its SSH signature is made with the hash %q: only sha256 and sha512 are taken", s.Hash)
	}
	return ssh.Marshal(signed), nil
}
