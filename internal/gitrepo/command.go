package gitrepo

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/driftless-hq/driftless/internal/process"
)

// maxListed bounds what the git command may say, such as a list of references.
const maxListed = 64 << 20

// command talks to the remote through the git command. It runs with none of
// the configuration of the host or its users, without hooks, and can't ask
// anybody anything. What it fetches is read by go-git as ever.
type command struct {
	connection
	url   string
	dir   string // of the mirror, where git runs
	hosts *hostKeys
	ca    string // a file; empty: those of the system
}

var _ driver = (*command)(nil)

func newCommandDriver(r *Repo, c connection) (*command, error) {
	if err := c.auth.check(c.endpoint.Protocol); err != nil {
		return nil, err
	}
	if strings.ContainsAny(c.auth.Username+c.auth.secret(), "\n\r\x00") {
		return nil, errors.New("a user name or password with a line break can't be given to git")
	}
	d := &command{connection: c, url: r.url, dir: r.dir}
	var err error
	if c.endpoint.Protocol == "ssh" {
		switch {
		case c.auth.Password != "":
			return nil, errors.New("the git command can't log in to ssh with a password: set ssh_key, or leave out driver")
		case c.proxy != nil:
			return nil, errors.New("the git command can't reach ssh through a proxy: leave out driver, or give an https url")
		}
		d.hosts, err = newHostKeys(c.auth.KnownHosts, r.dir)
	}
	if err == nil && len(r.opts.CABundle) > 0 {
		d.ca = filepath.Join(r.dir, "ca.pem")
		err = os.WriteFile(d.ca, r.opts.CABundle, 0o600)
	}
	return d, err
}

// list implements [driver]. It asks for no more than it has to: there are
// remotes with very many references.
func (d *command) list(ctx context.Context, want Ref) (references, error) {
	args := []string{"ls-remote", "--quiet", "--", d.url}
	switch {
	case want.Branch != "":
		args = append(args, "refs/heads/"+want.Branch)
	case isConstraint(want.Tag):
		args = append(args, "refs/tags/*")
	case want.Tag != "":
		args = append(args, "refs/tags/"+want.Tag, "refs/tags/"+want.Tag+peeled)
	default:
		args = append(args, "HEAD")
	}
	out, err := d.git(ctx, args)
	if err != nil {
		return nil, err
	}
	return parseReferences(out)
}

// parseReferences reads what ls-remote writes.
func parseReferences(text []byte) (references, error) {
	refs := references{}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		hash, name, ok := strings.Cut(lines.Text(), "\t")
		if !ok || !plumbing.IsHash(hash) {
			return nil, fmt.Errorf("git ls-remote wrote %q, which is no reference", lines.Text())
		}
		refs[plumbing.ReferenceName(name)] = plumbing.NewHash(hash)
	}
	return refs, lines.Err()
}

// fetch implements [driver].
func (d *command) fetch(ctx context.Context, m *mirror, specs []config.RefSpec, depth int) error {
	args := []string{"--git-dir=" + m.dir, "fetch", "--quiet", "--force", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head"}
	if depth > 0 {
		args = append(args, "--depth="+strconv.Itoa(depth))
	}
	args = append(args, "--", d.url)
	for _, spec := range specs {
		args = append(args, string(spec))
	}
	if _, err := d.git(ctx, args); err != nil {
		return err
	}
	return m.reopen() // what was open before doesn't know the new packs
}

// git runs the command. No secret is in its arguments: the key of ssh is in an
// agent within this process, and the password of http in the environment, which
// only this user and root can read.
func (d *command) git(ctx context.Context, args []string) ([]byte, error) {
	auth, err := d.credentials(ctx)
	if err != nil {
		return nil, err
	}
	now := *d
	now.auth = auth
	return now.run(ctx, args)
}

func (d *command) run(ctx context.Context, args []string) ([]byte, error) {
	env := d.environment()
	if d.endpoint.Protocol == "ssh" {
		socket, stop, err := d.auth.serveAgent()
		if err != nil {
			return nil, err
		}
		defer stop()
		env["SSH_AUTH_SOCK"], env["GIT_SSH_COMMAND"] = socket, d.sshCommand()
	}
	result, err := process.Run(ctx, process.Spec{
		Args: slices.Concat([]string{"git"}, d.settings(), args),
		Dir:  d.dir, Env: process.Environment(nil, env), MaxOutput: maxListed,
	})
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return nil, fmt.Errorf("the git command is not there: install git, or leave out driver: %w", err)
	case err != nil:
		return nil, err
	case result.Err() != nil:
		return nil, commandError(result.Err())
	case result.Truncated:
		return nil, fmt.Errorf("git wrote more than %d bytes: follow a branch or a tag by its name", maxListed)
	}
	return result.Stdout, nil
}

