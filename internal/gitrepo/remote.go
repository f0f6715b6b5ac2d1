package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"unicode"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// driver talks to a remote.
type driver interface {
	// list returns the references of the remote that can be the wanted one,
	// symbolic ones resolved.
	list(ctx context.Context, want Ref) (references, error)
	// fetch gets what specs name into the mirror. A depth of 0 is what the
	// mirror has already, or all.
	fetch(ctx context.Context, m *mirror, specs []config.RefSpec, depth int) error
}

// mirror is a bare repository in a directory.
type mirror struct {
	*git.Repository
	dir string
}

func openMirrorAt(dir string) (*mirror, error) {
	m := &mirror{dir: dir}
	return m, m.reopen()
}

// reopen reads the mirror anew.
func (m *mirror) reopen() (err error) {
	m.Repository, err = git.Open(openStorage(m.dir), nil)
	return err
}

// references are those of a remote. An annotated tag is an object of its own;
// its commit has the tag's name with the ending [peeled].
type references map[plumbing.ReferenceName]plumbing.Hash

const peeled = "^{}"

// setRemote splits the URL from the credentials in it and makes the
// authentication, so that no password is ever written to the mirror.
func (r *Repo) setRemote() error {
	auth := r.opts.Auth
	clean, user, password := splitUserinfo(r.opts.URL)
	r.hidden = redact.New(password, auth.Password, auth.Token, auth.Passphrase)
	endpoint, err := parseURL(clean)
	if err != nil {
		return r.hidden.Error(err)
	}
	if auth.Username == "" {
		auth.Username = user
	}
	if auth.Username == "" {
		auth.Username = endpoint.User
	}
	if auth.Username == "" {
		auth.Username = "git"
	}
	if auth.Password == "" && auth.Token == "" {
		auth.Password = password
	}
	proxy, err := r.parseProxy(endpoint)
	if err != nil {
		return err
	}
	if auth.Tokens != nil {
		r.tokens = &hiddenTokens{Tokens: auth.Tokens, hidden: r.hidden}
		auth.Tokens = r.tokens
	}
	r.url, r.opts.Auth = clean, auth
	r.remote, err = r.newDriver(connection{endpoint, auth, proxy})
	return r.hidden.Error(err)
}

// helperPrefix begins a url for which git would run a program of its name.
var helperPrefix = regexp.MustCompile(`^[A-Za-z0-9+.-]+::`)

// parseURL refuses what isn't the url of a repository, or is more than that to
// git or ssh: the name of a program, or an option.
func parseURL(address string) (*transport.Endpoint, error) {
	isPrint := !strings.ContainsFunc(address, unicode.IsControl)
	endpoint, err := transport.NewEndpoint(address)
	if err != nil || !isPrint || helperPrefix.MatchString(address) || strings.HasPrefix(endpoint.Host, "-") || strings.HasPrefix(address, "-") {
		return nil, fmt.Errorf("%q is not the url of a git repository: write it as in \"https://example.com/acme/infra.git\"", address)
	}
	if endpoint.Protocol == "file" && !strings.Contains(address, "://") && !filepath.IsAbs(address) {
		return nil, fmt.Errorf("%q doesn't say how to reach the repository: write it as in \"https://example.com/acme/infra.git\", or as an absolute path", address)
	}
	return endpoint, nil
}

// connection is how a remote is reached.
type connection struct {
	endpoint *transport.Endpoint
	auth     Auth     // with a user name
	proxy    *url.URL // nil: what the environment says
}

func (r *Repo) newDriver(c connection) (driver, error) {
	if r.opts.Command {
		return newCommandDriver(r, c)
	}
	return newLibraryDriver(r, c)
}

// parseProxy checks the proxy and hides its password.
func (r *Repo) parseProxy(endpoint *transport.Endpoint) (*url.URL, error) {
	if r.opts.Proxy == "" {
		return nil, nil
	}
	proxy, err := url.Parse(r.opts.Proxy)
	if err != nil || proxy.Host == "" {
		return nil, errors.New("the proxy is not a url: write it as in \"http://proxy.example.com:3128\"")
	}
	if password, ok := proxy.User.Password(); ok {
		r.hidden.Add(password)
	}
	isSocks := proxy.Scheme == "socks5" || proxy.Scheme == "socks5h"
	switch {
	case endpoint.Protocol == "ssh" && !isSocks:
		return nil, fmt.Errorf("a proxy of the kind %q can't carry ssh: give one of the kind socks5, or an https url of the repository", proxy.Scheme)
	case endpoint.Protocol == "file":
		return nil, errors.New("a file repository needs no proxy: remove proxy")
	case !isSocks && proxy.Scheme != "http" && proxy.Scheme != "https":
		return nil, fmt.Errorf("a proxy of the kind %q is not known: give one of the kind http, https or socks5", proxy.Scheme)
	}
	return proxy, nil
}

