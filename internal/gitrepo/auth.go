package gitrepo

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
	gitssh "github.com/go-git/go-git/v5/plumbing/transport/ssh"
	"golang.org/x/crypto/ssh"
)

// Auth are the credentials for a remote. Those that don't fit its protocol are
// an error, not ignored.
type Auth struct {
	Username   string // default that of the URL, else "git"
	Password   string // of http, or of a login by ssh
	Token      string // instead of a password, for http
	Tokens     Tokens // instead of a token, where it doesn't last
	SSHKey     string // a private key in PEM, or the path of a file with one
	Passphrase string // of the private key
	KnownHosts string // lines of a known_hosts file, or the path of one; default the user's and the system's
}

// check refuses credentials that don't fit the protocol of the remote.
func (a Auth) check(protocol string) error {
	hasAny := a.Password != "" || a.Token != "" || a.SSHKey != "" || a.Tokens != nil
	switch {
	case a.Tokens != nil && (a.Password != "" || a.Token != "" || a.SSHKey != ""):
		return errors.New("what gives tokens needs no other credentials beside it: remove them")
	case a.Tokens != nil && !isHTTP(protocol):
		return fmt.Errorf("tokens are of no use for a %s url: give an https url", protocol)
	case isHTTP(protocol) && a.SSHKey != "":
		return errors.New("an ssh key is of no use for an http url: give a token or a password, or an ssh url")
	case isHTTP(protocol) && a.Token != "" && a.Password != "":
		return errors.New("give either a token or a password, not both")
	case protocol == "ssh" && a.Token != "":
		return errors.New("a token is of no use for an ssh url: give ssh_key, or an https url")
	case !isHTTP(protocol) && protocol != "ssh" && hasAny:
		return fmt.Errorf("a %s repository takes no credentials: remove the auth block", protocol)
	}
	return nil
}

func isHTTP(protocol string) bool { return protocol == "http" || protocol == "https" }

// secret is what http takes as the password: every forge takes a token there.
func (a Auth) secret() string { return a.Password + a.Token }

// http returns what go-git logs in with to a server of http.
func (a Auth) http() transport.AuthMethod {
	if a.secret() == "" {
		return nil
	}
	return &githttp.BasicAuth{Username: a.Username, Password: a.secret()}
}

func (a Auth) ssh(endpoint *transport.Endpoint, dir string) (transport.AuthMethod, error) {
	methods, err := a.sshMethods()
	if err != nil {
		return nil, err
	}
	hosts, err := newHostKeys(a.KnownHosts, dir)
	if err != nil {
		return nil, err
	}
	return &sshAuth{user: a.Username, methods: methods, hosts: hosts, address: sshAddress(endpoint)}, nil
}

func (a Auth) sshMethods() ([]ssh.AuthMethod, error) {
	if a.SSHKey != "" {
		key, err := a.privateKey()
		if err != nil {
			return nil, err
		}
		signer, err := ssh.NewSignerFromKey(key)
		if err != nil {
			return nil, fmt.Errorf("use the ssh key: %w", err)
		}
		return []ssh.AuthMethod{ssh.PublicKeys(signer)}, nil
	}
	if a.Password != "" {
		return []ssh.AuthMethod{ssh.Password(a.Password)}, nil
	}
	agent, err := gitssh.NewSSHAgentAuth(a.Username)
	if err != nil {
		return nil, fmt.Errorf("there are no credentials for ssh: set ssh_key or password, or start an ssh agent: %w", err)
	}
	return []ssh.AuthMethod{ssh.PublicKeysCallback(agent.Callback)}, nil
}

// privateKey returns the key as one of the types of the standard library.
func (a Auth) privateKey() (any, error) {
	pem := []byte(a.SSHKey)
	if !strings.Contains(a.SSHKey, "PRIVATE KEY") {
		var err error
		if pem, err = os.ReadFile(a.SSHKey); err != nil {
			return nil, fmt.Errorf("ssh_key is neither a private key nor a file that can be read: %w", withoutValue(err))
		}
	}
	// Where a secret store strips it, the last newline of a key is missing.
	pem = append(pem, '\n')
	var key any
	var err error
	if a.Passphrase != "" {
		key, err = ssh.ParseRawPrivateKeyWithPassphrase(pem, []byte(a.Passphrase))
	} else {
		key, err = ssh.ParseRawPrivateKey(pem)
	}
	if _, ok := errors.AsType[*ssh.PassphraseMissingError](err); ok {
		return nil, errors.New("the ssh key is encrypted: set passphrase")
	}
	if err != nil {
		return nil, fmt.Errorf("read the ssh key: %w", err)
	}
	return key, nil
}

// withoutValue drops the path from an error: it may be a mangled key.
func withoutValue(err error) error {
	if path, ok := errors.AsType[*os.PathError](err); ok {
		return path.Err
	}
	return err
}

// sshAuth logs in to one host whose key must be known.
type sshAuth struct {
	user    string
	methods []ssh.AuthMethod
	hosts   *hostKeys
	address string
}

var _ gitssh.AuthMethod = (*sshAuth)(nil)

// Name is what go-git calls the method.
func (a *sshAuth) Name() string { return "ssh" }

// String describes the method in logs.
func (a *sshAuth) String() string { return "ssh as " + a.user }

// ClientConfig is asked for at every connection, so that a host that is added
// to known_hosts is known at the next attempt.
func (a *sshAuth) ClientConfig() (*ssh.ClientConfig, error) {
	callback, algorithms, err := a.hosts.load(a.address)
	if err != nil {
		return nil, err
	}
	return &ssh.ClientConfig{
		User: a.user, Auth: a.methods,
		HostKeyCallback: callback, HostKeyAlgorithms: algorithms,
		Timeout: DefaultTimeout,
	}, nil
}

func sshAddress(endpoint *transport.Endpoint) string {
	port := endpoint.Port
	if port <= 0 {
		port = gitssh.DefaultPort
	}
	return net.JoinHostPort(endpoint.Host, strconv.Itoa(port))
}
