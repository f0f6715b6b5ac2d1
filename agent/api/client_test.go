package api

import (
	"crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/config/eval"
)

// stacksFrom asks for stacks, and returns what went wrong.
func stacksFrom(t *testing.T, o ClientOptions) error {
	t.Helper()
	client, err := NewClient(o)
	if err != nil {
		return err
	}
	_, err = client.Stacks(t.Context())
	return err
}

func expectError(t *testing.T, err error, want string) {
	t.Helper()
	if want == "" && err == nil {
		return
	}
	if want == "" || err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %q", err, want)
	}
}

func TestAddressesOfAnAgent(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, address, token string
		base, want           string
	}{
		{"a host and a port", "127.0.0.1:8000", "", "http://127.0.0.1:8000", ""},
		{"a name", "driftless:8000", "", "http://driftless:8000", ""},
		{"an URL", "https://driftless.example.com", "", "https://driftless.example.com", ""},
		{"one below a path", "https://example.com/driftless/", "", "https://example.com/driftless/", ""},
		{"a token to this host", "localhost:8000", "t", "http://localhost:8000", ""},
		{"a token over TLS", "https://10.0.0.1:8000", "t", "https://10.0.0.1:8000", ""},
		{"a token in the clear", "10.0.0.1:8000", "t", "", "would go to 10.0.0.1:8000 in the clear"},
		{"nothing", "", "", "", "write its address as in"},
		{"another scheme", "ftp://127.0.0.1", "", "", "write its address as in"},
		{"a space", "a b", "", "", "write its address as in"},
		{"a query", "http://127.0.0.1/?a=b", "", "", "write its address as in"},
		{"a password, which isn't shown", "http://me:canary@127.0.0.1", "", "", `"...@127.0.0.1" is no address`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			client, err := NewClient(ClientOptions{Address: tt.address, Token: tt.token})
			expectError(t, err, tt.want)
			if err == nil && client.base.String() != tt.base {
				t.Errorf("it asks at %s", client.base)
			}
		})
	}
}

func TestWhatAnAgentAnswersInstead(t *testing.T) {
	t.Parallel()
	_, named := serveWith(t, Options{Backend: drifting(), Log: hclog.NewNullLogger(), Tokens: threeTokens})
	answering := func(handler http.HandlerFunc) string {
		server := httptest.NewServer(handler)
		t.Cleanup(server.Close)
		return server.URL
	}
	var led []string
	elsewhere := answering(func(_ http.ResponseWriter, r *http.Request) { led = append(led, r.Header.Get("Authorization")) })
	redirect := answering(func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, elsewhere, http.StatusFound) })
	plain := answering(func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "out of order", http.StatusBadGateway) })
	silent := answering(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) })
	for _, tt := range []struct{ name, address, token, want string }{
		{"with a token it tells", named, secretOf(eval.Viewer), ""},
		{"without one it says where that is put", named, "", "this needs a token, as in: Authorization: Bearer TOKEN; put the token into the environment variable DRIFTLESS_TOKEN"},
		{"with a wrong one as well", named, "guess", "none of those in the auth block of the agent; put the token"},
		{"a text", plain, "", "answers: out of order"},
		{"nothing but a status", silent, "", "answers: 418"},
		{"a redirect, which no token follows", redirect, "canary", "answers: ask at " + elsewhere},
		{"nothing at all", "127.0.0.1:1", "", "start one with driftless agent"},
	} {
		err := stacksFrom(t, ClientOptions{Address: tt.address, Token: tt.token})
		t.Run(tt.name, func(t *testing.T) { expectError(t, err, tt.want) })
	}
	if len(led) > 0 {
		t.Errorf("a redirect was followed, with %q", led)
	}
}

func TestWhomAClientTrusts(t *testing.T) {
	t.Parallel()
	a, other, dir := newAuthority(t), newAuthority(t), t.TempDir()
	file := func(name string, content []byte) string {
		write(t, filepath.Join(dir, name), content)
		return filepath.Join(dir, name)
	}
	cert, key := a.issue("agent")
	files := eval.TLS{CertFile: file("agent.crt", cert), KeyFile: file("agent.key", key)}
	address := serveTLS(t, files, hclog.NewNullLogger())
	files.ClientCAFile = file("clients.pem", a.pem())
	asking := serveTLS(t, files, hclog.NewNullLogger())
	mine, myKey := a.issue("me")
	others, _ := other.issue("agent")
	ca, otherCA, nothing := file("ca.pem", a.pem()), file("other.pem", other.pem()), file("nothing", nil)
	myCert, myKeyFile, othersCert := file("me.crt", mine), file("me.key", myKey), file("others.crt", others)
	_, port, _ := net.SplitHostPort(address)
	for _, tt := range []struct {
		name, address string
		o             ClientOptions
		want          string
	}{
		{"one of the authority", "https://" + address, ClientOptions{CAFile: ca}, ""},
		{"one of another authority", "https://" + address, ClientOptions{CAFile: otherCA}, "with -ca-file"},
		{"one that the system doesn't know", "https://" + address, ClientOptions{}, "with -ca-file"},
		{"the one of the configuration", "https://" + address, ClientOptions{Known: files.CertFile}, ""},
		{"that one, by another name", "https://localhost:" + port, ClientOptions{Known: files.CertFile}, ""},
		{"another than that of the configuration", "https://" + address, ClientOptions{Known: othersCert}, "with -ca-file"},
		{"a configuration without a certificate", "https://" + address, ClientOptions{Known: nothing}, "is no certificate in PEM"},
		{"one that can't be read", "https://" + address, ClientOptions{Known: filepath.Join(dir, "none")}, "-address=https://"},
		{"authorities that are none", "https://" + address, ClientOptions{CAFile: nothing}, "holds no certificate of an authority"},
		{"authorities that can't be read", "https://" + address, ClientOptions{CAFile: filepath.Join(dir, "none")}, "read the authorities"},
		{"an agent that asks for a certificate", "https://" + asking, ClientOptions{CAFile: ca}, "with -cert-file and -key-file"},
		{"and gets one", "https://" + asking, ClientOptions{CAFile: ca, CertFile: myCert, KeyFile: myKeyFile}, ""},
		{"a certificate without its key", "https://" + asking, ClientOptions{CAFile: ca, CertFile: myCert}, "its key with -key-file"},
		{"a key of another", "https://" + asking, ClientOptions{CAFile: ca, CertFile: myCert, KeyFile: files.KeyFile}, "no certificate in PEM with its key"},
		{"an agent with TLS that is asked without", address, ClientOptions{}, "Write its address with https://"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			tt.o.Address = tt.address
			expectError(t, stacksFrom(t, tt.o), tt.want)
		})
	}
}

func TestAnAgentWithoutTLSThatIsAskedWithIt(t *testing.T) {
	t.Parallel()
	_, address := serve(t, drifting())
	err := stacksFrom(t, ClientOptions{Address: "https://" + address})
	expectError(t, err, "no block tls")
}

// TestACertificateOfAWildcardIsKnown is the case in which the name in a
// certificate is none that anybody could be reached by.
func TestACertificateOfAWildcardIsKnown(t *testing.T) {
	t.Parallel()
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "{}") }))
	a, dir := newAuthority(t), t.TempDir()
	cert, key := a.issue("agent", "*.example.com")
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	server.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
	server.StartTLS()
	t.Cleanup(server.Close)
	write(t, filepath.Join(dir, "agent.crt"), cert)
	expectError(t, stacksFrom(t, ClientOptions{Address: server.URL, Known: filepath.Join(dir, "agent.crt")}), "")
}
