package gitrepo

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"golang.org/x/crypto/ssh/agent"
)

// sshCommand is what git starts ssh with. It reads no configuration, asks
// nobody, and knows no host but those of known_hosts.
func (d *command) sshCommand() string {
	files := make([]string, len(d.hosts.files))
	for i, file := range d.hosts.files {
		files[i] = `"` + file + `"`
	}
	if len(files) == 0 {
		files = []string{os.DevNull}
	}
	words := []string{"ssh", "-F", os.DevNull, "-l", d.auth.Username}
	for _, option := range []string{
		"BatchMode=yes", "StrictHostKeyChecking=yes", "UpdateHostKeys=no",
		"UserKnownHostsFile=" + strings.Join(files, " "), "GlobalKnownHostsFile=" + os.DevNull,
		"IdentityFile=none", "ClearAllForwardings=yes", "ForwardAgent=no", "PermitLocalCommand=no", "ProxyCommand=none",
	} {
		words = append(words, "-o", option)
	}
	for i, word := range words {
		words[i] = `'` + strings.ReplaceAll(word, `'`, `'\''`) + `'`
	}
	return strings.Join(words, " ")
}

// serveAgent returns the socket of an ssh agent: one within this process that
// holds the key, so that it is on no disk, or else the user's own.
func (a Auth) serveAgent() (socket string, stop func(), err error) {
	if a.SSHKey == "" {
		socket = os.Getenv("SSH_AUTH_SOCK")
		if socket == "" {
			return "", nil, errors.New("there are no credentials for ssh: set ssh_key, or start an ssh agent")
		}
		return socket, func() {}, nil
	}
	key, err := a.privateKey()
	if err != nil {
		return "", nil, err
	}
	keys := agent.NewKeyring()
	if err := keys.Add(agent.AddedKey{PrivateKey: key}); err != nil {
		return "", nil, fmt.Errorf("use the ssh key: %w", err)
	}
	sweepSockets()
	// The path of a socket must be short, so it is not below the mirror.
	dir, err := os.MkdirTemp("", socketDir)
	if err != nil {
		return "", nil, fmt.Errorf("make a place for the socket of the ssh agent: %w", err)
	}
	socket = filepath.Join(dir, "agent")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return "", nil, errors.Join(fmt.Errorf("listen as an ssh agent: %w", err), os.RemoveAll(dir))
	}
	server := serveKeys(listener, keys)
	return socket, func() {
		server.stop()
		_ = os.RemoveAll(dir) // it holds no more than a dead socket
	}, nil
}

// socketDir begins the names of the directories that sockets are in.
const socketDir = "driftless-ssh-"

// sweepSockets removes the sockets of processes that were killed: nobody listens
// at them any more. What can't be removed is in nobody's way.
func sweepSockets() {
	sockets, _ := filepath.Glob(filepath.Join(os.TempDir(), socketDir+"*", "agent"))
	for _, socket := range sockets {
		conn, err := net.Dial("unix", socket)
		if err == nil {
			conn.Close()
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			_ = os.RemoveAll(filepath.Dir(socket))
		}
	}
}

// keyServer answers those who connect to an ssh agent.
type keyServer struct {
	listener net.Listener
	group    sync.WaitGroup

	mu     sync.Mutex
	closed bool
	conns  []net.Conn
}

func serveKeys(listener net.Listener, keys agent.Agent) *keyServer {
	s := &keyServer{listener: listener}
	s.group.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			if !s.keep(conn) {
				conn.Close()
				return
			}
			s.group.Go(func() {
				defer conn.Close()
				_ = agent.ServeAgent(keys, conn) // ssh says what went wrong
			})
		}
	})
	return s
}

// keep notes a connection, so that stop can close it.
func (s *keyServer) keep(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conns = append(s.conns, conn)
	return !s.closed
}

func (s *keyServer) stop() {
	s.listener.Close()
	s.mu.Lock()
	s.closed = true
	for _, conn := range s.conns {
		conn.Close()
	}
	s.mu.Unlock()
	s.group.Wait()
}
