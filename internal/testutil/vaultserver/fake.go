package vaultserver

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"
)

// Fake answers as Vault does to what a client of secrets asks for, and to what
// a test sets up: KV in both versions, accounts with leases, tokens, policies,
// and the logins that need no other system. It lives by the time of its
// process, so also in a bubble of testing/synctest.
type Fake struct {
	root string

	mu        sync.Mutex
	count     int // of what was made so far, for names
	calls     map[string]int
	mounts    map[string]fakeMount
	data      map[string]map[string]any // by the path in Vault's interface
	accounts  map[string]Account
	tokens    map[string]*fakeToken
	leases    map[string]*fakeLease
	policies  map[string]string
	roles     map[string]map[string]any // of approle
	secretIDs map[string]string         // secret id -> role
	users     map[string]map[string]any // of userpass
	intercept func(http.ResponseWriter, *http.Request) bool
}

type fakeMount struct {
	kind    string
	version string
	leased  bool
}

// Account is what a read of database/creds/NAME makes: a new user that lives as
// long as its lease.
type Account struct {
	TTL, MaxTTL time.Duration
	Renewable   bool
}

// NewFake returns a Vault with a database engine and nothing else. Its root
// token is the one that is given.
func NewFake(root string) *Fake {
	f := &Fake{
		root: root, calls: map[string]int{}, mounts: map[string]fakeMount{"database/": {kind: "database"}},
		data: map[string]map[string]any{}, accounts: map[string]Account{}, leases: map[string]*fakeLease{},
		policies: map[string]string{"default": defaultPolicy}, roles: map[string]map[string]any{},
		secretIDs: map[string]string{}, users: map[string]map[string]any{},
	}
	f.tokens = map[string]*fakeToken{root: {policies: []string{"root"}}}
	return f
}

// StartFake serves the fake on the loopback device until the test ends.
func StartFake(t testing.TB, f *Fake) *Server {
	t.Helper()
	server := httptest.NewServer(f)
	t.Cleanup(server.Close)
	return &Server{Address: server.URL, Token: f.root}
}

// Transport carries requests to the fake without a network.
func (f *Fake) Transport() http.RoundTripper { return fakeTransport{f} }

// Root returns a client without a network that may do everything.
func (f *Fake) Root(t testing.TB) *api.Client {
	t.Helper()
	client, err := api.NewClient(&api.Config{Address: "http://vault.test", HttpClient: &http.Client{Transport: f.Transport()}})
	if err != nil {
		t.Fatal(err)
	}
	client.SetToken(f.root)
	client.ClearNamespace()
	return client
}

// Account makes database/creds/NAME readable.
func (f *Fake) Account(name string, account Account) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.accounts[name] = account
}

// Intercept lets a function answer requests in the fake's place; it returns
// false for those that the fake shall answer. Nil ends it.
func (f *Fake) Intercept(answer func(http.ResponseWriter, *http.Request) bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.intercept = answer
}

// Down makes the fake answer everything with a server error, or no longer.
func (f *Fake) Down(down bool) {
	if !down {
		f.Intercept(nil)
		return
	}
	f.Intercept(func(w http.ResponseWriter, _ *http.Request) bool {
		fail(w, http.StatusInternalServerError, "the storage is gone")
		return true
	})
}

// Calls returns how many requests there were of a method and a path, such as
// "GET kv/data/app".
func (f *Fake) Calls(request string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.calls[request]
}

// Leases returns how many leases are alive.
func (f *Fake) Leases() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	alive := 0
	for id := range f.leases {
		if f.leaseIsAlive(id) {
			alive++
		}
	}
	return alive
}

// ServeHTTP answers one request.
func (f *Fake) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(r.URL.Path, "/v1/")
	f.mu.Lock()
	f.calls[r.Method+" "+path]++
	intercept := f.intercept
	f.mu.Unlock()
	if intercept != nil && intercept(w, r) {
		return
	}
	body := map[string]any{}
	if r.Body != nil && r.ContentLength != 0 {
		decoder := json.NewDecoder(r.Body)
		decoder.UseNumber()
		if err := decoder.Decode(&body); err != nil {
			fail(w, http.StatusBadRequest, "failed to parse JSON input")
			return
		}
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.route(w, r, path, body)
}

func (f *Fake) route(w http.ResponseWriter, r *http.Request, path string, body map[string]any) {
	if method, ok := strings.CutPrefix(path, "auth/"); ok && strings.Contains(path, "/login") {
		f.login(w, method, body)
		return
	}
	token, ok := f.alive(r.Header.Get("X-Vault-Token"))
	if !ok || !f.allows(token, r.Method, path) {
		fail(w, http.StatusForbidden, "permission denied")
		return
	}
	switch {
	case strings.HasPrefix(path, "auth/token/"):
		f.serveToken(w, r.Header.Get("X-Vault-Token"), strings.TrimPrefix(path, "auth/token/"), body)
	case strings.HasPrefix(path, "auth/"):
		f.serveAuth(w, path, body)
	case strings.HasPrefix(path, "sys/"):
		f.serveSys(w, r, strings.TrimPrefix(path, "sys/"), body)
	case strings.HasPrefix(path, "database/creds/"):
		f.serveAccount(w, r.Header.Get("X-Vault-Token"), path)
	default:
		f.serveKV(w, r, path, body)
	}
}

// fakeTransport calls the handler as if it were far away.
type fakeTransport struct{ handler http.Handler }

func (t fakeTransport) RoundTrip(request *http.Request) (*http.Response, error) {
	if err := request.Context().Err(); err != nil {
		return nil, err
	}
	if request.Body != nil {
		defer request.Body.Close()
	}
	recorder := httptest.NewRecorder()
	t.handler.ServeHTTP(recorder, request)
	if err := request.Context().Err(); err != nil {
		return nil, err // it has waited for that
	}
	response := recorder.Result()
	response.Request = request
	return response, nil
}

func answer(w http.ResponseWriter, body map[string]any) {
	w.Header().Set("Content-Type", "application/json")
	if body == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	if err := json.NewEncoder(w).Encode(body); err != nil {
		panic(err) // it is the test's own data
	}
}

func fail(w http.ResponseWriter, status int, messages ...string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if messages == nil {
		messages = []string{}
	}
	if err := json.NewEncoder(w).Encode(map[string]any{"errors": messages}); err != nil {
		panic(err) // strings can be encoded
	}
}

// name returns one that was not used before.
func (f *Fake) name(kind string) string {
	f.count++
	return fmt.Sprintf("%s-%06d", kind, f.count)
}
