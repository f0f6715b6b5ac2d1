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
	Key        string            // a private key that may log in, in PEM
	Keys       map[string]string // such keys by their type: ed25519, ecdsa, rsa
	KnownHosts string            // lines with the server's keys, one for each type
}

// keyTypes are those of the keys of servers and of clients.
func keyTypes() []string { return []string{"ed25519", "ecdsa", "rsa"} }

// ServeSSH starts OpenSSH's daemon in front of the repository, one for every
// connection. It has host keys of three types. It skips the test where
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
		Key:        read(t, filepath.Join(dir, "client-ed25519")),
		Keys:       clientKeys(t, dir),
		KnownHosts: knownHosts(t, listener.Addr().(*net.TCPAddr), dir),
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
	var lines []string
	authorized := []string{"AuthorizedKeysFile"}
	for _, kind := range keyTypes() {
		for _, file := range []string{kind, "client-" + kind} {
			run(t, dir, "ssh-keygen", "-q", "-N", "", "-C", "test", "-t", kind, "-f", filepath.Join(dir, file))
		}
		lines = append(lines, "HostKey "+filepath.Join(dir, kind))
		authorized = append(authorized, filepath.Join(dir, "client-"+kind+".pub"))
	}
	lines = append(lines,
		strings.Join(authorized, " "),
		"StrictModes no", "UsePAM no", "PasswordAuthentication no", "PidFile none", "PermitRootLogin yes",
	)
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

func clientKeys(t testing.TB, dir string) map[string]string {
	t.Helper()
	keys := make(map[string]string)
	for _, kind := range keyTypes() {
		keys[kind] = read(t, filepath.Join(dir, "client-"+kind))
	}
	return keys
}

func knownHosts(t testing.TB, address *net.TCPAddr, dir string) string {
	t.Helper()
	var lines strings.Builder
	for _, kind := range keyTypes() {
		fmt.Fprintf(&lines, "[%s]:%d %s", address.IP, address.Port, read(t, filepath.Join(dir, kind+".pub")))
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

// Agent starts OpenSSH's agent with a key that may log in, and returns its
// socket.
func (s *SSHServer) Agent(t testing.TB) string {
	t.Helper()
	program := need(t, "ssh-agent")
	socket := filepath.Join(t.TempDir(), "agent")
	ctx, cancel := context.WithCancel(context.Background())
	cmd := exec.CommandContext(ctx, program, "-D", "-a", socket)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		cancel()
		_ = cmd.Wait() // it was killed
	})
	for {
		add := exec.Command(need(t, "ssh-add"), "-q", "-")
		add.Env = append(os.Environ(), "SSH_AUTH_SOCK="+socket)
		add.Stdin = strings.NewReader(s.Key)
		if out, err := add.CombinedOutput(); err == nil {
			return socket
		} else if cmd.ProcessState != nil || t.Context().Err() != nil {
			t.Fatalf("ssh-add: %v\n%s", err, out)
		}
	}
}
