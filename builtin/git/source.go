package git

import (
	"context"
	"errors"
	"os"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/gitrepo/githubapp"
	"github.com/driftless-hq/driftless/plugin"
)

// source reads one reference of one repository.
type source struct {
	cfg  cty.Value
	repo *gitrepo.Repo
	poll time.Duration
	log  hclog.Logger
	now  func() time.Time

	// turn is held by whoever reads. Those that wait for it get what it found.
	turn   chan struct{}
	asked  time.Time // when the remote was last asked; guarded by turn
	answer answer    // guarded by turn
	newer  string    // what the checkout could not be moved to, empty where it is at the newest; guarded by turn
}

// answer is the outcome of asking the remote once.
type answer struct {
	value cty.Value
	diags plugin.Diagnostics
}

var (
	_ plugin.Data   = (*source)(nil)
	_ plugin.Lagger = (*source)(nil)
)

func openSource(c config, req plugin.OpenRequest, apps *githubapp.Apps) (plugin.Instance, plugin.Diagnostics) {
	dir := req.Env.Dir
	err := plugin.MarkCache(dir)
	if err != nil {
		return nil, plugin.Error(nil, "Cannot keep the repository", "The directory for the mirror could not be made: %s.", err)
	}
	opts := gitrepo.Options{
		URL:        c.URL,
		Ref:        gitrepo.Ref{Branch: c.Branch, Tag: c.Tag, Commit: c.Commit},
		Proxy:      c.Proxy,
		Depth:      c.Depth,
		Command:    c.Driver == driverCommand,
		Submodules: c.Submodules,
		LFS:        gitrepo.LFS(c.LFS),
		Verify:     c.Verify.options(),
		Timeout:    c.Timeout,
		MaxSize:    int64(c.MaxSize),
		MaxFiles:   c.MaxFiles,
		Log:        req.Env.Log,
		Now:        req.Env.Now,
	}
	if c.CAFile != "" {
		if opts.CABundle, err = os.ReadFile(c.CAFile); err != nil {
			return nil, plugin.Error(plugin.Attr("ca_file"), "Cannot read the certificates", "The file with the certificates to trust could not be read: %s.", err)
		}
	}
	if opts.Auth, err = c.Auth.options(opts, apps); err != nil {
		return nil, plugin.Error(plugin.Attr("auth").GetAttr("github_app"), "Invalid GitHub App", "The app can't be used: %s.", err)
	}
	repo, err := gitrepo.Open(dir, opts)
	if err != nil {
		return nil, plugin.Error(nil, "Cannot open the repository", "%s.", err)
	}
	return &source{
		cfg: req.Config, repo: repo, poll: c.PollInterval,
		log: req.Env.Log, now: req.Env.Now, turn: make(chan struct{}, 1),
	}, nil
}

// Read asks the remote at most once per poll_interval, however many ask. Where
// the remote has no answer it returns the last good commit and a warning.
func (s *source) Read(ctx context.Context) (cty.Value, plugin.Diagnostics) {
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return cty.NilVal, plugin.Error(nil, "Interrupted", "The repository was not read: %s.", context.Cause(ctx))
	}
	if s.fresh() {
		return s.answer.value, s.answer.diags
	}
	asked := s.now()
	value, diags := s.read(ctx)
	if !diags.HasErrors() {
		s.asked, s.answer = asked, answer{value, diags}
	}
	return value, diags
}

// fresh leaves a tenth of the interval, so that a poll that comes a little
// early is still one.
func (s *source) fresh() bool {
	return !s.asked.IsZero() && s.now().Sub(s.asked) < s.poll*9/10
}

func (s *source) read(ctx context.Context) (cty.Value, plugin.Diagnostics) {
	commit, path, err := s.fetch(ctx)
	if err == nil {
		return s.value(commit, path), append(incomplete(commit), s.inUse(commit)...)
	}
	last, since, ok := s.repo.Last()
	if !ok || ctx.Err() != nil {
		return cty.NilVal, plugin.Error(plugin.Attr("url"), "Cannot read the repository", "%s.", err)
	}
	shown, path, again := s.checkout(ctx, last)
	if again != nil {
		return cty.NilVal, plugin.Error(plugin.Attr("url"), "Cannot read the repository", "%s. The last good commit can't be used either: %s.", err, again)
	}
	s.log.Warn("the repository is stale", "since", since, "error", err)
	return s.value(shown, path), plugin.Warning(plugin.Attr("url"), "Stale repository",
		"The commit %s is used as it was found at %s, because nothing newer could be had since: %s.",
		short(shown.Hash), since.UTC().Format(time.RFC3339), err)
}

