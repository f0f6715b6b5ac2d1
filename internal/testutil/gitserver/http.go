package gitserver

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/cgi"
	"net/http/httptest"
	"path/filepath"
	"testing"
)

// HTTPOptions says how a repository is served by http.
type HTTPOptions struct {
	Username, Password string // what a client must show; empty: nothing
	TLS                bool
}

// HTTPServer serves a repository.
type HTTPServer struct {
	URL string
	CA  []byte // the certificate to trust, in PEM, with TLS
	srv *httptest.Server
}

// ServeHTTP starts git's smart http backend in front of the repository.
func (r *Repository) ServeHTTP(t testing.TB, opts HTTPOptions) *HTTPServer {
	t.Helper()
	backend := &cgi.Handler{
		Path:   filepath.Join(run(t, r.bare, "git", "--exec-path"), "git-http-backend"),
		Env:    []string{"GIT_PROJECT_ROOT=" + filepath.Dir(r.bare), "GIT_HTTP_EXPORT_ALL=1", "GIT_CONFIG_NOSYSTEM=1"},
		Logger: log.New(io.Discard, "", 0),
		Stderr: io.Discard,
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		user, password, _ := req.BasicAuth()
		if user != opts.Username || password != opts.Password {
			w.Header().Set("WWW-Authenticate", `Basic realm="git"`)
			http.Error(w, "who are you?", http.StatusUnauthorized)
			return
		}
		backend.ServeHTTP(w, req)
	}))
	srv.Config.ErrorLog = log.New(io.Discard, "", 0)
	s := &HTTPServer{srv: srv}
	if opts.TLS {
		srv.StartTLS()
		s.CA = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw})
	} else {
		srv.Start()
	}
	t.Cleanup(srv.Close)
	s.URL = srv.URL + "/" + filepath.Base(r.bare)
	return s
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
