package api

import (
	"bytes"
	"crypto/sha256"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
)

// threeTokens are one of each role; the token of a role is its name twice.
func threeTokens() []eval.Token {
	var all []eval.Token
	for _, role := range []eval.Role{eval.Viewer, eval.Operator, eval.Admin} {
		all = append(all, eval.Token{Name: "the " + role.String(), Hash: sha256.Sum256([]byte(secretOf(role))), Role: role})
	}
	return all
}

func secretOf(role eval.Role) string { return role.String() + role.String() }

func TestWhoMayDoWhat(t *testing.T) {
	_, address := serveWith(t, Options{Backend: &backend{check: CheckStarted}, Log: hclog.NewNullLogger(), Tokens: threeTokens})
	const check = "/v1/tasks/task.file.motd/check"
	for _, tt := range []struct {
		name          string
		method, path  string
		authorization string
		code          int
		challenge     string
		body          string // a part of it
	}{
		{"a probe needs no token", "GET", "/-/healthy", "", 200, "", "healthy"},
		{"nor does the other", "GET", "/-/ready", "", 200, "", "ready"},
		{"a webhook proves itself", "POST", "/v1/webhooks/source.git.infra", "", 202, "", "accepted"},
		{"to read takes a token", "GET", "/v1/status", "", 401, `Bearer realm="driftless"`, `"detail":"this needs a token`},
		{"metrics do, too, and say so in plain text", "GET", "/metrics", "", 401, `Bearer realm="driftless"`, "this needs a token"},
		{"what isn't there doesn't show without one", "GET", "/v1/nothing", "", 401, `Bearer realm="driftless"`, "this needs a token"},
		{"a way around by a webhook leads to none", "GET", "/v1/webhooks/%2e%2e/status", "", 404, "", "there is nothing at this path"},
		{"a token that nobody has", "GET", "/v1/status", "Bearer guess", 401, `Bearer realm="driftless", error="invalid_token"`, "none of those in the auth block"},
		{"an empty token", "GET", "/v1/status", "Bearer ", 401, `Bearer realm="driftless", error="invalid_token"`, "none of those"},
		{"the hash is no token", "GET", "/v1/status", "Bearer sha256:" + strings.Repeat("0", 64), 401, `Bearer realm="driftless", error="invalid_token"`, "none of those"},
		{"another scheme", "GET", "/v1/status", "Basic dmlld2Vydmlld2Vy", 401, `Bearer realm="driftless"`, "this needs a token"},
		{"a viewer reads", "GET", "/v1/status", "Bearer viewerviewer", 200, "", "task.file.motd"},
		{"the name of the scheme can be written in any way", "GET", "/metrics", "bearer  viewerviewer", 200, "", "up 1"},
		{"a viewer triggers no check", "POST", check, "Bearer viewerviewer", 403, "", "this needs the role operator, and the token \\\"the viewer\\\" has the role viewer"},
		{"an operator does", "POST", check, "Bearer operatoroperator", 202, "", `"state": "started"`},
		{"an operator doesn't reload", "POST", "/-/reload", "Bearer operatoroperator", 403, "", "this needs the role admin"},
		{"an admin does", "POST", "/-/reload", "Bearer adminadmin", 200, "", "reloaded"},
		{"an admin may do what the others may", "POST", check, "Bearer adminadmin", 202, "", "started"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			response := send(t, tt.method, "http://"+address+tt.path, tt.authorization)
			defer response.Body.Close()
			body, err := io.ReadAll(response.Body)
			if err != nil {
				t.Fatal(err)
			}
			if response.StatusCode != tt.code || !strings.Contains(string(body), tt.body) {
				t.Errorf("got %d %s, want %d and in it %s", response.StatusCode, body, tt.code, tt.body)
			}
			if got := response.Header.Get("WWW-Authenticate"); got != tt.challenge {
				t.Errorf("got the challenge %q, want %q", got, tt.challenge)
			}
			if media := response.Header.Get("Content-Type"); tt.code >= 400 && strings.HasPrefix(tt.path, "/v1/") && media != "application/problem+json" {
				t.Errorf("the problem has the media type %s", media)
			}
		})
	}
}

// send makes a request with an Authorization header, and follows redirects as
// clients do.
func send(t *testing.T, method, url, authorization string) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	if authorization != "" {
		request.Header.Set("Authorization", authorization)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	return response
}

