package gitserver

import (
	"bytes"
	"compress/gzip"
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// HTTPOptions says how a repository is served by http.
type HTTPOptions struct {
	Username, Password string                           // what a client must show; empty: nothing
	Allow              func(user, password string) bool // instead of them
	TLS                bool
	Fault              Fault // of every pack that is sent
	MultiAck           bool  // refuses who doesn't know multi_ack, as Azure DevOps does
}

// Fault is what a server does in the middle of a pack.
type Fault string

// The faults.
const (
	Hangs    Fault = "hangs"    // says nothing more and keeps the connection
	Closes   Fault = "closes"   // ends the connection
	Garbage  Fault = "garbage"  // goes on with bytes that mean nothing
	Dribbles Fault = "dribbles" // goes on with a byte now and then
)

// HTTPServer serves a repository.
type HTTPServer struct {
	URL string
	CA  []byte // the certificate to trust, in PEM, with TLS
	srv *httptest.Server

	requests   atomic.Int64
	authorized atomic.Bool
}

// Requests is how many requests came in so far.
func (s *HTTPServer) Requests() int { return int(s.requests.Load()) }

// Authorized reports whether any request came with credentials.
func (s *HTTPServer) Authorized() bool { return s.authorized.Load() }

// ServeHTTP starts git's smart http backend in front of the repository.
func (r *Repository) ServeHTTP(t testing.TB, opts HTTPOptions) *HTTPServer {
	t.Helper()
	backend := &cgi.Handler{
		Path:   filepath.Join(run(t, r.bare, "git", "--exec-path"), "git-http-backend"),
		Env:    []string{"GIT_PROJECT_ROOT=" + filepath.Dir(r.bare), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
		Logger: log.New(io.Discard, "", 0),
		Stderr: io.Discard,
	}
	if opts.Allow == nil {
		opts.Allow = func(user, password string) bool { return user == opts.Username && password == opts.Password }
	}
	s := &HTTPServer{}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		s.requests.Add(1)
		if req.Header.Get("Authorization") != "" {
			s.authorized.Store(true)
		}
		if user, password, _ := req.BasicAuth(); !opts.Allow(user, password) {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		if opts.MultiAck && !knowsMultiAck(req) {
			http.Error(w, "TF401041: Client did not send the multi_ack capability.", http.StatusBadRequest)
			return
		}
		if opts.Fault != "" && req.Method == http.MethodPost {
			w = &faulty{ResponseWriter: w, fault: opts.Fault, request: req}
		}
		backend.ServeHTTP(w, req)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.srv = srv
	if opts.TLS {
		srv.StartTLS()
		s.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	} else {
		srv.Start()
	}
	t.Cleanup(func() {
		srv.CloseClientConnections() // of those that hang
		srv.Close()
	})
	s.URL = srv.URL + "/" + filepath.Base(r.bare)
	return s
}

// faultAfter is where in an answer a fault begins: after the first lines of the
// protocol, and within the pack.
const faultAfter = 300

// faulty answers as it should up to a point.
type faulty struct {
	http.ResponseWriter
	fault   Fault
	request *http.Request
	sent    int
}

// Unwrap lets the response be flushed.
func (f *faulty) Unwrap() http.ResponseWriter { return f.ResponseWriter }

func (f *faulty) Write(p []byte) (int, error) {
	good := min(max(faultAfter-f.sent, 0), len(p))
	f.sent += good
	if n, err := f.ResponseWriter.Write(p[:good]); err != nil || good == len(p) {
		return n, err
	}
	_ = http.NewResponseController(f.ResponseWriter).Flush()
	switch f.fault {
	case Hangs:
		<-f.request.Context().Done()
		return good, f.request.Context().Err()
	case Dribbles:
		return f.dribble(p, good)
	case Closes:
		panic(http.ErrAbortHandler)
	}
	n, err := f.ResponseWriter.Write(bytes.Repeat([]byte("?"), len(p)-good))
	return good + n, err
}

// dribble writes the bytes from one on, each a while after the one before.
func (f *faulty) dribble(p []byte, from int) (int, error) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for i := from; i < len(p); i++ {
		select {
		case <-f.request.Context().Done():
			return i, f.request.Context().Err()
		case <-tick.C:
		}
		if _, err := f.ResponseWriter.Write(p[i : i+1]); err != nil {
			return i, err
		}
		_ = http.NewResponseController(f.ResponseWriter).Flush()
	}
	return len(p), nil
}

// knowsMultiAck reports whether a request for a pack is of a client that knows
// multi_ack. It leaves the request as it was.
func knowsMultiAck(req *http.Request) bool {
	req.Header.Del("Git-Protocol") // only version 0 is spoken
	if req.Method != http.MethodPost {
		return true
	}
	body, err := io.ReadAll(req.Body)
	if err != nil {
		return false
	}
	req.Body, req.ContentLength, req.TransferEncoding = io.NopCloser(bytes.NewReader(body)), int64(len(body)), nil
	if req.Header.Get("Content-Encoding") == "gzip" {
		plain, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			return false
		}
		if body, err = io.ReadAll(plain); err != nil {
			return false
		}
	}
	return bytes.Contains(body, []byte("multi_ack"))
}

// Redirect serves a repository by sending clients to another url.
func Redirect(t testing.TB, to string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		_, service, _ := strings.Cut(req.URL.Path, ".git/")
		http.Redirect(w, req, to+"/"+service+"?"+req.URL.RawQuery, http.StatusFound)
	}))
	t.Cleanup(srv.Close)
	return srv.URL + "/repo.git"
}

// Close takes the server down before the test ends.
func (s *HTTPServer) Close() { s.srv.Close() }

// Silent returns the address of a server that takes every connection and never
// says a word.
func Silent(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		var conns []net.Conn
		for {
			conn, err := listener.Accept()
			if err != nil {
				break
			}
			conns = append(conns, conn)
		}
		for _, conn := range conns {
			conn.Close()
		}
	}()
	t.Cleanup(func() {
		listener.Close()
		<-done
	})
	return listener.Addr().String()
}

// Proxy returns the address of an http proxy that sends every request to one
// server, whatever its host.
func Proxy(t testing.TB, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.Out.URL.Scheme, r.Out.URL.Host = target.Scheme, target.Host
		r.Out.Header.Del("Proxy-Authorization")
	}})
	t.Cleanup(srv.Close)
	return srv.Listener.Addr().String()
}
