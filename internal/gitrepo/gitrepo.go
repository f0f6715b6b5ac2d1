// Package gitrepo follows one reference of a remote git repository: it keeps a
// mirror of it under a directory and shows the files of a commit at a path that
// never changes.
//
//	repo, err := gitrepo.Open(dir, gitrepo.Options{URL: "https://example.com/infra.git"})
//	commit, changed, err := repo.Fetch(ctx)
//	path, err := repo.Checkout(ctx, commit.Hash)
//
// The mirror is disposable: what can't be read or brought up to date is cloned
// again beside it and swapped in.
package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/go-git/go-git/v5/plumbing/transport"
	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// ErrBusy says that someone reads the checkout, so that it can't be moved to
// another commit for now.
var ErrBusy = errors.New("the checkout is in use")

// ErrCorrupt says that the mirror lost objects. The next Fetch clones it anew.
var ErrCorrupt = errors.New("the mirror is damaged")

// The limits of a repository where [Options] gives none.
const (
	DefaultTimeout  = 60 * time.Second
	DefaultMaxSize  = 2 << 30
	DefaultMaxFiles = 200_000
)

// Options says which repository to follow, and how.
type Options struct {
	URL      string // file, http, https, ssh, or the short form user@host:path
	Ref      Ref
	Auth     Auth
	CABundle []byte        // PEM certificates to trust for https, beside the system's
	Depth    int           // how many commits the first clone takes; 0 is all
	Timeout  time.Duration // of one Fetch
	MaxSize  int64         // bytes of the mirror on disk, and of the files of a commit
	MaxFiles int           // files of a commit
	Log      hclog.Logger
	Now      func() time.Time
}

// Ref names what to follow: at most one of the three is set, and none is the
// branch that the remote's HEAD points to.
type Ref struct {
	Branch, Tag string
	Commit      string // all 40 digits
}

// Commit describes one commit.
type Commit struct {
	Hash    string
	Author  string // "Name <email>"
	Message string
	Time    time.Time // when it was committed
}

// Repo is an open mirror. Its methods may be called from several goroutines.
type Repo struct {
	dir      string
	opts     Options
	url      string // without a password
	endpoint *transport.Endpoint
	auth     transport.AuthMethod
	hidden   *redact.Redactor
	lock     io.Closer

	// slot is held by whoever touches the mirror. It outlives a call whose
	// context ended while go-git was deaf to it.
	slot chan struct{}

	mu      sync.Mutex
	last    state
	suspect bool // an object could not be read: don't trust the mirror
}

// Open prepares a mirror under dir, which it creates. Nothing is fetched yet.
// It fails where another process has the same directory open.
func Open(dir string, opts Options) (*Repo, error) {
	r := &Repo{dir: dir, opts: withDefaults(opts), slot: make(chan struct{}, 1)}
	if err := checkRef(opts.Ref); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the directory of the git mirror: %w", err)
	}
	if err := r.setRemote(); err != nil {
		return nil, err
	}
	lock, err := lockFile(filepath.Join(dir, "lock"), exclusive)
	if errors.Is(err, ErrBusy) {
		return nil, fmt.Errorf("the git mirror in %s is in use by another process: end it, or give this one another data directory", dir)
	}
	if err != nil {
		return nil, fmt.Errorf("lock the git mirror: %w", err)
	}
	r.lock = lock
	r.last = r.loadState()
	return r, nil
}

func withDefaults(o Options) Options {
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	if o.MaxSize <= 0 {
		o.MaxSize = DefaultMaxSize
	}
	if o.MaxFiles <= 0 {
		o.MaxFiles = DefaultMaxFiles
	}
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func checkRef(ref Ref) error {
	given := 0
	for _, name := range []string{ref.Branch, ref.Tag, ref.Commit} {
		if name != "" {
			given++
		}
	}
	if given > 1 {
		return errors.New("only one of branch, tag and commit can be followed")
	}
	if ref.Commit != "" && !plumbing.IsHash(ref.Commit) {
		return fmt.Errorf("%q is not a commit: write all 40 digits of its hash", ref.Commit)
	}
	return nil
}

// Last returns the commit that the latest successful Fetch found and when that
// was, also across restarts. It reports false where none ever succeeded for
// this URL and reference.
func (r *Repo) Last() (Commit, time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last.Commit, r.last.Contact, r.last.Commit.Hash != ""
}

// Close gives the directory free for another process. The checkout stays.
// Closing twice is once.
func (r *Repo) Close() error {
	select {
	case r.slot <- struct{}{}:
		defer func() { <-r.slot }()
	default:
		// A fetch that the transport doesn't let go of still writes to the
		// mirror, so the lock stays with it until the process ends.
		return fmt.Errorf("close the git mirror of %s: a fetch has not ended yet", r.url)
	}
	if err := r.lock.Close(); err != nil && !errors.Is(err, os.ErrClosed) {
		return err
	}
	return nil
}

// do runs f, which owns the mirror meanwhile, and returns at the latest a
// moment after ctx ends, whatever f does.
func (r *Repo) do(ctx context.Context, f func() error) error {
	select {
	case r.slot <- struct{}{}:
	case <-ctx.Done():
		return fmt.Errorf("an earlier operation on the mirror has not ended: %w", context.Cause(ctx))
	}
	done := make(chan error, 1)
	go func() {
		err := f()
		<-r.slot
		done <- err
	}()
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
	}
	grace := time.NewTimer(time.Second)
	defer grace.Stop()
	select {
	case err := <-done:
		return err
	case <-grace.C:
		return context.Cause(ctx)
	}
}

func describe(c *object.Commit) Commit {
	return Commit{
		Hash:    c.Hash.String(),
		Author:  fmt.Sprintf("%s <%s>", c.Author.Name, c.Author.Email),
		Message: c.Message,
		Time:    c.Committer.When,
	}
}
