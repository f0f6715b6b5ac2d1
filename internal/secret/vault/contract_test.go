package vault_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/api"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// place is a Vault that a contract is checked against, with KV version 2 at
// kv/, version 1 at old/, and version 1 with leases at leased/.
type place struct {
	*vaultserver.Server
	root *api.Client
}

// TestContract runs every promise against the real Vault and against the fake
// one, so that the tests that use the fake can be believed.
func TestContract(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) *vaultserver.Server{
		"real": func(t *testing.T) *vaultserver.Server { return vaultserver.Start(t) },
		"fake": func(t *testing.T) *vaultserver.Server {
			return vaultserver.StartFake(t, vaultserver.NewFake("root-of-the-fake"))
		},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t)
			p := place{Server: server, root: server.Root(t)}
			p.prepare(t)
			t.Run("values are read from both versions of KV", p.testKV)
			t.Run("failures say what to do", p.testFailures)
			t.Run("a policy for the data alone is enough", p.testDataPolicy)
			t.Run("an AppRole logs in, and ends its token at the end", p.testAppRole)
			t.Run("a user logs in", p.testUserPass)
			t.Run("a token that was revoked is replaced", p.testRevokedToken)
			t.Run("a token without a source is not replaced", p.testRevokedStaticToken)
			t.Run("a lease is renewed and revoked", p.testLease)
			t.Run("a token is renewed before it ends", p.testTokenRenewal)
		})
	}
}

