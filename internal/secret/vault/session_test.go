package vault_test

import (
	"crypto/tls"
	"encoding/pem"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// inFake runs a test in a bubble, with a fake that has one value and a client
// of it.
func inFake(t *testing.T, auth *vault.Auth, test func(t *testing.T, fake *vaultserver.Fake, client *vault.Client)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		fake := vaultserver.NewFake("root-of-the-fake")
		for path, data := range map[string]map[string]any{
			"sys/mounts/kv":        {"type": "kv", "options": map[string]any{"version": "2"}},
			"sys/policies/acl/app": {"policy": `path "kv/data/app" { capabilities = ["read"] }`},
		} {
			if _, err := fake.Root(t).Logical().WriteWithContext(t.Context(), path, data); err != nil {
				t.Fatal(err)
			}
		}
		put(t, fake)
		for _, method := range []string{"jwt", "kubernetes", "cert"} {
			fake.JWTRole(method, "app", "signed-by-somebody", time.Hour, "app")
		}
		config := vault.Defaults()
		config.Address, config.Auth = "https://vault.test", auth
		if auth.Cert != nil {
			config.TLS = &vault.TLS{CertFile: "not read, because the transport is given", KeyFile: "neither"}
		}
		client, err := vault.Open(config, vault.Options{Log: hclog.NewNullLogger(), Redactor: redact.New(), Transport: fake.Transport()})
		if err != nil {
			t.Fatal(err)
		}
		test(t, fake, client)
		if err := client.Close(t.Context(), nil); err != nil {
			t.Error(err)
		}
	})
}

func put(t *testing.T, fake *vaultserver.Fake) {
	t.Helper()
	if _, err := fake.Root(t).Logical().WriteWithContext(t.Context(), "kv/data/app", map[string]any{"data": map[string]any{"key": "value1"}}); err != nil {
		t.Fatal(err)
	}
}

func TestEveryWayToLogIn(t *testing.T) {
	jwt := write(t, filepath.Join(t.TempDir(), "jwt"), "signed-by-somebody\n")
	token := write(t, filepath.Join(t.TempDir(), "token"), "root-of-the-fake\n")
	for name, auth := range map[string]*vault.Auth{
		"a token":                    {Token: "root-of-the-fake"},
		"a file with a token":        {TokenFile: token},
		"a signed token":             {JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: "signed-by-somebody"}},
		"a file with a signed token": {JWT: &vault.JWT{Mount: "jwt", Role: "app", JWTPath: jwt}},
		"a service account":          {Kubernetes: &vault.Kubernetes{Mount: "kubernetes", Role: "app", JWTPath: jwt}},
		"a certificate":              {Cert: &vault.Cert{Mount: "cert", Name: "app"}},
	} {
		t.Run(name, func(t *testing.T) {
			inFake(t, auth, func(t *testing.T, _ *vaultserver.Fake, client *vault.Client) {
				if got := read(t, client, "kv/app", "key"); got != "value1" {
					t.Errorf("got %v", got)
				}
			})
		})
	}
}

func TestALoginWithoutItsFileFails(t *testing.T) {
	for name, file := range map[string]string{
		"missing": filepath.Join(t.TempDir(), "missing"),
		"empty":   write(t, filepath.Join(t.TempDir(), "empty"), "\n"),
	} {
		t.Run(name, func(t *testing.T) {
			inFake(t, &vault.Auth{TokenFile: file}, func(t *testing.T, _ *vaultserver.Fake, client *vault.Client) {
				if _, err := client.Read(t.Context(), "kv/app"); err == nil || !strings.Contains(err.Error(), file) {
					t.Errorf("got %v", err)
				}
			})
		})
	}
}

func TestASessionLivesOnForDays(t *testing.T) {
	auth := &vault.Auth{JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: "signed-by-somebody"}}
	inFake(t, auth, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		for range 72 {
			read(t, client, "kv/app", "key")
			time.Sleep(time.Hour)
		}
		if n := fake.Calls("PUT auth/jwt/login"); n != 1 {
			t.Errorf("logged in %d times", n)
		}
		if n := fake.Calls("PUT auth/token/renew-self"); n < 190 || n > 250 {
			t.Errorf("a token of an hour was renewed %d times in 72 hours", n)
		}
	})
}

func TestASessionOutlivesAVaultThatWasDown(t *testing.T) {
	auth := &vault.Auth{JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: "signed-by-somebody"}}
	inFake(t, auth, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		read(t, client, "kv/app", "key")
		fake.Down(true)
		time.Sleep(5 * time.Hour)
		if _, err := client.Read(t.Context(), "kv/app"); err == nil || vault.IsFinal(err) || !strings.Contains(err.Error(), "the storage is gone") {
			t.Errorf("while Vault is down: %v", err)
		}
		fake.Down(false)
		<-client.Back()
		if got := read(t, client, "kv/app", "key"); got != "value1" {
			t.Errorf("got %v", got)
		}
	})
}

