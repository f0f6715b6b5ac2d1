package gitrepo

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"

	"github.com/skeema/knownhosts"
	"golang.org/x/crypto/ssh"
	"golang.org/x/net/proxy"
)

// hostKeys are the known_hosts files by which a server is recognised.
type hostKeys struct{ files []string }

// newHostKeys takes lines, or the path of a file; of neither it takes the files
// that ssh itself reads. Lines are written to a file in dir: they are public.
func newHostKeys(given, dir string) (*hostKeys, error) {
	given = strings.TrimSpace(given)
	if given == "" {
		return &hostKeys{defaultKnownHosts()}, nil
	}
	if !strings.ContainsAny(given, " \t\n") {
		return &hostKeys{[]string{given}}, nil
	}
	file := filepath.Join(dir, "known_hosts")
	if err := os.WriteFile(file, []byte(given+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("write known_hosts: %w", err)
	}
	return &hostKeys{[]string{file}}, nil
}

func defaultKnownHosts() []string {
	candidates := []string{"/etc/ssh/ssh_known_hosts"}
	if home, err := os.UserHomeDir(); err == nil {
		candidates = append(candidates, filepath.Join(home, ".ssh", "known_hosts"))
	}
	var files []string
	for _, file := range candidates {
		if _, err := os.Stat(file); err == nil {
			files = append(files, file)
		}
	}
	return files
}

// load returns the check of a host key, and the algorithms to offer so that
// the server shows a key of a type that is known.
func (h *hostKeys) load(address string) (ssh.HostKeyCallback, []string, error) {
	db, err := knownhosts.NewDB(h.files...)
	if err != nil {
		return nil, nil, fmt.Errorf("read known_hosts: %w", err)
	}
	check := db.HostKeyCallback()
	return func(host string, remote net.Addr, key ssh.PublicKey) error {
		err := check(host, remote, key)
		switch {
		case knownhosts.IsHostKeyChanged(err):
			return fmt.Errorf("the key of %s is not the one in known_hosts: someone may be in between, or the server has a new key; it shows %s %s",
				host, key.Type(), ssh.FingerprintSHA256(key))
		case knownhosts.IsHostUnknown(err):
			return fmt.Errorf("the key of %s is not known: it shows %s %s; compare it with what the server's owner publishes, then add this line to known_hosts: %s",
				host, key.Type(), ssh.FingerprintSHA256(key), knownhosts.Line([]string{host}, key))
		}
		return err
	}, db.HostKeyAlgorithms(address), nil
}

// probeSSH waits until the server greets. The ssh client has no way to be
// interrupted while it waits for that, this connection has.
func (c connection) probeSSH(ctx context.Context) error {
	conn, err := c.dial(ctx, sshAddress(c.endpoint))
	if err != nil {
		return err
	}
	defer conn.Close()
	stop := context.AfterFunc(ctx, func() { conn.Close() })
	defer stop()
	// A server may say other things before the line with its version.
	lines := bufio.NewScanner(conn)
	for range 50 {
		if !lines.Scan() {
			break
		}
		if strings.HasPrefix(lines.Text(), "SSH-") {
			return nil
		}
	}
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return errors.Join(errors.New("the server does not speak ssh"), lines.Err())
}

// dial connects through the proxy, or as the environment says.
func (c connection) dial(ctx context.Context, address string) (net.Conn, error) {
	if c.proxy == nil {
		return proxy.Dial(ctx, "tcp", address)
	}
	dialer, err := proxy.FromURL(c.proxy, proxy.Direct)
	if err != nil {
		return nil, err
	}
	// The dialers of the package all know contexts; the interface is older.
	if d, ok := dialer.(proxy.ContextDialer); ok {
		return d.DialContext(ctx, "tcp", address)
	}
	return nil, fmt.Errorf("a proxy of the kind %q can't be interrupted", c.proxy.Scheme)
}
