package gitserver

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// SSHServer serves a repository.
type SSHServer struct {
	URL        string
	Key        string // a private key that may log in, in PEM
	KnownHosts string // lines with the server's keys
}

// ServeSSH starts OpenSSH's daemon in front of the repository, one for every
// connection. It has two host keys of different types. It skips the test where
// there is no sshd, unless CI is set.
func (r *Repository) ServeSSH(t testing.TB) *SSHServer {
	t.Helper()
	daemon := sshd(t)
	dir := t.TempDir()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	config := sshConfig(t, dir)
	serve(t, listener, daemon, "-i", "-e", "-f", config)
	return &SSHServer{
		URL:        sshURL(currentUser(t), listener.Addr().String(), r.bare),
		Key:        read(t, filepath.Join(dir, "client")),
		KnownHosts: knownHosts(t, listener.Addr().(*net.TCPAddr), filepath.Join(dir, "ed25519.pub"), filepath.Join(dir, "ecdsa.pub")),
	}
}

// sshd returns the daemon's absolute path: it refuses to be started otherwise.
func sshd(t testing.TB) string {
	t.Helper()
	need(t, "ssh-keygen")
	if _, err := os.Stat("/usr/sbin/sshd"); err != nil {
		return need(t, "sshd")
	}
	if os.Getuid() == 0 {
		// As root it wants an empty directory, which the init system makes.
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	return "/usr/sbin/sshd"
}

func sshConfig(t testing.TB, dir string) string {
	t.Helper()
	for _, key := range [][2]string{{"ed25519", "ed25519"}, {"ecdsa", "ecdsa"}, {"client", "ed25519"}} {
		run(t, dir, "ssh-keygen", "-q", "-N", "", "-C", "test", "-t", key[1], "-f", filepath.Join(dir, key[0]))
	}
	lines := []string{
		"HostKey " + filepath.Join(dir, "ecdsa"),
		"HostKey " + filepath.Join(dir, "ed25519"),
		"AuthorizedKeysFile " + filepath.Join(dir, "client.pub"),
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "PidFile none", "PermitRootLogin yes",
	}
	file := filepath.Join(dir, "sshd_config")
	if err := os.WriteFile(file, []byte(strings.Join(lines, "\n")+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// serve hands every connection to a process of its own. They end with the test.
func serve(t testing.TB, listener net.Listener, program string, args ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	var group sync.WaitGroup
	group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			group.Go(func() { handle(ctx, conn.(*net.TCPConn), program, args) })
		}
	})
	t.Cleanup(func() {
		cancel()
		listener.Close()
		group.Wait()
	})
}

func handle(ctx context.Context, conn *net.TCPConn, program string, args []string) {
	socket, err := conn.File()
	_ = conn.Close() // socket stays open: it is a duplicate
	if err != nil {
		return
	}
	defer socket.Close()
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Stdin, cmd.Stdout = socket, socket
	// A client sees why it was turned away; the test reads its error.
	_ = cmd.Run()
}

func knownHosts(t testing.TB, address *net.TCPAddr, keys ...string) string {
	t.Helper()
	var lines strings.Builder
	for _, key := range keys {
		fmt.Fprintf(&lines, "[%s]:%d %s", address.IP, address.Port, read(t, key))
	}
	return lines.String()
}

func read(t testing.TB, file string) string {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}
