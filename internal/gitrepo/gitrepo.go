// Package gitrepo follows one reference of a remote git repository: it keeps a
// mirror of it under a directory and shows the files of a commit at a path that
// never changes.
//
//	repo, err := gitrepo.Open(dir, gitrepo.Options{URL: "https://example.com/infra.git"})
//	commit, changed, err := repo.Fetch(ctx)
//	path, err := repo.Checkout(ctx, commit.Hash)
//
// The mirror is disposable: what can't be read or brought up to date is cloned
// again beside it and swapped in. Several processes may have one directory
// open: they take turns.
package gitrepo

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/gitrepo/signature"
	"github.com/driftless-hq/driftless/internal/secret/redact"
)

// ErrBusy says that someone reads the checkout, so that it can't be moved to
// another commit for now, or that another process works on the mirror.
var ErrBusy = errors.New("it is in use")

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
	CABundle []byte // PEM certificates to trust for https, beside the system's
	Proxy    string // the url of a proxy; empty: what the environment says
	Depth    int    // how many commits the first clone takes; 0 is all

	// Command has the git command talk to the remote, in place of go-git. It
	// needs less memory, and knows protocols that go-git doesn't.
	Command bool
	// Submodules has the files of submodules checked out too.
	Submodules bool
	LFS        LFS
	// Verify refuses what nobody signed who is trusted; nil: anything is taken.
	Verify *Verification

	Timeout  time.Duration // of one Fetch
	MaxSize  int64         // bytes of the mirror on disk, and of the files of a commit
	MaxFiles int           // files of a commit
	Log      hclog.Logger
	Now      func() time.Time

	nesting int // how many repositories this one is a submodule within
}

// Ref names what to follow: at most one of the three is set, and none is the
// branch that the remote's HEAD points to.
type Ref struct {
	Branch string
	Tag    string // a name, or a constraint such as "~> 1.2": see [CheckTag]
	Commit string // all 40 digits
}

// Commit describes one commit.
type Commit struct {
	Hash    string
	Ref     string // the full name of the reference that was followed; empty for a pinned commit
	Author  string // "Name <email>"
	Message string
	Time    time.Time // when it was committed

	// Signer is who signed it, where that was verified. Unverified says why it
	// could not be, where it was taken all the same.
	Signer, Unverified string

	// LFS are paths of files of which only a pointer to a large file store is
	// there, and LeftOut of submodules that were not asked for: the first few.
	LFS, LeftOut []string
}

// Repo is an open mirror. Its methods may be called from several goroutines.
type Repo struct {
	dir    string
	opts   Options
	url    string // without a password
	remote driver
	hidden *redact.Redactor
	tokens *hiddenTokens   // nil: the credentials last
	keys   *signature.Keys // of those whose commits are taken; nil: anyone's

	// slot is held by whoever touches the mirror. It outlives a call whose
	// context ended while go-git was deaf to it, and so does the lock.
	slot chan struct{}

	mu      sync.Mutex
	last    state
	stats   Stats
	suspect bool // an object could not be read: don't trust the mirror
}

// Open prepares a mirror under dir, which it creates. Nothing is fetched yet.
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
	if v := r.opts.Verify; v != nil {
		var err error
		if r.keys, err = signature.New(v.Keyring, v.AllowedSigners, r.opts.Now); err != nil {
			return nil, err
		}
	}
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
	if o.LFS == "" {
		o.LFS = LFSWarn
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
	return CheckTag(ref.Tag)
}

// Last returns the commit that the latest successful Fetch found and when that
// was, also across restarts. It reports false where none ever succeeded for
// this URL and reference.
func (r *Repo) Last() (Commit, time.Time, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last.Commit, r.last.Contact, r.last.Commit.Hash != ""
}

// Close ends the use of the mirror, which stays for the next who opens it. It
// reports a fetch that goes on because the transport doesn't let go of it.
func (r *Repo) Close() error {
	select {
	case r.slot <- struct{}{}:
		<-r.slot
		return nil
	default:
		return fmt.Errorf("close the git mirror of %s: a fetch has not ended yet", r.url)
	}
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
		err := r.locked(ctx, f)
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

// locked runs f when no other process is at the mirror.
func (r *Repo) locked(ctx context.Context, f func() error) error {
	lock, err := awaitLock(ctx, r.lockPath(), exclusive)
	if errors.Is(err, ErrBusy) {
		return fmt.Errorf("the git mirror in %s is in use by another process, and did not become free in time: %w", r.dir, err)
	}
	if err != nil {
		return fmt.Errorf("lock the git mirror: %w", err)
	}
	defer lock.Close()
	return f()
}

func (r *Repo) lockPath() string { return filepath.Join(r.dir, "lock") }

func describe(c *object.Commit) Commit {
	return Commit{
		Hash:    c.Hash.String(),
		Author:  fmt.Sprintf("%s <%s>", c.Author.Name, c.Author.Email),
		Message: c.Message,
		Time:    c.Committer.When,
	}
}
