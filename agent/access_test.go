package agent

import (
	"crypto/sha256"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
)

// withToken are settings with one token.
func withToken(token, role string) string {
	return fmt.Sprintf(`
agent {
  listen = "127.0.0.1:0"
  auth {
    token "someone" {
      hash = "sha256:%x"
      role = %q
    }
  }
}
`, sha256.Sum256([]byte(token)), role)
}

// as makes a request with a token and returns the status.
func (r *running) as(token, method, path string) int {
	r.t.Helper()
	request, err := http.NewRequestWithContext(r.t.Context(), method, "http://"+r.address+path, nil)
	if err != nil {
		r.t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		r.t.Fatal(err)
	}
	response.Body.Close()
	return response.StatusCode
}

func TestAReloadChangesWhoMayDoWhat(t *testing.T) {
	r := startAgentAs(t, newLab(), withToken("one", "admin"))
	for _, step := range []struct {
		name          string
		configuration string
		token         string
		reloads       int // the status of a reload with the token
		reads         int // and of reading, after that
	}{
		{"a token that nobody has reloads nothing", withToken("two", "admin"), "two", 401, 401},
		{"a mistake leaves it as it is", `agent { auth {} }`, "one", 400, 200},
		{"an admin hands over to another", withToken("two", "admin"), "one", 200, 401},
		{"the other makes itself a viewer", withToken("two", "viewer"), "two", 200, 200},
		{"and then can't take it back", withToken("two", "admin"), "two", 403, 200},
	} {
		r.configure(step.configuration)
		if got := r.as(step.token, "POST", "/-/reload"); got != step.reloads {
			t.Errorf("%s: the reload is %d, want %d", step.name, got, step.reloads)
		}
		if got := r.as(step.token, "GET", "/v1/status"); got != step.reads {
			t.Errorf("%s: the status is %d, want %d", step.name, got, step.reads)
		}
	}
}

func TestTheLogWarnsOfAnAddressThatOthersReach(t *testing.T) {
	t.Parallel()
	tokens := []eval.Token{{Name: "ops", Role: eval.Admin}}
	everywhere, here := &net.TCPAddr{IP: net.IPv4zero, Port: 80}, &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}
	for name, test := range map[string]struct {
		settings eval.Agent
		address  net.Addr
		want     string // empty: nothing is said
	}{
		"this machine alone":              {eval.Agent{}, here, ""},
		"everybody, without a name":       {eval.Agent{}, everywhere, "add a block auth"},
		"everybody, over TLS":             {eval.Agent{TLS: &eval.TLS{}}, everywhere, "add a block auth"},
		"with tokens in the clear":        {eval.Agent{Tokens: tokens}, everywhere, "add a block tls"},
		"with tokens over TLS":            {eval.Agent{Tokens: tokens, TLS: &eval.TLS{}}, everywhere, ""},
		"with certificates of the client": {eval.Agent{TLS: &eval.TLS{ClientCAFile: "/ca"}}, everywhere, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log strings.Builder
			a := &Agent{Options: Options{Log: hclog.New(&hclog.LoggerOptions{Output: &log})}, settings: test.settings}
			a.warnOfOpenAddress(test.address)
			if got := log.String(); !strings.Contains(got, test.want) || test.want == "" && got != "" {
				t.Errorf("the log says %q, want %q in it", got, test.want)
			}
		})
	}
}
