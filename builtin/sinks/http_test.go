package sinks

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// received is one request as a server saw it.
type received struct {
	method, path string
	header       http.Header
	body         string
	remote       string
}

// recorder is a server that keeps what it gets and answers in turn, the last
// answer again and again.
type recorder struct {
	answers []http.HandlerFunc

	mu   sync.Mutex
	seen []received
}

func (s *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text, _ := io.ReadAll(r.Body) // a client that gives up is part of some tests
	s.mu.Lock()
	s.seen = append(s.seen, received{r.Method, r.RequestURI, r.Header, string(text), r.RemoteAddr})
	answer := s.answers[min(len(s.seen), len(s.answers))-1]
	s.mu.Unlock()
	answer(w, r)
}

func (s *recorder) requests() []received {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]received(nil), s.seen...)
}

// serve starts a server on the loopback interface.
func serve(t testing.TB, answers ...http.HandlerFunc) (*recorder, string) {
	t.Helper()
	s := &recorder{answers: answers}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return s, server.URL
}

func answer(code int) http.HandlerFunc { return say(code, "") }

func say(code int, text string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(headers); i += 2 {
			w.Header().Set(headers[i], headers[i+1])
		}
		w.WriteHeader(code)
		io.WriteString(w, text)
	}
}

// reset breaks the connection after the given bytes of an answer.
func reset(text string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			panic(err)
		}
		io.WriteString(conn, text)
		conn.(*net.TCPConn).SetLinger(0)
		conn.Close()
	}
}

// hang answers nothing until the client has gone.
func hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

func TestHTTPSendsABatchAsOneRequest(t *testing.T) {
	const first = `{"timestamp":"2025-03-04T05:06:07Z","message":"one"}`
	const second = `{"timestamp":"2025-03-04T05:06:07Z","message":"two"}`
	tests := map[string]struct {
		given           body
		body, mediaType string
	}{
		"ndjson is the default": {body{}, first + "\n" + second + "\n", "application/x-ndjson"},
		"json is one array":     {body{"format": "json"}, "[" + first + "," + second + "]", "application/json"},
		"text":                  {body{"format": "text"}, "2025-03-04T05:06:07Z one\n2025-03-04T05:06:07Z two\n", "text/plain; charset=utf-8"},
		"gzip":                  {body{"compression": "gzip"}, first + "\n" + second + "\n", "application/x-ndjson"},
		"zstd":                  {body{"compression": "zstd", "method": "PUT"}, first + "\n" + second + "\n", "application/x-ndjson"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, url := serve(t, answer(http.StatusAccepted))
			tt.given["url"] = url + "/in?key=1"
			sink := newWorld().open(t, "http", tt.given)
			for range 2 { // what is reused must be as good the second time
				write(t, sink, lines("one", "two"))
			}
			seen := server.requests()
			if len(seen) != 2 {
				t.Fatalf("the server got %d requests, want 2", len(seen))
			}
			method, _ := tt.given["method"].(string)
			for _, r := range seen {
				want := []string{max(method, "POST"), "/in?key=1", tt.mediaType, tt.body}
				got := []string{r.method, r.path, r.header.Get("Content-Type"), decoded(t, r)}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
			if seen[0].remote != seen[1].remote {
				t.Error("the connection was not used again")
			}
		})
	}
}

func decoded(t *testing.T, r received) string {
	t.Helper()
	var in io.Reader = strings.NewReader(r.body)
	var err error
	switch coding := r.header.Get("Content-Encoding"); coding {
	case "":
	case "gzip":
		in, err = gzip.NewReader(in)
	case "zstd":
		in, err = zstd.NewReader(in)
	default:
		t.Fatalf("unknown coding %q", coding)
	}
	if err != nil {
		t.Fatal(err)
	}
	text, err := io.ReadAll(in)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestHTTPSendsNothingForAnEmptyBatch(t *testing.T) {
	server, url := serve(t, answer(http.StatusOK))
	write(t, newWorld().open(t, "http", body{"url": url}), lines())
	if n := len(server.requests()); n != 0 {
		t.Errorf("the server got %d requests", n)
	}
}

func TestHTTPShowsWhoItIs(t *testing.T) {
	tests := map[string]struct {
		given body
		want  map[string]string
	}{
		"basic":   {body{"auth": body{"basic": body{"username": "ann", "password": "pass:word"}}}, map[string]string{"Authorization": "Basic YW5uOnBhc3M6d29yZA=="}},
		"bearer":  {body{"auth": body{"bearer": body{"token": "t0ken"}}}, map[string]string{"Authorization": "Bearer t0ken"}},
		"api key": {body{"auth": body{"api_key": body{"header": "X-API-Key", "value": "k3y"}}}, map[string]string{"X-Api-Key": "k3y"}},
		"headers win": {body{"headers": map[string]string{"X-Scope": "a", "content-type": "text/x-log", "idempotency-key": "mine"}},
			map[string]string{"X-Scope": "a", "Content-Type": "text/x-log", "Idempotency-Key": "mine"}},
		"nothing": {body{}, map[string]string{"Authorization": "", "User-Agent": "driftless"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			server, url := serve(t, answer(http.StatusOK))
			tt.given["url"] = url
			write(t, newWorld().open(t, "http", tt.given), lines("x"))
			for header, want := range tt.want {
				if got := server.requests()[0].header.Get(header); got != want {
					t.Errorf("%s is %q, want %q", header, got, want)
				}
			}
		})
	}
}

func TestHTTPSetsTheHostThatIsAskedFor(t *testing.T) {
	var host string
	_, url := serve(t, func(_ http.ResponseWriter, r *http.Request) { host = r.Host })
	write(t, newWorld().open(t, "http", body{"url": url, "headers": map[string]string{"host": "logs.example.com"}}), lines("x"))
	if host != "logs.example.com" {
		t.Errorf("the host is %q", host)
	}
}

func TestHTTPRepeatsABatchUnderTheSameKey(t *testing.T) {
	server, url := serve(t, answer(http.StatusServiceUnavailable), answer(http.StatusOK))
	sink := newWorld().open(t, "http", body{"url": url, "compression": "gzip"})
	batch := lines("one")
	if err := sink.Write(t.Context(), batch); err == nil {
		t.Fatal("the first write was accepted")
	}
	write(t, sink, batch)
	write(t, sink, lines("two"))
	seen := server.requests()
	keys := []string{}
	for _, r := range seen {
		keys = append(keys, r.header.Get("Idempotency-Key"))
	}
	if len(keys) != 3 || len(keys[0]) != 64 || keys[0] != keys[1] || keys[1] == keys[2] {
		t.Errorf("the keys are %q, want two that are the same and another", keys)
	}
	if seen[0].body != seen[1].body {
		t.Error("the batch was not repeated byte by byte")
	}
}

// TestHTTPTakesTheProxyFromTheEnvironment runs itself again, because the
// environment is read once per process.
func TestHTTPTakesTheProxyFromTheEnvironment(t *testing.T) {
	if os.Getenv("SINKS_TEST_PROXY") != "" {
		write(t, newWorld().open(t, "http", body{"url": "http://logs.invalid/in"}), lines("x"))
		return
	}
	server, url := serve(t, answer(http.StatusOK))
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestHTTPTakesTheProxyFromTheEnvironment$")
	child.Env = append(os.Environ(), "SINKS_TEST_PROXY=1", "HTTP_PROXY="+url, "NO_PROXY=", "no_proxy=", "http_proxy=")
	if out, err := child.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if seen := server.requests(); len(seen) != 1 || seen[0].path != "http://logs.invalid/in" {
		t.Errorf("the proxy got %+v", seen)
	}
}