// splitUserinfo returns a URL without user and password where it has both, and
// the two. The short form of ssh is not a URL and holds no password.
func splitUserinfo(raw string) (clean, user, password string) {
	u, err := url.Parse(raw)
	if err != nil || u.Scheme == "" || u.User == nil {
		return raw, "", ""
	}
	user = u.User.Username()
	password, _ = u.User.Password()
	u.User = nil
	return u.String(), user, password
}

// target is what the remote says about the reference that is followed.
type target struct {
	ref  plumbing.ReferenceName // empty for a pinned commit
	hash plumbing.Hash
	tag  plumbing.Hash // of the annotated tag; none where it is anything else
	ways []way         // to get at it, the cheapest first
}

// way is one way to ask for a commit.
type way struct {
	specs []config.RefSpec
	whole bool // with all commits before it, also in a first clone with a depth
}

// resolve asks the remote where the reference is. A pinned commit never moves,
// so nobody is asked about it.
func (r *Repo) resolve(ctx context.Context) (target, error) {
	ref := r.opts.Ref
	if ref.Commit != "" {
		return pinned(ref.Commit), nil
	}
	refs, err := r.remote.list(ctx, ref)
	if err != nil {
		return target{}, r.explain(err)
	}
	switch {
	case ref.Branch != "":
		return refs.target(plumbing.NewBranchReferenceName(ref.Branch), fmt.Errorf("%s has no branch %q", r.url, ref.Branch))
	case isConstraint(ref.Tag):
		name, ok := newestTag(refs, ref.Tag)
		if !ok {
			return target{}, fmt.Errorf("%s has no tag with a version that %q allows", r.url, ref.Tag)
		}
		return refs.target(name, nil)
	case ref.Tag != "":
		return refs.target(plumbing.NewTagReferenceName(ref.Tag), fmt.Errorf("%s has no tag %q", r.url, ref.Tag))
	}
	return refs.target(plumbing.HEAD, fmt.Errorf("the HEAD of %s points to a branch that doesn't exist: set branch", r.url))
}

// pinned asks for the commit alone, which not every server allows, and then
// for all that can hold it.
func pinned(commit string) target {
	return target{hash: plumbing.NewHash(commit), ways: []way{
		{specs: []config.RefSpec{config.RefSpec("+" + commit + ":refs/driftless/pinned")}},
		{specs: []config.RefSpec{"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*"}, whole: true},
	}}
}

// target returns what a name stands for, or missing where there is no such name.
func (refs references) target(name plumbing.ReferenceName, missing error) (target, error) {
	hash, ok := refs[name]
	if !ok {
		return target{}, missing
	}
	var tag plumbing.Hash
	if commit, annotated := refs[name+peeled]; annotated {
		tag, hash = hash, commit
	}
	local := name
	if name == plumbing.HEAD {
		local = "refs/driftless/head"
	}
	return target{name, hash, tag, []way{{specs: []config.RefSpec{config.RefSpec(fmt.Sprintf("+%s:%s", name, local))}}}}, nil
}

// explain says in words what an error of the transport means.
func (r *Repo) explain(err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Errorf("%s did not answer within %s: %w", r.url, r.opts.Timeout, err)
	case errors.Is(err, transport.ErrAuthenticationRequired):
		return fmt.Errorf("%s asks for credentials: set them in the auth block: %w", r.url, err)
	case errors.Is(err, transport.ErrAuthorizationFailed):
		return fmt.Errorf("%s refuses the credentials: check those of the auth block: %w", r.url, err)
	case errors.Is(err, transport.ErrRepositoryNotFound):
		return fmt.Errorf("%s is not there, or not for these credentials: %w", r.url, err)
	case errors.Is(err, transport.ErrEmptyRemoteRepository):
		return fmt.Errorf("%s has no commits yet: %w", r.url, err)
	}
	return fmt.Errorf("read %s: %w", r.url, err)
}
