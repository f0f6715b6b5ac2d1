package githubapp

import (
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"time"
)

const (
	// skew is how far the clock of this host may be ahead of GitHub's.
	skew = time.Minute
	// proofLife is how long a proof is good. GitHub allows ten minutes.
	proofLife = 9 * time.Minute
)

// parseKey reads a key in either form that there is. The error says nothing of
// what was given, which may be a mangled key.
func parseKey(text string) (*rsa.PrivateKey, error) {
	block, _ := pem.Decode([]byte(text))
	if block == nil {
		return nil, errors.New("private_key is not a key in PEM: give the file that GitHub made for the app, as in file(\"app.pem\") or from Vault")
	}
	if key, err := x509.ParsePKCS1PrivateKey(block.Bytes); err == nil {
		return key, nil
	}
	if key, err := x509.ParsePKCS8PrivateKey(block.Bytes); err == nil {
		if rsaKey, ok := key.(*rsa.PrivateKey); ok {
			return rsaKey, nil
		}
	}
	return nil, errors.New("private_key is not a key of RSA, which those of a GitHub App are")
}

// claims are what a proof says.
type claims struct {
	Issued  int64  `json:"iat"` // Unix seconds
	Expires int64  `json:"exp"` // Unix seconds
	Issuer  string `json:"iss"`
}

// sign makes the proof by which an app shows who it is: a JSON Web Token, signed
// as RS256 says.
func sign(key *rsa.PrivateKey, appID string, now time.Time) (string, error) {
	said, err := json.Marshal(claims{now.Add(-skew).Unix(), now.Add(proofLife).Unix(), appID})
	if err != nil {
		return "", err
	}
	encode := base64.RawURLEncoding.EncodeToString
	signed := encode([]byte(`{"alg":"RS256","typ":"JWT"}`)) + "." + encode(said)
	digest := sha256.Sum256([]byte(signed))
	signature, err := rsa.SignPKCS1v15(nil, key, crypto.SHA256, digest[:])
	if err != nil {
		return "", err
	}
	return signed + "." + encode(signature), nil
}