func TestATokenIsTakenUnderTheNameOfAProxy(t *testing.T) {
	_, address := serveWith(t, Options{Backend: &backend{}, Log: hclog.NewNullLogger(), Tokens: threeTokens})
	code, _ := ask(t, "GET", "http://"+address+"/v1/status", map[string]string{"Host": "driftless.example.com", "Authorization": "Bearer viewerviewer"})
	if code != http.StatusOK {
		t.Errorf("got %d", code)
	}
}

func TestTokensFollowTheConfiguration(t *testing.T) {
	tokens := threeTokens()
	_, address := serveWith(t, Options{Backend: &backend{}, Log: hclog.NewNullLogger(), Tokens: func() []eval.Token { return tokens }})
	viewer := func() int {
		response := send(t, "GET", "http://"+address+"/v1/status", "Bearer viewerviewer")
		response.Body.Close()
		return response.StatusCode
	}
	before := viewer()
	tokens = tokens[1:]
	if after := viewer(); before != http.StatusOK || after != http.StatusUnauthorized {
		t.Errorf("got %d, and without the token %d", before, after)
	}
}

func TestTheLogNamesWhoAsksAndNoToken(t *testing.T) {
	var text bytes.Buffer
	log := hclog.New(&hclog.LoggerOptions{Output: &text, Level: hclog.Trace})
	_, address := serveWith(t, Options{Backend: &backend{check: CheckStarted}, Log: log, Tokens: threeTokens})
	for _, token := range []string{"mistaken-for-a-token", secretOf(eval.Operator), secretOf(eval.Viewer)} {
		send(t, "POST", "http://"+address+"/v1/tasks/task.file.motd/check", "Bearer "+token).Body.Close()
	}
	for _, secret := range []string{"mistaken-for-a-token", secretOf(eval.Operator), secretOf(eval.Viewer)} {
		if strings.Contains(text.String(), secret) {
			t.Errorf("the log has the token %s:\n%s", secret, &text)
		}
	}
	if !strings.Contains(text.String(), `by="the operator"`) {
		t.Errorf("the log doesn't say who asked for a check:\n%s", &text)
	}
}

func TestWhatChangesInfrastructureIsForThoseWhoAreKnown(t *testing.T) {
	for _, tt := range []struct {
		name   string
		tokens func() []eval.Token
		role   eval.Role
		code   int
		body   string
	}{
		{"an agent that asks nobody who they are refuses, and says what to do", nil, eval.Nobody, 403, "in a block auth of its agent block"},
		{"a role that is too small", threeTokens, eval.Viewer, 403, "this needs the role operator"},
		{"the role itself", threeTokens, eval.Operator, 200, "approved"},
		{"a greater one", threeTokens, eval.Admin, 200, "approved"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s := New(Options{Backend: &backend{}, Log: hclog.NewNullLogger(), Tokens: tt.tokens, Now: time.Now})
			handler := s.authenticate(s.allowKnown(func(w http.ResponseWriter, _ *http.Request) { reply(w, http.StatusOK, "approved") }))
			request := httptest.NewRequestWithContext(t.Context(), "POST", "/v1/approvals/1", nil)
			request.Header.Set("Authorization", "Bearer "+secretOf(tt.role))
			recorder := httptest.NewRecorder()
			handler.ServeHTTP(recorder, request)
			if recorder.Code != tt.code || !strings.Contains(recorder.Body.String(), tt.body) {
				t.Errorf("got %d %s, want %d and in it %s", recorder.Code, recorder.Body, tt.code, tt.body)
			}
		})
	}
}

func FuzzAToken(f *testing.F) {
	f.Add("Bearer viewerviewer")
	f.Add("bearer\tviewerviewer")
	f.Add("Basic x")
	f.Add("")
	s := New(Options{Backend: &backend{}, Log: hclog.NewNullLogger(), Tokens: threeTokens, Now: time.Now})
	f.Fuzz(func(t *testing.T, authorization string) {
		request := httptest.NewRequestWithContext(t.Context(), "GET", "/v1/status", nil)
		request.Header.Set("Authorization", authorization)
		recorder := httptest.NewRecorder()
		s.http.Handler.ServeHTTP(recorder, request)
		known := false
		for _, role := range []eval.Role{eval.Viewer, eval.Operator, eval.Admin} {
			known = known || strings.HasSuffix(strings.TrimSpace(authorization), " "+secretOf(role))
		}
		if recorder.Code == http.StatusOK && !known {
			t.Errorf("%q was let in", authorization)
		}
	})
}