func (p place) prepare(t *testing.T) {
	t.Helper()
	p.write(t, "sys/mounts/kv", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}})
	p.write(t, "sys/mounts/old", map[string]any{"type": "kv", "options": map[string]any{"version": "1"}})
	p.write(t, "sys/mounts/leased", map[string]any{"type": "kv", "options": map[string]any{"version": "1", "leased_passthrough": "true"}})
	p.write(t, "sys/auth/approle", map[string]any{"type": "approle"})
	p.write(t, "sys/auth/userpass", map[string]any{"type": "userpass"})
	p.write(t, "sys/policies/acl/app", map[string]any{"policy": `
		path "kv/data/app/*" { capabilities = ["read"] }
		path "old/app/*" { capabilities = ["read"] }
		path "leased/app/*" { capabilities = ["read"] }`})
	// Version 2 is made ready in the background after it has been mounted.
	for range 100 {
		if _, err := p.root.Logical().WriteWithContext(t.Context(), "kv/data/app/db", map[string]any{"data": map[string]any{"password": "p-two", "port": 5432}}); err == nil {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	p.write(t, "old/app/db", map[string]any{"password": "p-one"})
	p.write(t, "leased/app/db", map[string]any{"password": "p-leased", "ttl": "30s"})
}

func (p place) write(t *testing.T, path string, data map[string]any) *api.Secret {
	t.Helper()
	answer, err := p.root.Logical().WriteWithContext(t.Context(), path, data)
	if err != nil {
		t.Fatalf("write %s: %v", path, err)
	}
	return answer
}

// open returns a client that logs in as auth says.
func (p place) open(t *testing.T, auth *vault.Auth) *vault.Client {
	t.Helper()
	config := vault.Defaults()
	config.Address, config.Auth, config.Retries = p.Address, auth, 0
	client, err := vault.Open(config, vault.Options{Log: hclog.NewNullLogger(), Redactor: redact.New()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close(t.Context(), nil) })
	return client
}

func (p place) asRoot(t *testing.T) *vault.Client {
	t.Helper()
	return p.open(t, &vault.Auth{Token: vault.Credential(p.Token)})
}

// token makes one and returns it.
func (p place) token(t *testing.T, request map[string]any) string {
	t.Helper()
	return p.write(t, "auth/token/create", request).Auth.ClientToken
}

func read(t *testing.T, client *vault.Client, path, key string) any {
	t.Helper()
	secret, err := client.Read(t.Context(), path)
	if err != nil {
		t.Fatalf("read %s: %v", path, err)
	}
	return secret.Data[key]
}

func (p place) testKV(t *testing.T) {
	client := p.asRoot(t)
	got := map[string]any{}
	for _, path := range []string{"kv/app/db", "kv/data/app/db", "old/app/db"} {
		got[path] = read(t, client, path, "password")
	}
	want := map[string]any{"kv/app/db": "p-two", "kv/data/app/db": "p-two", "old/app/db": "p-one"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("values (-want +got):\n%s", diff)
	}
	for _, path := range []string{"kv/app/db", "old/app/db"} {
		secret, err := client.Read(t.Context(), path)
		if err != nil || secret.Lease != "" || secret.Refresh != 5*time.Minute {
			t.Errorf("%s: lease %q, refresh %s, %v", path, secret.Lease, secret.Refresh, err)
		}
	}
}

func (p place) testFailures(t *testing.T) {
	token := p.token(t, map[string]any{"policies": []string{"app"}, "ttl": "1h"})
	for name, tt := range map[string]struct {
		path string
		is   error
		says []string
	}{
		"nothing at a path of version 2": {"kv/app/none", vault.ErrNotFound, []string{`"kv/app/none"`, "there is nothing at this path", "vault kv list kv/app"}},
		"nothing at a path of version 1": {"old/app/none", vault.ErrNotFound, []string{"vault kv list old/app"}},
		"a path of version 2 that isn't allowed": {"kv/other", vault.ErrDenied, []string{
			"permission denied", "(app, default)", `path "kv/data/other" { capabilities = ["read"] }`}},
		"a path of version 1 that isn't allowed": {"old/other", vault.ErrDenied, []string{`path "old/other" { capabilities = ["read"] }`}},
		"a path in no mount":                     {"nowhere/at/all", vault.ErrDenied, []string{"permission denied"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := p.open(t, &vault.Auth{Token: vault.Credential(token)}).Read(t.Context(), tt.path)
			if !errors.Is(err, tt.is) || !vault.IsFinal(err) {
				t.Fatalf("the error is not %q: %v", tt.is, err)
			}
			for _, part := range tt.says {
				if !strings.Contains(strings.ReplaceAll(err.Error(), "(default, app)", "(app, default)"), part) {
					t.Errorf("%q is not in: %v", part, err)
				}
			}
		})
	}
}

func (p place) testDataPolicy(t *testing.T) {
	token := p.token(t, map[string]any{"policies": []string{"app"}, "ttl": "1h"})
	if got := read(t, p.open(t, &vault.Auth{Token: vault.Credential(token)}), "kv/app/db", "password"); got != "p-two" {
		t.Errorf("got %v", got)
	}
}

// appRole makes a role and returns how to log in to it.
func (p place) appRole(t *testing.T, name string, settings map[string]any) *vault.Auth {
	t.Helper()
	role := "auth/approle/role/" + name
	p.write(t, role, settings)
	id, err := p.root.Logical().ReadWithContext(t.Context(), role+"/role-id")
	if err != nil {
		t.Fatal(err)
	}
	secret := p.write(t, role+"/secret-id", nil)
	return &vault.Auth{AppRole: &vault.AppRole{
		Mount: "approle", RoleID: id.Data["role_id"].(string), SecretID: vault.Credential(secret.Data["secret_id"].(string)),
	}}
}

func (p place) testAppRole(t *testing.T) {
	auth := p.appRole(t, "reader", map[string]any{"token_policies": "app", "token_ttl": "1h"})
	client := p.open(t, auth)
	if got := read(t, client, "kv/app/db", "password"); got != "p-two" {
		t.Errorf("got %v", got)
	}
	secret, err := client.Read(t.Context(), "leased/app/db")
	if err != nil || secret.Lease == "" {
		t.Fatalf("read with a lease: %q, %v", secret.Lease, err)
	}
	if err := client.Close(t.Context(), nil); err != nil {
		t.Fatal(err)
	}
	if _, err := p.asRoot(t).Renew(t.Context(), secret.Lease, secret.Life, time.Minute); !vault.IsFinal(err) {
		t.Errorf("the lease has outlived its token: %v", err)
	}

	wrong := *auth.AppRole
	wrong.SecretID = "not-the-secret-id"
	_, err = p.open(t, &vault.Auth{AppRole: &wrong}).Read(t.Context(), "kv/app/db")
	if err == nil || !strings.Contains(err.Error(), "log in to Vault") || !strings.Contains(err.Error(), "invalid role or secret ID") {
		t.Errorf("a wrong secret id: %v", err)
	}
}

func (p place) testUserPass(t *testing.T) {
	p.write(t, "auth/userpass/users/ada", map[string]any{"password": "correct-horse", "token_policies": "app"})
	auth := func(password vault.Credential) *vault.Auth {
		return &vault.Auth{UserPass: &vault.UserPass{Mount: "userpass", Username: "ada", Password: password}}
	}
	if got := read(t, p.open(t, auth("correct-horse")), "old/app/db", "password"); got != "p-one" {
		t.Errorf("got %v", got)
	}
	if _, err := p.open(t, auth("wrong-horse")).Read(t.Context(), "old/app/db"); err == nil || strings.Contains(err.Error(), "wrong-horse") {
		t.Errorf("a wrong password: %v", err)
	}
}

func (p place) testRevokedToken(t *testing.T) {
	client := p.open(t, p.appRole(t, "revoked", map[string]any{"token_policies": "app", "token_ttl": "1h"}))
	secret, err := client.Read(t.Context(), "leased/app/db")
	if err != nil {
		t.Fatal(err)
	}
	select {
	case <-secret.Replaced:
		t.Fatal("the token is replaced before anything happened")
	default:
	}
	client.RevokeTokenForTest(t)
	if got := read(t, client, "kv/app/db", "password"); got != "p-two" {
		t.Errorf("got %v", got)
	}
	select {
	case <-secret.Replaced:
	default:
		t.Error("what was leased under the old token isn't told that it has ended")
	}
}

func (p place) testRevokedStaticToken(t *testing.T) {
	token := p.token(t, map[string]any{"policies": []string{"app"}, "ttl": "1h"})
	client := p.open(t, &vault.Auth{Token: vault.Credential(token)})
	read(t, client, "kv/app/db", "password")
	p.write(t, "auth/token/revoke", map[string]any{"token": token})
	_, err := client.Read(t.Context(), "old/app/db")
	if !errors.Is(err, vault.ErrDenied) || !strings.Contains(err.Error(), "the token is no longer taken") {
		t.Errorf("got %v", err)
	}
}

func (p place) testLease(t *testing.T) {
	client := p.asRoot(t)
	secret, err := client.Read(t.Context(), "leased/app/db")
	if err != nil {
		t.Fatal(err)
	}
	if secret.Lease == "" || secret.Life.TTL != 30*time.Second || !secret.Life.Renewable {
		t.Fatalf("the lease: %+v", secret)
	}
	life, err := client.Renew(t.Context(), secret.Lease, secret.Life, secret.Life.TTL)
	if err != nil || life.TTL < 29*time.Second {
		t.Errorf("renewed: %+v, %v", life, err)
	}
	if err := client.Revoke(t.Context(), secret.Lease); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Renew(t.Context(), secret.Lease, secret.Life, time.Minute); !vault.IsFinal(err) {
		t.Errorf("a lease that was revoked is renewed: %v", err)
	}
}

func (p place) testTokenRenewal(t *testing.T) {
	token := p.token(t, map[string]any{"policies": []string{"app"}, "ttl": "3s", "renewable": true})
	client := p.open(t, &vault.Auth{Token: vault.Credential(token)})
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(500 * time.Millisecond) {
		if got := read(t, client, "kv/app/db", "password"); got != "p-two" {
			t.Errorf("got %v", got)
		}
	}
}