// commandError finds out which of the known errors git means. Its messages are
// those of the C locale.
func commandError(err error) error {
	text := err.Error()
	for _, known := range []struct {
		message string
		means   error
	}{
		{"terminal prompts disabled", transport.ErrAuthenticationRequired},
		{"Authentication failed", transport.ErrAuthorizationFailed},
		{"HTTP 403", transport.ErrAuthorizationFailed},
		{"error: 403", transport.ErrAuthorizationFailed},
		{"' not found", transport.ErrRepositoryNotFound},
		{"Repository not found", transport.ErrRepositoryNotFound},
		{"does not appear to be a git repository", transport.ErrRepositoryNotFound},
	} {
		if strings.Contains(text, known.message) {
			return fmt.Errorf("%w: %w", known.means, err)
		}
	}
	return err
}

// settings are given as arguments, which count for more than any file.
func (d *command) settings() []string {
	values := []string{
		"protocol.allow=never",
		"protocol." + d.endpoint.Protocol + ".allow=always",
		"core.hooksPath=/dev/null",
		"core.fsmonitor=false",
		"core.askPass=",
		"credential.helper=",
		"http.followRedirects=false", // a token must not follow one
		"submodule.recurse=false",
		"transfer.fsckObjects=true",
		"fetch.unpackLimit=1", // each fetch is a pack, by which they are counted
		"gc.auto=0",
		"maintenance.auto=false",
	}
	if isHTTP(d.endpoint.Protocol) && d.auth.secret() != "" {
		values = append(values, "credential."+d.origin()+".helper="+credentialHelper)
	}
	if d.ca != "" {
		values = append(values, "http.sslCAInfo="+d.ca)
	}
	args := make([]string, 0, 2*len(values))
	for _, value := range values {
		args = append(args, "-c", value)
	}
	return args
}

// credentialHelper answers git with what is in the environment. printf is a
// command of the shell itself, so that no process has the values as arguments.
const credentialHelper = `!f() { test "$1" = get && printf 'username=%s\npassword=%s\n' "$DRIFTLESS_GIT_USERNAME" "$DRIFTLESS_GIT_PASSWORD"; }; f`

// origin is the server that the credentials are for. Git asks a helper that is
// set for an origin about no other.
func (d *command) origin() string {
	host := d.endpoint.Host
	if strings.Contains(host, ":") {
		host = "[" + strings.Trim(host, "[]") + "]"
	}
	if d.endpoint.Port > 0 {
		host = net.JoinHostPort(strings.Trim(host, "[]"), strconv.Itoa(d.endpoint.Port))
	}
	return d.endpoint.Protocol + "://" + host
}

func (d *command) environment() map[string]string {
	env := map[string]string{
		"HOME": d.dir, "LC_ALL": "C",
		"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CEILING_DIRECTORIES": filepath.Dir(d.dir),
		"GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "", "SSH_ASKPASS_REQUIRE": "never",
		"GIT_PROTOCOL_FROM_USER": "0", "GIT_LFS_SKIP_SMUDGE": "1", "GIT_OPTIONAL_LOCKS": "0",
	}
	for _, name := range []string{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			env[name] = value
		}
	}
	if isHTTP(d.endpoint.Protocol) && d.auth.secret() != "" {
		env["DRIFTLESS_GIT_USERNAME"], env["DRIFTLESS_GIT_PASSWORD"] = d.auth.Username, d.auth.secret()
	}
	if d.proxy != nil {
		// Its url can hold a password, so it is not among the arguments.
		env["GIT_CONFIG_COUNT"], env["GIT_CONFIG_KEY_0"], env["GIT_CONFIG_VALUE_0"] = "1", "http.proxy", d.proxy.String()
	}
	return env
}