// fetch gets the newest commit. A mirror that turns out to be damaged while its
// files are read is made anew, once.
func (s *source) fetch(ctx context.Context) (gitrepo.Commit, string, error) {
	for attempt := 1; ; attempt++ {
		commit, changed, err := s.repo.Fetch(ctx)
		if err != nil {
			return gitrepo.Commit{}, "", err
		}
		if changed {
			s.log.Info("the repository moved", "commit", short(commit.Hash), "ref", commit.Ref, "author", commit.Author)
			for _, d := range incomplete(commit) {
				s.log.Warn(d.Summary, "detail", d.Detail)
			}
		}
		shown, path, err := s.checkout(ctx, commit)
		if errors.Is(err, gitrepo.ErrCorrupt) && attempt == 1 {
			continue
		}
		return shown, path, err
	}
}

// checkout shows a commit and returns it. While someone reads the checkout it
// stays where it is, and that commit is returned; the next read tries again.
func (s *source) checkout(ctx context.Context, commit gitrepo.Commit) (gitrepo.Commit, string, error) {
	path, err := s.repo.Checkout(ctx, commit.Hash)
	s.newer = ""
	if err == nil {
		return commit, path, nil
	}
	shown, ok := s.repo.Shown()
	if !errors.Is(err, gitrepo.ErrBusy) || !ok {
		return gitrepo.Commit{}, "", err
	}
	s.log.Info("the checkout stays where it is while it is in use", "commit", short(shown.Hash), "newest", short(commit.Hash))
	s.newer = commit.Hash
	return shown, path, nil
}

// Lags implements [plugin.Lagger].
func (s *source) Lags() bool {
	s.turn <- struct{}{}
	defer func() { <-s.turn }()
	return s.newer != ""
}

// inUse warns that the commit which is shown isn't the newest.
func (s *source) inUse(shown gitrepo.Commit) plugin.Diagnostics {
	if s.newer == "" {
		return nil
	}
	return plugin.Warning(nil, "Checkout in use",
		"The commit %s is used although %s is newer, because another run is reading its files. Run it again when that has ended.", short(shown.Hash), short(s.newer))
}

// incomplete warns of what is not there of a commit.
func incomplete(c gitrepo.Commit) (diags plugin.Diagnostics) {
	if len(c.LeftOut) > 0 {
		diags = append(diags, plugin.Warning(plugin.Attr("submodules"), "Submodules left out",
			"The files of the submodules are not there, as in %s. Set submodules to true to have them.", strings.Join(c.LeftOut, ", "))...)
	}
	if len(c.LFS) > 0 {
		diags = append(diags, plugin.Warning(plugin.Attr("lfs"), "Files in a large file store",
			"The content of some files is in a large file store (Git LFS), which is not read; in their place is a pointer, as in %s. Keep what is needed in git itself, or set lfs to \"ignore\".", strings.Join(c.LFS, ", "))...)
	}
	if c.Unverified != "" {
		diags = append(diags, plugin.Warning(plugin.Attr("verify_signature"), "Commit not verified",
			"The commit %s is used although it can't be told that someone made it who is trusted: %s.", c.Hash, c.Unverified)...)
	}
	return diags
}

// value is the configuration with what was found.
func (s *source) value(c gitrepo.Commit, path string) cty.Value {
	attrs := s.cfg.AsValueMap()
	attrs["path"] = cty.StringVal(path)
	attrs["commit"] = cty.StringVal(c.Hash)
	attrs["ref"] = cty.StringVal(c.Ref)
	attrs["author"] = cty.StringVal(c.Author)
	attrs["message"] = cty.StringVal(c.Message)
	attrs["signer"] = cty.StringVal(c.Signer)
	attrs["time"] = cty.StringVal(c.Time.UTC().Format(time.RFC3339))
	return cty.ObjectVal(attrs)
}

func (s *source) Close(context.Context) error { return s.repo.Close() }

func short(hash string) string { return hash[:min(len(hash), 12)] }
