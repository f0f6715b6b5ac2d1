package lang

import (
	"crypto/md5"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"

	"github.com/google/uuid"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/function"
	"golang.org/x/crypto/ssh"
)

// maxHashedFile bounds what the hash of a file reads.
const maxHashedFile = 1 << 30

// maxPrivateKey bounds a private key: with its length the work grows by the
// third power.
const maxPrivateKey = 16 << 10

// digest is a way to hash, and to write the hash down.
type digest struct {
	hash   func() hash.Hash
	encode func([]byte) string
}

// digests are the hashes by the names of their functions. With "file" before
// it, the name is that of the function that reads a file.
var digests = map[string]digest{
	"md5":          {md5.New, hex.EncodeToString},
	"sha1":         {sha1.New, hex.EncodeToString},
	"sha256":       {sha256.New, hex.EncodeToString},
	"sha512":       {sha512.New, hex.EncodeToString},
	"base64sha256": {sha256.New, base64.StdEncoding.EncodeToString},
	"base64sha512": {sha512.New, base64.StdEncoding.EncodeToString},
}

func (d digest) ofString() function.Function {
	return textFunc("string", func(s string) (string, error) {
		h := d.hash()
		h.Write([]byte(s))
		return d.encode(h.Sum(nil)), nil
	})
}

func (d digest) ofFile(dir string) function.Function {
	return textFunc("path", func(path string) (string, error) {
		f, err := openFile(under(dir, path), maxHashedFile)
		if err != nil {
			return "", err
		}
		defer f.Close()
		h := d.hash()
		if _, err := io.Copy(h, io.LimitReader(f, maxHashedFile)); err != nil {
			return "", err
		}
		return d.encode(h.Sum(nil)), nil
	})
}

var uuidV5 = function.New(&function.Spec{
	Params: params("namespace", "name"),
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		namespace, err := uuidNamespace(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		return cty.StringVal(uuid.NewSHA1(namespace, []byte(args[1].AsString())).String()), nil
	},
})

func uuidNamespace(name string) (uuid.UUID, error) {
	switch name {
	case "dns":
		return uuid.NameSpaceDNS, nil
	case "url":
		return uuid.NameSpaceURL, nil
	case "oid":
		return uuid.NameSpaceOID, nil
	case "x500":
		return uuid.NameSpaceX500, nil
	}
	id, err := uuid.Parse(name)
	if err != nil {
		return id, fmt.Errorf("%q is neither dns, url, oid or x500 nor a UUID", name)
	}
	return id, nil
}

var rsaDecrypt = function.New(&function.Spec{
	Params: params("ciphertext", "privatekey"),
	Type:   function.StaticReturnType(cty.String),
	Impl: func(args []cty.Value, _ cty.Type) (cty.Value, error) {
		sealed, err := decodeBase64(args[0].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(0, err)
		}
		key, err := rsaKey(args[1].AsString())
		if err != nil {
			return cty.NilVal, function.NewArgError(1, err)
		}
		plain, err := rsa.DecryptPKCS1v15(nil, key, sealed) //nolint:staticcheck // what was sealed this way can be opened no other way
		if err != nil {
			return cty.NilVal, function.NewArgErrorf(0, "it can't be decrypted with this key")
		}
		return cty.StringVal(string(plain)), nil
	},
})

// rsaKey never says what it was given.
func rsaKey(pem string) (*rsa.PrivateKey, error) {
	if len(pem) > maxPrivateKey {
		return nil, fmt.Errorf("the key is longer than %d bytes", maxPrivateKey)
	}
	raw, err := ssh.ParseRawPrivateKey([]byte(pem))
	if _, locked := errors.AsType[*ssh.PassphraseMissingError](err); locked {
		return nil, errors.New("the key is protected by a passphrase; give it without one")
	}
	key, ok := raw.(*rsa.PrivateKey)
	if err != nil || !ok {
		return nil, errors.New("it is not an RSA private key in PEM")
	}
	return key, nil
}