func TestATokenOfAFileIsReplacedWhenTheFileIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "token")
	write(t, file, "not written yet")
	inFake(t, &vault.Auth{TokenFile: file}, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		issue := func() {
			t.Helper()
			made, err := fake.Root(t).Logical().WriteWithContext(t.Context(), "auth/token/create", map[string]any{"policies": []string{"app"}, "ttl": "1h", "renewable": false})
			if err != nil {
				t.Fatal(err)
			}
			write(t, file, made.Auth.ClientToken)
		}
		for range 5 {
			issue()
			read(t, client, "kv/app", "key")
			time.Sleep(59 * time.Minute)
		}
		time.Sleep(2 * time.Hour)
		if _, err := client.Read(t.Context(), "kv/app"); err == nil || !strings.Contains(err.Error(), "the token is no longer taken") {
			t.Errorf("after its end: %v", err)
		}
		issue()
		read(t, client, "kv/app", "key")
	})
}

func TestARequestIsTriedAgain(t *testing.T) {
	inFake(t, &vault.Auth{Token: "root-of-the-fake"}, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		attempts := 0
		fake.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			if !strings.HasSuffix(r.URL.Path, "kv/data/app") {
				return false
			}
			attempts++
			if attempts < 4 {
				http.Error(w, `{"errors":["busy"]}`, []int{http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable}[attempts-1])
			}
			return attempts < 4
		})
		if got := read(t, client, "kv/app", "key"); got != "value1" || attempts != 4 {
			t.Errorf("got %v after %d attempts", got, attempts)
		}
	})
}

func TestAMountThatIsUpgradedIsFoundOutAgain(t *testing.T) {
	inFake(t, &vault.Auth{Token: "root-of-the-fake"}, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		root := fake.Root(t).Logical()
		for _, path := range []string{"sys/mounts/old", "old/app"} {
			if _, err := root.WriteWithContext(t.Context(), path, map[string]any{"type": "kv", "key": "value1"}); err != nil {
				t.Fatal(err)
			}
		}
		read(t, client, "old/app", "key")
		for path, data := range map[string]map[string]any{
			"sys/mounts/old": {"type": "kv", "options": map[string]any{"version": "2"}},
			"old/data/app":   {"data": map[string]any{"key": "value2"}, "key": "value2"},
		} {
			if _, err := root.WriteWithContext(t.Context(), path, data); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := root.DeleteWithContext(t.Context(), "old/app"); err != nil {
			t.Fatal(err)
		}
		if _, err := client.Read(t.Context(), "old/app"); err == nil {
			t.Error("the old path is still read")
		}
		read(t, client, "old/app", "key")
	})
}

func TestWhereVaultDoesNotTellItsMountsTheyAreGuessed(t *testing.T) {
	inFake(t, &vault.Auth{Token: "root-of-the-fake"}, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		fake.Intercept(func(w http.ResponseWriter, r *http.Request) bool {
			hidden := strings.Contains(r.URL.Path, "internal/ui/mounts")
			if hidden {
				http.Error(w, `{"errors":["permission denied"]}`, http.StatusForbidden)
			}
			return hidden
		})
		for range 3 {
			if got := read(t, client, "kv/app", "key"); got != "value1" {
				t.Errorf("got %v", got)
			}
		}
		if n := fake.Calls("GET kv/app"); n != 1 {
			t.Errorf("version 1 was tried %d times", n)
		}
	})
}

func TestAValueThatSaysHowLongItHoldsIsReadAgainThen(t *testing.T) {
	inFake(t, &vault.Auth{Token: "root-of-the-fake"}, func(t *testing.T, fake *vaultserver.Fake, client *vault.Client) {
		if _, err := fake.Root(t).Logical().WriteWithContext(t.Context(), "sys/mounts/old", map[string]any{"type": "kv"}); err != nil {
			t.Fatal(err)
		}
		for path, data := range map[string]map[string]any{
			"old/soon":  {"password": "value1", "ttl": 60, "rotation_period": 86400},
			"old/late":  {"password": "value1", "ttl": 6000, "rotation_period": 86400},
			"old/plain": {"password": "value1", "ttl": 60},
		} {
			if _, err := fake.Root(t).Logical().WriteWithContext(t.Context(), path, data); err != nil {
				t.Fatal(err)
			}
		}
		for path, want := range map[string]time.Duration{
			"old/soon": 61 * time.Second, "old/late": 5 * time.Minute, "old/plain": 5 * time.Minute, "kv/app": 5 * time.Minute,
		} {
			if got, err := client.Read(t.Context(), path); err != nil || got.Refresh != want {
				t.Errorf("%s is read again after %s (%v), want %s", path, got.Refresh, err, want)
			}
		}
	})
}

