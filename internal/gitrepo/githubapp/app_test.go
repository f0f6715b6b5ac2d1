package githubapp_test

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/gitrepo/githubapp"
)

// forge is a server that gives tokens to whoever proves to be its app.
type forge struct {
	*httptest.Server
	key *rsa.PrivateKey
	ca  []byte

	mu     sync.Mutex
	now    time.Time
	given  int
	answer string // where it answers with something else
	status int
}

func newForge(t *testing.T) *forge {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	f := &forge{key: key, now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC)}
	f.Server = httptest.NewUnstartedServer(f)
	f.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail
	f.StartTLS()
	t.Cleanup(f.Close)
	f.ca = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
	return f
}

func (f *forge) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.status != 0 {
		w.Header().Set("Location", "https://127.0.0.1:1/")
		w.WriteHeader(f.status)
		fmt.Fprint(w, f.answer)
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/api/v3/app/installations/42/access_tokens" {
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	if problem := f.check(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")); problem != "" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":%q}`, problem)
		return
	}
	f.given++
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token":"ghs_s3cret%d","expires_at":%q}`, f.given, f.now.Add(time.Hour).Format(time.RFC3339))
}

// check verifies a proof as GitHub does.
func (f *forge) check(proof string) (problem string) {
	parts := strings.Split(proof, ".")
	if len(parts) != 3 {
		return "A JSON web token could not be decoded"
	}
	decoded := make([][]byte, 3)
	for i, part := range parts {
		var err error
		if decoded[i], err = base64.RawURLEncoding.DecodeString(part); err != nil {
			return "A JSON web token could not be decoded"
		}
	}
	digest := sha256.Sum256([]byte(parts[0] + "." + parts[1]))
	if string(decoded[0]) != `{"alg":"RS256","typ":"JWT"}` || rsa.VerifyPKCS1v15(&f.key.PublicKey, crypto.SHA256, digest[:], decoded[2]) != nil {
		return "Signature verification failed"
	}
	var said struct {
		Iat, Exp int64
		Iss      string
	}
	if err := json.Unmarshal(decoded[1], &said); err != nil {
		return err.Error()
	}
	now := f.now.Unix()
	switch {
	case said.Iss != "1234":
		return "Integration not found"
	case said.Iat > now || said.Exp <= now || said.Exp > now+600:
		return "'Expiration time' claim is too far in the future, or past"
	}
	return ""
}

func (f *forge) Now() time.Time {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.now
}

func (f *forge) forward(d time.Duration) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now = f.now.Add(d)
}

func (f *forge) options() githubapp.Options {
	return githubapp.Options{
		BaseURL: f.URL + "/api/v3", AppID: "1234", InstallationID: "42", PrivateKey: pkcs1(f.key), CABundle: f.ca, Now: f.Now,
	}
}

func pkcs1(key *rsa.PrivateKey) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)}))
}

func pkcs8(t *testing.T, key any) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

func token(t *testing.T, app *githubapp.App, want string) {
	t.Helper()
	if got, err := app.Token(t.Context()); got != want || err != nil {
		t.Errorf("token %q, error %v; want %q", got, err, want)
	}
}

func TestATokenIsKeptUntilShortlyBeforeItsEnd(t *testing.T) {
	t.Parallel()
	f := newForge(t)
	var apps githubapp.Apps
	app, err := apps.Open(f.options())
	if err != nil {
		t.Fatal(err)
	}
	token(t, app, "ghs_s3cret1")
	f.forward(54 * time.Minute)
	token(t, app, "ghs_s3cret1")
	f.forward(2 * time.Minute)
	token(t, app, "ghs_s3cret2")
	again, err := apps.Open(f.options()) // as the agent does at its next poll
	if err != nil {
		t.Fatal(err)
	}
	token(t, again, "ghs_s3cret2")
	app.Forget("ghs_s3cret1")
	token(t, app, "ghs_s3cret2")
	app.Forget("ghs_s3cret2")
	token(t, app, "ghs_s3cret3")
	other := f.options()
	other.PrivateKey = pkcs8(t, f.key)
	if app, err = apps.Open(other); err != nil {
		t.Fatal(err)
	}
	token(t, app, "ghs_s3cret4")
}

func TestManyWhoAskAtOnceGetOneToken(t *testing.T) {
	t.Parallel()
	app, err := githubapp.New(newForge(t).options())
	if err != nil {
		t.Fatal(err)
	}
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() { token(t, app, "ghs_s3cret1") })
	}
	group.Wait()
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change func(*forge, *githubapp.Options)
		err    string
	}{
		"another app":          {func(_ *forge, o *githubapp.Options) { o.AppID = "4321" }, "check app_id, private_key and the clock"},
		"another installation": {func(_ *forge, o *githubapp.Options) { o.InstallationID = "43" }, "has no such installation"},
		"a clock that is an hour late": {func(f *forge, o *githubapp.Options) {
			now := f.now
			o.Now = func() time.Time { return now.Add(-time.Hour) }
		}, "the clock of this host"},
		"a server whose CA isn't known":     {func(_ *forge, o *githubapp.Options) { o.CABundle = nil }, "certificate"},
		"a redirect, which is not followed": {func(f *forge, _ *githubapp.Options) { f.status = http.StatusTemporaryRedirect }, "status 307"},
		"an app that is suspended": {func(f *forge, _ *githubapp.Options) {
			f.status, f.answer = 403, `{"message":"This installation has been suspended"}`
		}, "This installation has been suspended"},
		"something that is no API":  {func(f *forge, _ *githubapp.Options) { f.status, f.answer = 201, "<html>" }, "is not that of GitHub's API"},
		"an answer without a token": {func(f *forge, _ *githubapp.Options) { f.status, f.answer = 201, "{}" }, "holds no token"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newForge(t)
			o := f.options()
			test.change(f, &o)
			app, err := githubapp.New(o)
			if err != nil {
				t.Fatal(err)
			}
			_, err = app.Token(t.Context())
			if err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}

func TestAppsThatCanNotBe(t *testing.T) {
	t.Parallel()
	curve, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	f := newForge(t)
	for name, test := range map[string]struct {
		change func(*githubapp.Options)
		err    string
	}{
		"without TLS":                    {func(o *githubapp.Options) { o.BaseURL = "http://127.0.0.1" }, "base_url is not an https url"},
		"without a number of its own":    {func(o *githubapp.Options) { o.AppID = "" }, "app_id is empty"},
		"an installation that is a path": {func(o *githubapp.Options) { o.InstallationID = "1/../2" }, "installation_id is not a number"},
		"a key that is none":             {func(o *githubapp.Options) { o.PrivateKey = "s3cret" }, "private_key is not a key in PEM"},
		"a key that isn't of RSA":        {func(o *githubapp.Options) { o.PrivateKey = pkcs8(t, curve) }, "not a key of RSA"},
		"certificates that are none":     {func(o *githubapp.Options) { o.CABundle = []byte("?") }, "there are no certificates"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := f.options()
			test.change(&o)
			if _, err := githubapp.New(o); err == nil || !strings.Contains(err.Error(), test.err) || strings.Contains(err.Error(), "s3cret") {
				t.Errorf("error %v, want %q", err, test.err)
			}
		})
	}
}
