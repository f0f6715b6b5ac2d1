package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os/exec"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/go-git/go-git/v5/storage"
	"github.com/go-git/go-git/v5/storage/memory"
)

// library talks to the remote through go-git, within this process.
type library struct {
	connection
	url string
	ssh transport.AuthMethod // nil: it is another protocol
	ca  []byte
}

var _ driver = (*library)(nil)

func newLibraryDriver(r *Repo, c connection) (*library, error) {
	if err := c.auth.check(c.endpoint.Protocol); err != nil {
		return nil, err
	}
	l := &library{connection: c, url: r.url, ca: r.opts.CABundle}
	var err error
	if c.endpoint.Protocol == "ssh" {
		l.ssh, err = c.auth.ssh(c.endpoint, r.dir)
	}
	return l, err
}

// login returns what go-git logs in with.
func (l *library) login(ctx context.Context) (transport.AuthMethod, error) {
	if l.ssh != nil || !isHTTP(l.endpoint.Protocol) {
		return l.ssh, nil
	}
	auth, err := l.credentials(ctx)
	return auth.http(), err
}

// list implements [driver].
func (l *library) list(ctx context.Context, _ Ref) (references, error) {
	if err := l.reach(ctx); err != nil {
		return nil, err
	}
	auth, err := l.login(ctx)
	if err != nil {
		return nil, err
	}
	listed, err := l.open(memory.NewStorage()).ListContext(ctx, &git.ListOptions{
		Auth: auth, CABundle: l.ca, ProxyOptions: l.proxyOptions(), PeelingOption: git.AppendPeeled,
	})
	if err != nil {
		return nil, err
	}
	refs := make(references, len(listed))
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

// fetch implements [driver].
func (l *library) fetch(ctx context.Context, m *mirror, specs []config.RefSpec, depth int) error {
	if err := l.reach(ctx); err != nil {
		return err
	}
	auth, err := l.login(ctx)
	if err != nil {
		return err
	}
	err = l.open(m.Storer).FetchContext(ctx, &git.FetchOptions{
		RefSpecs: specs, Auth: auth, CABundle: l.ca, ProxyOptions: l.proxyOptions(),
		Depth: depth, Tags: git.NoTags, Force: true,
	})
	if errors.Is(err, git.NoErrAlreadyUpToDate) {
		return nil
	}
	return err
}

func (l *library) open(store storage.Storer) *git.Remote {
	return git.NewRemote(store, &config.RemoteConfig{Name: "origin", URLs: []string{l.url}})
}

func (l *library) proxyOptions() transport.ProxyOptions {
	if l.proxy == nil {
		return transport.ProxyOptions{}
	}
	return transport.ProxyOptions{URL: l.proxy.String()}
}

// reach checks what go-git would only report in a way that helps nobody.
func (l *library) reach(ctx context.Context) error {
	switch l.endpoint.Protocol {
	case "ssh":
		return l.probeSSH(ctx)
	case "file":
		if _, err := exec.LookPath("git"); err != nil {
			return fmt.Errorf("a repository on this machine is read with the git command, which is not there: install git, or use an http or ssh url: %w", err)
		}
	}
	return nil
}
