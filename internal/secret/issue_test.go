package secret_test

import (
	"context"
	"crypto/tls"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/vault/api"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// authority is a real Vault that issues certificates at pki/, with a log of
// nothing but their number.
type authority struct {
	server *vaultserver.Server
	root   *api.Client
	dir    string // the data directory of all processes
}

func newAuthority(t *testing.T) *authority {
	t.Helper()
	server := vaultserver.Start(t)
	a := &authority{server: server, root: server.Root(t), dir: t.TempDir()}
	a.write(t, "sys/mounts/pki", map[string]any{"type": "pki", "config": map[string]any{"max_lease_ttl": "24h"}})
	a.write(t, "pki/root/generate/internal", map[string]any{"common_name": "test", "ttl": "24h"})
	a.write(t, "pki/roles/web", map[string]any{"allow_any_name": true, "max_ttl": "12h"})
	a.write(t, "pki/roles/leased", map[string]any{"allow_any_name": true, "max_ttl": "12h", "generate_lease": true})
	a.write(t, "sys/mounts/transit", map[string]any{"type": "transit"})
	a.write(t, "transit/keys/app", nil)
	return a
}

func (a *authority) write(t *testing.T, path string, data map[string]any) *api.Secret {
	t.Helper()
	answer, err := a.root.Logical().WriteWithContext(t.Context(), path, data)
	if err != nil {
		t.Fatalf("write %s: %v", path, err)
	}
	return answer
}

// issued returns how many certificates there are, beside that of the authority.
func (a *authority) issued(t *testing.T) int {
	t.Helper()
	listed, err := a.root.Logical().ListWithContext(t.Context(), "pki/certs")
	if err != nil {
		t.Fatal(err)
	}
	return len(listed.Data["keys"].([]any)) - 1
}

// process returns a resolver as a command makes one.
func (a *authority) process(t *testing.T, issue bool) *secret.Resolver {
	t.Helper()
	r := secret.New(secret.Options{
		Log: hclog.NewNullLogger(), Redactor: redact.New(), Issue: issue,
		Vault: func(context.Context) (vault.Config, error) {
			config := vault.Defaults()
			config.Address, config.Auth = a.server.Address, &vault.Auth{Token: vault.Credential(a.server.Token)}
			return config, nil
		},
		Memory: func() (secret.Memory, error) { return state.OpenSealed(a.dir) },
	})
	t.Cleanup(func() {
		if err := r.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return r
}

func get(t *testing.T, r *secret.Resolver, path, key string, parameters map[string]string) cty.Value {
	t.Helper()
	values := make(map[string]cty.Value)
	for name, v := range parameters {
		values[name] = cty.StringVal(v)
	}
	v, err := r.Vault(t.Context(), path, key, cty.ObjectVal(values))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestACertificateIsIssuedOnceForAllItsKeysAndAllProcesses(t *testing.T) {
	a := newAuthority(t)
	web := map[string]string{"common_name": "www.example.com", "ttl": "1h"}
	pair := func(r *secret.Resolver) string {
		t.Helper()
		certificate, key := get(t, r, "pki/issue/web", "certificate", web), get(t, r, "pki/issue/web", "private_key", web)
		if _, err := tls.X509KeyPair([]byte(certificate.AsString()), []byte(key.AsString())); err != nil {
			t.Fatalf("the certificate and its key don't belong together: %v", err)
		}
		return certificate.AsString()
	}
	if v := get(t, a.process(t, false), "pki/issue/web", "certificate", web); v.IsKnown() || a.issued(t) != 0 {
		t.Fatalf("a plan knows %#v, and %d certificates were issued", v, a.issued(t))
	}
	first := pair(a.process(t, true))
	for name, issue := range map[string]bool{"a plan": false, "another apply": true} {
		if pair(a.process(t, issue)) != first {
			t.Errorf("%s has another certificate", name)
		}
	}
	files, err := filepath.Glob(filepath.Join(a.dir, "sealed", "*"))
	if err != nil || len(files) != 1 {
		t.Fatalf("the data directory has %v, %v", files, err)
	}
	if content, err := os.ReadFile(files[0]); err != nil || strings.Contains(string(content), first[30:60]) {
		t.Errorf("the data directory shows what was issued: %v", err)
	}
	if n := a.issued(t); n != 1 {
		t.Errorf("%d certificates were issued, want 1", n)
	}
	if v := get(t, a.process(t, true), "pki/issue/web", "certificate", map[string]string{"common_name": "mail.example.com"}); v.AsString() == first || a.issued(t) != 2 {
		t.Error("other parameters have the same certificate")
	}
}

func TestACertificateIsIssuedAnewBeforeItsEnd(t *testing.T) {
	a := newAuthority(t)
	r := a.process(t, true)
	changes := r.Watch(t.Context())
	short := map[string]string{"common_name": "www.example.com", "ttl": "6s"}
	first := get(t, r, "pki/issue/web", "certificate", short)
	expectRef(t, changes, `vault("pki/issue/web", "certificate", {...})`, 6*time.Second)
	if second := get(t, r, "pki/issue/web", "certificate", short); second.RawEquals(first) {
		t.Error("the certificate is the old one")
	}
}

func TestACertificateTiedToALeaseIsRefused(t *testing.T) {
	a := newAuthority(t)
	_, err := a.process(t, true).Vault(t.Context(), "pki/issue/leased", "certificate", cty.ObjectVal(map[string]cty.Value{"common_name": cty.StringVal("www.example.com")}))
	if err == nil || !strings.Contains(err.Error(), "generate_lease=false") {
		t.Errorf("got %v", err)
	}
}

func TestWhatTransitDecryptsIsText(t *testing.T) {
	a := newAuthority(t)
	encrypt := func(text string) map[string]string {
		answer := a.write(t, "transit/encrypt/app", map[string]any{"plaintext": base64.StdEncoding.EncodeToString([]byte(text))})
		return map[string]string{"ciphertext": answer.Data["ciphertext"].(string)}
	}
	plan := a.process(t, false) // decrypting makes nothing, so a plan may
	if got := get(t, plan, "transit/decrypt/app", "plaintext", encrypt("hunter2 é")); !got.RawEquals(cty.StringVal("hunter2 é")) {
		t.Errorf("got %#v", got)
	}
	if got := get(t, plan, "transit/encrypt/app", "ciphertext", map[string]string{"plaintext": "aGk="}); got.IsKnown() {
		t.Errorf("a plan has encrypted: %#v", got)
	}
	_, err := plan.Vault(t.Context(), "transit/decrypt/app", "plaintext", cty.MapVal(map[string]cty.Value{"ciphertext": cty.StringVal(encrypt("\xff\xfe")["ciphertext"])}))
	if err == nil || !strings.Contains(err.Error(), "is no text") {
		t.Errorf("what is no text: %v", err)
	}
}

func TestParametersThatCannotBeSent(t *testing.T) {
	r := secret.New(secret.Options{Log: hclog.NewNullLogger(), Redactor: redact.New()})
	defer r.Close(t.Context())
	for name, parameters := range map[string]cty.Value{
		"a string": cty.StringVal("www.example.com"),
		"null":     cty.NullVal(cty.EmptyObject),
		"a list":   cty.ListVal([]cty.Value{cty.StringVal("a")}),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := r.Vault(t.Context(), "pki/issue/web", "certificate", parameters); err == nil || !strings.Contains(err.Error(), "are no object") {
				t.Errorf("got %v", err)
			}
		})
	}
}
