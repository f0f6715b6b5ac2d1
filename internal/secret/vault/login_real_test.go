package vault_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"math/big"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// TestEveryWayToLogInToTheRealVault uses a Vault with TLS. The method of
// Kubernetes would ask a cluster about the token of the service account; here
// the method for signed tokens, which takes the same login, is mounted in its
// place.
func TestEveryWayToLogInToTheRealVault(t *testing.T) {
	server := vaultserver.StartTLS(t)
	p := place{Server: server, root: server.Root(t)}
	key, certificate := selfSigned(t)
	keyDER, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	publicDER, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, dir := block("CERTIFICATE", certificate), t.TempDir()
	token := sign(t, key, map[string]any{
		"sub": "app", "aud": "vault",
		"nbf": time.Now().Add(-time.Minute).Unix(), "exp": time.Now().Add(time.Hour).Unix(),
	})
	jwtFile := write(t, filepath.Join(dir, "jwt"), token+"\n")
	tls := &vault.TLS{
		CAFile: server.CAFile, CertFile: write(t, filepath.Join(dir, "cert.pem"), certPEM),
		KeyFile: write(t, filepath.Join(dir, "key.pem"), block("EC PRIVATE KEY", keyDER)),
	}

	p.prepare(t)
	for _, mount := range []string{"jwt", "kubernetes"} {
		p.write(t, "sys/auth/"+mount, map[string]any{"type": "jwt"})
		p.write(t, "auth/"+mount+"/config", map[string]any{"jwt_validation_pubkeys": []string{block("PUBLIC KEY", publicDER)}})
		p.write(t, "auth/"+mount+"/role/app", map[string]any{"role_type": "jwt", "user_claim": "sub", "bound_audiences": "vault", "token_policies": "app", "token_ttl": "1h"})
	}
	p.write(t, "sys/auth/cert", map[string]any{"type": "cert"})
	p.write(t, "auth/cert/certs/app", map[string]any{"certificate": certPEM, "token_policies": "app"})
	p.write(t, "auth/userpass/users/app", map[string]any{"password": "correct-horse", "token_policies": "app"})

	for name, auth := range map[string]*vault.Auth{
		"a token":                    {Token: vault.Credential(server.Token)},
		"a file with a token":        {TokenFile: write(t, filepath.Join(dir, "token"), server.Token+"\n")},
		"an AppRole":                 p.appRole(t, "app", map[string]any{"token_policies": "app"}),
		"a user with a password":     {UserPass: &vault.UserPass{Mount: "userpass", Username: "app", Password: "correct-horse"}},
		"a signed token":             {JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: vault.Credential(token)}},
		"a file with a signed token": {JWT: &vault.JWT{Mount: "jwt", Role: "app", JWTPath: jwtFile}},
		"a service account":          {Kubernetes: &vault.Kubernetes{Mount: "kubernetes", Role: "app", JWTPath: jwtFile}},
		"a certificate":              {Cert: &vault.Cert{Mount: "cert", Name: "app"}},
	} {
		t.Run(name, func(t *testing.T) {
			config := vault.Defaults()
			config.Address, config.Auth, config.TLS, config.Retries = server.Address, auth, tls, 0
			client, err := vault.Open(config, vault.Options{Log: hclog.NewNullLogger(), Redactor: redact.New()})
			if err != nil {
				t.Fatal(err)
			}
			if got := read(t, client, "kv/app/db", "password"); got != "p-two" {
				t.Errorf("got %v", got)
			}
			if err := client.Close(t.Context(), nil); err != nil {
				t.Error(err)
			}
		})
	}
}

func block(kind string, der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}))
}

// selfSigned returns a key and the certificate of a client.
func selfSigned(t *testing.T) (*ecdsa.PrivateKey, []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "app"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	return key, der
}

// sign makes a JSON web token with ES256.
func sign(t *testing.T, key *ecdsa.PrivateKey, claims map[string]any) string {
	t.Helper()
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	text := encode([]byte(`{"alg":"ES256","typ":"JWT"}`)) + "." + encode(payload)
	digest := sha256.Sum256([]byte(text))
	r, s, err := ecdsa.Sign(rand.Reader, key, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	signature := make([]byte, 64)
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return text + "." + encode(signature)
}
