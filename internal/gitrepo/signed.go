package gitrepo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"

	"github.com/driftless-hq/driftless/internal/gitrepo/signature"
)

// maxSigned bounds a commit or a tag that is verified.
const maxSigned = 16 << 20

// Verification says whose commits are taken. A submodule has no signature of
// its own: its commit is named in the one that is signed.
type Verification struct {
	Keyring        string // public keys of OpenPGP, in armored form
	AllowedSigners string // lines as in the file that ssh-keygen calls so
	// Optional has commits taken that nobody signed who is trusted. [Commit]
	// says so.
	Optional bool
}

// digest tells one verification from another: what one has let pass, the other
// may not.
func (v *Verification) digest() string {
	if v == nil {
		return ""
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %v", v.Keyring, v.AllowedSigners, v.Optional))
	return hex.EncodeToString(sum[:])
}

// authenticate notes in a commit who signed it, or refuses it.
func (r *Repo) authenticate(mirror *git.Repository, want target, commit *Commit) error {
	if r.keys == nil {
		return nil
	}
	signer, err := r.signerOf(mirror, want)
	if err == nil {
		commit.Signer = signer
		return nil
	}
	if errors.Is(err, ErrCorrupt) {
		return err
	}
	if r.opts.Verify.Optional {
		commit.Unverified = err.Error()
		return nil
	}
	if errors.Is(err, signature.ErrUnsigned) {
		err = fmt.Errorf("%w: have its author sign it, or follow a branch or a tag on which all is signed", err)
	}
	return fmt.Errorf("%w: %s can't be trusted: %w", errRefused, want.hash, err)
}

// signerOf returns who signed the tag that is followed, or where it isn't
// signed who signed the commit.
func (r *Repo) signerOf(mirror *git.Repository, want target) (string, error) {
	if !want.tag.IsZero() {
		signer, err := r.signerOfTag(mirror, want)
		if !errors.Is(err, signature.ErrUnsigned) {
			return signer, err
		}
	}
	object, err := rawObject(mirror, plumbing.CommitObject, want.hash)
	if err != nil {
		return "", err
	}
	return r.keys.VerifyCommit(object)
}

// signerOfTag makes sure that the tag is of this name and of this commit: the
// server could show the signed tag of another version.
func (r *Repo) signerOfTag(mirror *git.Repository, want target) (string, error) {
	object, err := rawObject(mirror, plumbing.TagObject, want.tag)
	if err != nil {
		return "", err
	}
	tag, signer, err := r.keys.VerifyTag(object)
	switch {
	case err != nil:
		return "", err
	case tag.Commit != want.hash.String() || tag.Name != want.ref.Short():
		return "", fmt.Errorf("what is signed is the tag %q of the commit %s, and not %q", tag.Name, tag.Commit, want.ref.Short())
	}
	return signer, nil
}

// rawObject returns an object as git stores it.
func rawObject(mirror *git.Repository, kind plumbing.ObjectType, hash plumbing.Hash) ([]byte, error) {
	object, err := mirror.Storer.EncodedObject(kind, hash)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if object.Size() > maxSigned {
		return nil, fmt.Errorf("it has %d bytes, and only up to %d are read", object.Size(), maxSigned)
	}
	reader, err := object.Reader()
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	defer reader.Close()
	return io.ReadAll(objectReader{reader})
}