func TestVaultIsCheckedByItsCertificate(t *testing.T) {
	fake := vaultserver.NewFake("root-of-the-fake")
	server := httptest.NewUnstartedServer(fake)
	server.TLS = &tls.Config{MinVersion: tls.VersionTLS12}
	server.Config.ErrorLog = hclog.NewNullLogger().StandardLogger(nil)
	server.StartTLS()
	t.Cleanup(server.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	if _, err := fake.Root(t).Logical().Write("sys/mounts/kv", map[string]any{"type": "kv", "options": map[string]any{"version": "2"}}); err != nil {
		t.Fatal(err)
	}
	put(t, fake)
	known := write(t, filepath.Join(t.TempDir(), "ca.pem"), string(authority))
	for name, tt := range map[string]struct {
		tls  *vault.TLS
		want string
	}{
		"an authority that is given is trusted": {&vault.TLS{CAFile: known}, ""},
		"an authority that isn't known is not":  {nil, "certificate"},
		"the certificate must bear the name":    {&vault.TLS{CAFile: known, ServerName: "other.test"}, "other.test"},
		"the check can be turned off":           {&vault.TLS{InsecureSkipVerify: true}, ""},
		"a file that isn't there":               {&vault.TLS{CAFile: known + ".none"}, "read the authorities"},
		"a pair that can't be used":             {&vault.TLS{CertFile: known, KeyFile: known}, "can't be used as a client certificate"},
	} {
		t.Run(name, func(t *testing.T) {
			config := vault.Defaults()
			config.Address, config.TLS, config.Auth, config.Retries = server.URL, tt.tls, &vault.Auth{Token: "root-of-the-fake"}, 0
			client, err := vault.Open(config, vault.Options{Log: hclog.NewNullLogger(), Redactor: redact.New()})
			if err == nil {
				defer client.Close(t.Context(), nil)
				_, err = client.Read(t.Context(), "kv/app")
			}
			if (err == nil) != (tt.want == "") || err != nil && !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %q", err, tt.want)
			}
		})
	}
}

func TestLifetimes(t *testing.T) {
	start := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	hour := vault.Lifetime{From: start, TTL: time.Hour, Renewable: true}
	if next := hour.Next(); next < 18*time.Minute || next > 22*time.Minute {
		t.Errorf("renewed after %s", next)
	}
	at := start.Add(20 * time.Minute)
	for name, tt := range map[string]struct {
		granted   time.Duration
		renewable bool
		want      bool
	}{
		"the whole life again":             {time.Hour, true, true},
		"no more than is left":             {40 * time.Minute, true, false},
		"hardly more than is left":         {43 * time.Minute, true, false},
		"for the last time, says Vault":    {time.Hour, false, false},
		"less, and still worth the effort": {50 * time.Minute, true, true},
	} {
		if got := hour.Renewed(at, tt.granted, tt.renewable); got.Renewable != tt.want || got.End() != at.Add(tt.granted) {
			t.Errorf("%s: %+v", name, got)
		}
	}
	var endless vault.Lifetime
	if endless.Over(start.AddDate(100, 0, 0)) || !hour.Over(start.Add(time.Hour)) || hour.Over(start.Add(time.Hour-1)) {
		t.Error("the end of a life is wrong")
	}
}

func TestEveryRequestNamesTheNamespace(t *testing.T) {
	var other atomic.Int64
	fake := vaultserver.NewFake("root-of-the-fake")
	fake.Intercept(func(_ http.ResponseWriter, r *http.Request) bool {
		if r.Header.Get("X-Vault-Namespace") != "team/app" {
			other.Add(1)
		}
		return false
	})
	config := vault.Defaults()
	config.Address, config.Namespace, config.Auth = "https://vault.test", "team/app", &vault.Auth{Token: "root-of-the-fake"}
	client, err := vault.Open(config, vault.Options{Log: hclog.NewNullLogger(), Redactor: redact.New(), Transport: fake.Transport()})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.Read(t.Context(), "kv/none"); err == nil {
		t.Error("there is something at a path without a mount")
	}
	if err := client.Close(t.Context(), nil); err != nil {
		t.Error(err)
	}
	if n := other.Load(); n != 0 || client.Stats().Errors != 1 {
		t.Errorf("%d requests were not in the namespace; %+v", n, client.Stats())
	}
}
