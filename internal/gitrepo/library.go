package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os/exec"
	"strings"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/config"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/transport"
	githttp "github.com/go-git/go-git/v5/plumbing/transport/http"
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
	return forCommand(err)
}

// forCommand names the way out where a server doesn't take what go-git asks for.
// Some, Azure DevOps among them, take no client without multi_ack.
func forCommand(err error) error {
	if unexpected, ok := errors.AsType[*plumbing.UnexpectedError](err); ok {
		if answer, ok := unexpected.Err.(*githttp.Err); ok && answer.StatusCode() == http.StatusBadRequest {
			return fmt.Errorf("the server does not take what go-git asks for, as those that insist on multi_ack: set driver = \"exec\" (it said %q): %w", excerpt(answer.Reason), err)
		}
	}
	return err
}

// excerpt is the beginning of what a server says.
func excerpt(text string) string {
	text = strings.ToValidUTF8(strings.TrimSpace(text), "?")
	return text[:min(len(text), maxExcerpt)]
}

const maxExcerpt = 200

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
