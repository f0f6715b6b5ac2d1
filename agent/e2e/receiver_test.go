package e2e

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// fault is what a receiver does instead of taking what it is sent.
type fault int

const (
	healthy fault = iota
	unavailable
	hanging
)

// receiver is an HTTP server that keeps the lines it is sent.
type receiver struct {
	address string
	server  *http.Server

	mu          sync.Mutex
	fault       fault
	lines       []string
	connections int
	refusals    int
}

func newReceiver(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{}
	r.listen(t, "127.0.0.1:0")
	t.Cleanup(func() { r.close(t) })
	return r
}

// listen serves at an address, anew after close.
func (r *receiver) listen(t *testing.T, address string) {
	t.Helper()
	l, err := net.Listen("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	r.address = l.Addr().String()
	r.server = &http.Server{Handler: r, ConnState: func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			r.mu.Lock()
			r.connections++
			r.mu.Unlock()
		}
	}}
	go r.server.Serve(l) //nolint:errcheck // it ends with close
}

// close refuses connections from now on.
func (r *receiver) close(t *testing.T) {
	t.Helper()
	if err := r.server.Close(); err != nil {
		t.Error(err)
	}
}

func (r *receiver) fail(f fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.fault = f
}

func (r *receiver) ServeHTTP(w http.ResponseWriter, request *http.Request) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return // the agent was killed while it sent
	}
	r.mu.Lock()
	f := r.fault
	if f != healthy {
		r.refusals++
	}
	r.mu.Unlock()
	switch f {
	case unavailable:
		http.Error(w, "not now", http.StatusServiceUnavailable)
		return
	case hanging:
		hang(request.Context())
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for line := range strings.Lines(string(body)) {
		r.lines = append(r.lines, strings.TrimSuffix(line, "\n"))
	}
}

// hang keeps the client waiting until it gives up.
func hang(ctx context.Context) { <-ctx.Done() }

func (r *receiver) received() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lines
}

func (r *receiver) counts() (connections, refusals int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.connections, r.refusals
}
