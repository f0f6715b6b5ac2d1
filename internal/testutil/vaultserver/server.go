// Package vaultserver gives tests a Vault: the real one, which lives in memory
// and ends with its test, or a small one in the test's own process, the clock
// and the faults of which the test decides about. Both speak HTTP to the same
// clients.
//
//	server := vaultserver.Start(t)
//	_, err := server.Root(t).Logical().Write("secret/data/app", ...)
package vaultserver

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/vault/api"

	"github.com/driftless-hq/driftless/internal/testutil/gotool"
)

// Server is a running Vault.
type Server struct {
	Address string // its URL
	Token   string // of root
	CAFile  string // of the authority of its certificate; empty without TLS

	program string
	process *os.Process
	ended   chan struct{} // closed when the process has ended
}

// Start runs the real Vault in its development mode: unsealed, in memory, on a
// free port of the loopback device. It skips the test with -short, and where
// Vault has not been built; there CI fails.
func Start(t testing.TB) *Server {
	t.Helper()
	return run(t, false)
}

// StartTLS is [Start] with TLS, which takes the certificates of clients.
func StartTLS(t testing.TB) *Server {
	t.Helper()
	return run(t, true)
}

func run(t testing.TB, withTLS bool) *Server {
	t.Helper()
	if testing.Short() {
		t.Skip("the real Vault is left out of short tests")
	}
	program := gotool.Need(t, gotool.Vault())
	// The port may be taken by somebody else before Vault does.
	for range 3 {
		if server := start(t, program, freeAddress(t), withTLS); server != nil {
			return server
		}
	}
	t.Fatal("Vault doesn't start on any of three free ports")
	return nil
}

// Stop ends the server, as an outage does: what it knows is lost.
func (s *Server) Stop(t testing.TB) {
	t.Helper()
	if s.process.Signal(syscall.SIGTERM) != nil {
		return // it has ended
	}
	select {
	case <-s.ended:
	case <-time.After(10 * time.Second):
		if err := s.process.Kill(); err != nil {
			t.Errorf("end Vault: %v", err)
		}
		<-s.ended
	}
}

// Restart runs a server that was stopped again, at the same address and with
// the same token. It is for one without TLS.
func (s *Server) Restart(t testing.TB) {
	t.Helper()
	again := start(t, s.program, strings.TrimPrefix(s.Address, "http://"), false)
	if again == nil {
		t.Fatal("Vault doesn't start again: its port was taken meanwhile")
	}
	*s = *again
}

// start returns nil if Vault ended before it was ready.
func start(t testing.TB, program, address string, withTLS bool) *Server {
	t.Helper()
	const token = "root-of-the-test"
	var output buffer
	cmd := exec.Command(program, "server", "-dev", "-dev-no-store-token", "-dev-listen-address="+address)
	server := &Server{Address: "http://" + address, Token: token, program: program, ended: make(chan struct{})}
	if withTLS {
		dir := t.TempDir()
		cmd.Args = append(cmd.Args, "-dev-tls", "-dev-tls-cert-dir="+dir)
		server.Address, server.CAFile = "https://"+address, filepath.Join(dir, "vault-ca.pem")
	}
	cmd.Env = []string{"HOME=" + t.TempDir(), "VAULT_DEV_ROOT_TOKEN_ID=" + token}
	cmd.Stdout, cmd.Stderr = &output, &output
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	server.process = cmd.Process
	ended := server.ended
	go func() {
		defer close(ended)
		// How it ended doesn't matter: it was told to, or isn't ready.
		_ = cmd.Wait()
	}()
	t.Cleanup(func() { server.Stop(t) })
	deadline := time.After(60 * time.Second)
	for !server.isReady() {
		select {
		case <-ended:
			return nil
		case <-deadline:
			t.Fatalf("Vault is not ready after a minute:\n%s", output.String())
		case <-time.After(20 * time.Millisecond):
		}
	}
	return server
}

func (s *Server) isReady() bool {
	client, err := s.client()
	if err != nil {
		return false // the authority isn't written yet
	}
	defer client.CloseIdleConnections()
	response, err := client.Get(s.Address + "/v1/sys/health")
	if err != nil {
		return false
	}
	defer response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// client returns one that trusts the server.
func (s *Server) client() (*http.Client, error) {
	transport := &http.Transport{}
	if s.CAFile != "" {
		pem, err := os.ReadFile(s.CAFile)
		if err != nil {
			return nil, err
		}
		transport.TLSClientConfig = &tls.Config{RootCAs: x509.NewCertPool(), MinVersion: tls.VersionTLS12}
		transport.TLSClientConfig.RootCAs.AppendCertsFromPEM(pem)
	}
	return &http.Client{Transport: transport}, nil
}

// Root returns a client that may do everything.
func (s *Server) Root(t testing.TB) *api.Client {
	t.Helper()
	trusting, err := s.client()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(trusting.CloseIdleConnections)
	client, err := api.NewClient(&api.Config{Address: s.Address, HttpClient: trusting})
	if err != nil {
		t.Fatal(err)
	}
	client.SetToken(s.Token)
	client.ClearNamespace()
	return client
}

func freeAddress(t testing.TB) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return fmt.Sprint(listener.Addr())
}

// buffer may be written to and read at once.
type buffer struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}
