package secret_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/secret"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/internal/secret/vault"
	"github.com/driftless-hq/driftless/internal/testutil/vaultserver"
)

// TestNoErrorAndNoLogShowsASecret sends a random secret through every path that
// can fail: as the credential of each login, as the token, as a value, and back
// from a server that repeats in its errors, in many encodings, all it was sent.
func TestNoErrorAndNoLogShowsASecret(t *testing.T) {
	canary := `c"a/n+a<r>y&` + rand.Text()
	credential := vault.Credential(canary)
	for name, auth := range map[string]*vault.Auth{
		"token":    {Token: credential},
		"approle":  {AppRole: &vault.AppRole{Mount: "approle", RoleID: "app", SecretID: credential}},
		"jwt":      {JWT: &vault.JWT{Mount: "jwt", Role: "app", JWT: credential}},
		"userpass": {UserPass: &vault.UserPass{Mount: "userpass", Username: "app", Password: credential}},
	} {
		for _, status := range []int{http.StatusBadRequest, http.StatusForbidden, http.StatusNotFound, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable} {
			t.Run(fmt.Sprintf("%s with status %d", name, status), func(t *testing.T) {
				said := record(t, auth, status, canary)
				for encoding, form := range encodings(canary) {
					if strings.Contains(said, form) {
						t.Errorf("%s of the secret is in:\n%s", encoding, said)
					}
				}
				if !strings.Contains(said, "(sensitive value)") {
					t.Errorf("the server's echo has not come back, so nothing was tested:\n%s", said)
				}
			})
		}
	}
}

// record returns all that is logged and all errors, of a Vault that works until
// the value is known and then fails, and of one that never works.
func record(t *testing.T, auth *vault.Auth, status int, canary string) string {
	t.Helper()
	var said lockedBuffer
	synctest.Test(t, func(t *testing.T) {
		fake := prepared(t, canary)
		for _, broken := range []bool{false, true} {
			hidden := redact.New()
			r := secret.New(secret.Options{
				// The log goes unredacted into the buffer: the errors alone must be clean.
				Log:      hclog.New(&hclog.LoggerOptions{Output: &said, Level: hclog.Trace}),
				Redactor: hidden, Transport: fake.Transport(),
				LookupEnv: func(string) (string, bool) { return "", false },
				Vault: func(context.Context) (vault.Config, error) {
					config := vault.Defaults()
					config.Address, config.Auth = "http://vault.test", auth
					fmt.Fprintf(&said, "%v %+v %#v %s\n", *auth, *auth, *auth, marshal(t, auth))
					return config, nil
				},
			})
			if broken {
				fake.Intercept(echo(status, canary))
			}
			ask(t, r, &said)
			fake.Intercept(echo(status, canary))
			time.Sleep(3 * time.Hour)
			ask(t, r, &said)
			fmt.Fprintln(&said, r.Close(t.Context()))
			fake.Intercept(nil)
		}
	})
	return said.String()
}

// prepared returns a Vault that has the secret as a value and lets everyone in
// who shows it.
func prepared(t *testing.T, canary string) *vaultserver.Fake {
	t.Helper()
	fake := vaultserver.NewFake(rootToken)
	root := fake.Root(t).Logical()
	for path, data := range map[string]map[string]any{
		"sys/mounts/kv":            {"type": "kv", "options": map[string]any{"version": "2"}},
		"auth/userpass/users/app":  {"password": canary, "token_policies": "root", "token_ttl": "1h"},
		"auth/token/create":        {"policies": []string{"root"}},
		"sys/policies/acl/nothing": {"policy": ""},
	} {
		if _, err := root.WriteWithContext(t.Context(), path, data); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := root.WriteWithContext(t.Context(), "kv/data/app", map[string]any{"data": map[string]any{"key": canary}}); err != nil {
		t.Fatal(err)
	}
	fake.JWTRole("jwt", "app", canary, time.Hour, "root")
	fake.Account("app", vaultserver.Account{TTL: time.Hour, Renewable: true})
	return fake
}

func ask(t *testing.T, r *secret.Resolver, said *lockedBuffer) {
	t.Helper()
	for _, what := range [][2]string{{"kv/app", "key"}, {"kv/app", "yek"}, {"kv/none", "key"}, {"database/creds/app", "password"}} {
		_, err := r.Vault(t.Context(), what[0], what[1], cty.NilVal)
		fmt.Fprintln(said, err)
	}
}

// echo is a server that says in its error what it was sent.
func echo(status int, canary string) func(http.ResponseWriter, *http.Request) bool {
	return func(w http.ResponseWriter, request *http.Request) bool {
		var body bytes.Buffer
		if request.Body != nil {
			if _, err := body.ReadFrom(request.Body); err != nil {
				return false
			}
		}
		messages := []string{"refused", request.Header.Get("X-Vault-Token"), body.String()}
		for _, form := range encodings(canary) {
			messages = append(messages, form)
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		return json.NewEncoder(w).Encode(map[string]any{"errors": messages}) == nil
	}
}

func encodings(canary string) map[string]string {
	quoted, err := json.Marshal(canary)
	if err != nil {
		panic(err) // a string can be encoded
	}
	shifted := base64.StdEncoding.EncodeToString([]byte("x:" + canary + "."))
	return map[string]string{
		"the text":         canary,
		"base64":           base64.StdEncoding.EncodeToString([]byte(canary)),
		"base64 for URLs":  base64.RawURLEncoding.EncodeToString([]byte(canary)),
		"base64, shifted":  shifted[3 : (2+len(canary))*8/6],
		"hex":              hex.EncodeToString([]byte(canary)),
		"the query escape": url.QueryEscape(canary),
		"the path escape":  url.PathEscape(canary),
		"JSON":             strings.Trim(string(quoted), `"`),
	}
}

func marshal(t *testing.T, auth *vault.Auth) string {
	t.Helper()
	out, err := json.Marshal(auth)
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// lockedBuffer may be written to by many.
type lockedBuffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
