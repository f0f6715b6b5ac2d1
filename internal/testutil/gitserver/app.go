package gitserver

import (
	"crypto"
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
)

// App is a GitHub App with one installation, and the server that gives tokens to
// whoever proves to be the app. Its clock stands still unless it is moved.
type App struct {
	BaseURL, ID, Installation string
	Key                       string // in PEM
	PrivateKey                *rsa.PrivateKey
	CA                        []byte // the certificate to trust, in PEM

	mu     sync.Mutex
	now    time.Time
	given  int
	ends   map[string]time.Time // of the tokens that are good
	status int                  // where it answers all with one thing
	answer string
}

// NewApp starts the server. The tokens are ghs_s3cret1, ghs_s3cret2 and so on.
func NewApp(t testing.TB) *App {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	a := &App{
		ID: "1234", Installation: "42", PrivateKey: key, ends: make(map[string]time.Time),
		Key: string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})),
		now: time.Date(2026, 5, 1, 12, 0, 0, 0, time.UTC),
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(a.serve))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that fail
	srv.StartTLS()
	t.Cleanup(srv.Close)
	a.BaseURL = srv.URL + "/api/v3"
	a.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	return a
}

// Now is the time of the server.
func (a *App) Now() time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.now
}

// Forward moves the clock.
func (a *App) Forward(d time.Duration) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.now = a.now.Add(d)
}

// Answer has the server say one thing from now on, whatever it is asked.
func (a *App) Answer(status int, text string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.status, a.answer = status, text
}

// Revoke ends all tokens.
func (a *App) Revoke() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.ends)
}

// Allows reports whether a token is good, as the password of a user.
func (a *App) Allows(user, password string) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return user == "x-access-token" && a.now.Before(a.ends[password])
}

func (a *App) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.status != 0 {
		w.Header().Set("Location", "https://127.0.0.1:1/")
		w.WriteHeader(a.status)
		fmt.Fprint(w, a.answer)
		return
	}
	if r.Method != http.MethodPost || r.URL.Path != "/api/v3/app/installations/"+a.Installation+"/access_tokens" {
		http.Error(w, `{"message":"Not Found"}`, http.StatusNotFound)
		return
	}
	if problem := a.check(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")); problem != "" {
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"message":%q}`, problem)
		return
	}
	a.given++
	token := fmt.Sprintf("ghs_s3cret%d", a.given)
	a.ends[token] = a.now.Add(time.Hour)
	w.WriteHeader(http.StatusCreated)
	fmt.Fprintf(w, `{"token":%q,"expires_at":%q}`, token, a.ends[token].Format(time.RFC3339))
}

// check verifies a proof as GitHub does.
func (a *App) check(proof string) (problem string) {
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
	if string(decoded[0]) != `{"alg":"RS256","typ":"JWT"}` || rsa.VerifyPKCS1v15(&a.PrivateKey.PublicKey, crypto.SHA256, digest[:], decoded[2]) != nil {
		return "Signature verification failed"
	}
	var said struct {
		Iat, Exp int64
		Iss      string
	}
	if err := json.Unmarshal(decoded[1], &said); err != nil {
		return err.Error()
	}
	now := a.now.Unix()
	switch {
	case said.Iss != a.ID:
		return "Integration not found"
	case said.Iat > now || said.Exp <= now || said.Exp > now+600:
		return "'Expiration time' claim is too far in the future, or past"
	}
	return ""
}
