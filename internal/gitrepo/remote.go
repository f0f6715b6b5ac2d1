package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"os/exec"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage/memory"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// setRemote splits the URL from the credentials in it and makes the
// authentication, so that no password is ever written to the mirror.
func (r *Repo) setRemote() error {
	auth := r.opts.Auth
	clean, user, password := splitUserinfo(r.opts.URL)
	r.hidden = redact.New(password, auth.Password, auth.Token, auth.Passphrase)
	endpoint, err := transport.NewEndpoint(clean)
	if err != nil {
		return r.hidden.Error(fmt.Errorf("%q is not the url of a git repository: %w", clean, err))
	}
	if auth.Username == "" {
		auth.Username = user
	}
	if auth.Username == "" {
		auth.Username = endpoint.User
	}
	if auth.Password == "" && auth.Token == "" {
		auth.Password = password
	}
	r.url, r.endpoint = clean, endpoint
	r.auth, err = auth.method(endpoint, r.dir)
	return r.hidden.Error(err)
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
	hash  plumbing.Hash
	specs []config.RefSpec // what must be fetched to get at it
}

// resolve asks the remote where the reference is. A pinned commit never moves,
// so nobody is asked about it.
func (r *Repo) resolve(ctx context.Context) (target, error) {
	ref := r.opts.Ref
	if ref.Commit != "" {
		return target{plumbing.NewHash(ref.Commit), []config.RefSpec{
			"+refs/heads/*:refs/heads/*", "+refs/tags/*:refs/tags/*",
		}}, nil
	}
	refs, err := r.list(ctx)
	if err != nil {
		return target{}, r.explain(err)
	}
	switch {
	case ref.Branch != "":
		name := plumbing.NewBranchReferenceName(ref.Branch)
		if hash, ok := refs[name]; ok {
			return newTarget(name, hash), nil
		}
		return target{}, fmt.Errorf("%s has no branch %q", r.url, ref.Branch)
	case ref.Tag != "":
		name := plumbing.NewTagReferenceName(ref.Tag)
		// An annotated tag is an object of its own; its commit is listed
		// under the peeled name.
		if hash, ok := refs[name+"^{}"]; ok {
			return newTarget(name, hash), nil
		}
		if hash, ok := refs[name]; ok {
			return newTarget(name, hash), nil
		}
		return target{}, fmt.Errorf("%s has no tag %q", r.url, ref.Tag)
	}
	if hash, ok := refs[plumbing.HEAD]; ok {
		return newTarget(plumbing.HEAD, hash), nil
	}
	return target{}, fmt.Errorf("the HEAD of %s points to a branch that doesn't exist: set branch", r.url)
}

func newTarget(name plumbing.ReferenceName, hash plumbing.Hash) target {
	local := name
	if name == plumbing.HEAD {
		local = "refs/driftless/head"
	}
	return target{hash, []config.RefSpec{config.RefSpec(fmt.Sprintf("+%s:%s", name, local))}}
}

// list returns the references of the remote, symbolic ones resolved.
func (r *Repo) list(ctx context.Context) (map[plumbing.ReferenceName]plumbing.Hash, error) {
	if err := r.reach(ctx); err != nil {
		return nil, err
	}
	remote := git.NewRemote(memory.NewStorage(), &config.RemoteConfig{Name: "origin", URLs: []string{r.url}})
	listed, err := remote.ListContext(ctx, &git.ListOptions{
		Auth: r.auth, CABundle: r.opts.CABundle, PeelingOption: git.AppendPeeled,
	})
	if err != nil {
		return nil, err
	}
	refs := make(map[plumbing.ReferenceName]plumbing.Hash, len(listed))
	for _, ref := range listed {
		if ref.Type() == plumbing.HashReference {
			refs[ref.Name()] = ref.Hash()
		}
	}
	for _, ref := range listed {
		if hash, ok := refs[ref.Target()]; ok && ref.Type() == plumbing.SymbolicReference {
			refs[ref.Name()] = hash
		}
	}
	return refs, nil
}

// reach checks what go-git would only report in a way that helps nobody.
func (r *Repo) reach(ctx context.Context) error {
	switch r.endpoint.Protocol {
	case "ssh":
		return probeSSH(ctx, r.endpoint)
	case "file":
		if _, err := exec.LookPath("git"); err != nil {
			return fmt.Errorf("a repository on this machine is read with the git command, which is not there: install git, or use an http or ssh url: %w", err)
		}
	}
	return nil
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
