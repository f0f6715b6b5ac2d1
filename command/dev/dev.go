// Package dev makes the demonstration that agent -dev runs: a configuration
// with all five kinds of blocks over a git repository, two Terraform stacks
// and a few files, all of it in a temporary directory.
package dev

import (
	"context"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/go-git/go-git/v5"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/object"
)

//go:embed demo
var demo embed.FS

// Demo is a demonstration that is ready to be run.
type Demo struct {
	Config  string // the configuration file
	DataDir string
	dir     string
	listen  string
	notes   []string // for the welcome
}

// New makes the directory and all that is in it.
func New(ctx context.Context) (*Demo, error) {
	listen, err := address()
	if err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "driftless-dev-")
	if err != nil {
		return nil, fmt.Errorf("make the demonstration: %w", err)
	}
	d := &Demo{
		Config:  filepath.Join(dir, "config", "main.hcl"),
		DataDir: filepath.Join(dir, "data"),
		dir:     dir,
		listen:  listen,
	}
	if err := d.build(ctx); err != nil {
		return nil, errors.Join(fmt.Errorf("make the demonstration: %w", err), d.Close())
	}
	return d, nil
}

// Close removes the directory.
func (d *Demo) Close() error { return os.RemoveAll(d.dir) }

func (d *Demo) build(ctx context.Context) error {
	if err := d.unpack("demo/config", filepath.Join(d.dir, "config")); err != nil {
		return err
	}
	repository := filepath.Join(d.dir, "infra")
	if err := d.unpack("demo/infra", repository); err != nil {
		return err
	}
	if err := commit(repository, "Two stacks"); err != nil {
		return err
	}
	if err := d.settle(ctx, repository); err != nil {
		return err
	}
	if err := d.moveOn(repository); err != nil {
		return err
	}
	return d.drift()
}

// unpack copies embedded files, with @DIR@ in them made the directory of the
// demonstration, and @LISTEN@ its address.
func (d *Demo) unpack(from, to string) error {
	fill := strings.NewReplacer("@DIR@", d.dir, "@LISTEN@", d.listen)
	return fs.WalkDir(demo, from, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		relative, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		target := filepath.Join(to, strings.TrimSuffix(relative, ".txt"))
		if entry.IsDir() {
			return os.MkdirAll(target, 0o755)
		}
		content, err := demo.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(target, []byte(fill.Replace(string(content))), 0o644)
	})
}

// commit makes everything in a directory a commit of its repository, which is
// made where there is none. Its branch is main.
func commit(dir, message string) error {
	r, err := git.PlainOpen(dir)
	if errors.Is(err, git.ErrRepositoryNotExists) {
		r, err = git.PlainInitWithOptions(dir, &git.PlainInitOptions{InitOptions: git.InitOptions{DefaultBranch: plumbing.Main}})
	}
	if err != nil {
		return fmt.Errorf("open the repository: %w", err)
	}
	tree, err := r.Worktree()
	if err != nil {
		return err
	}
	if err := tree.AddGlob("."); err != nil {
		return err
	}
	author := &object.Signature{Name: "driftless", Email: "demo@localhost", When: time.Now()}
	_, err = tree.Commit(message, &git.CommitOptions{Author: author})
	return err
}

// settle applies the stacks once, as somebody did before the demonstration
// begins. It does without the tools that are missing, and notes what the
// demonstration then can't show.
func (d *Demo) settle(ctx context.Context, repository string) error {
	if _, err := exec.LookPath("git"); err != nil {
		d.notes = append(d.notes, "git is not in PATH: a repository on this machine can't be read without it, so the source git",
			"and the task terraform fail, and say so. An http or ssh url needs no git.")
	}
	binary := find("terraform", "tofu")
	if binary == "" {
		d.notes = append(d.notes, "There is neither terraform nor tofu in PATH: the task terraform fails, and says so.")
		return nil
	}
	for _, stack := range []string{"network", "database"} {
		if err := d.applyStack(ctx, binary, filepath.Join(repository, stack)); err != nil {
			return err
		}
	}
	if len(d.notes) == 0 {
		d.notes = []string{"The stack database has a change that was committed and not applied."}
	}
	return nil
}

// find returns the path of the first program that is there.
func find(programs ...string) string {
	for _, name := range programs {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	return ""
}

func (d *Demo) applyStack(ctx context.Context, binary, dir string) error {
	data := filepath.Join(d.dir, "settle", filepath.Base(dir))
	for _, args := range [][]string{{"init", "-input=false", "-no-color"}, {"apply", "-auto-approve", "-input=false", "-no-color"}} {
		c := exec.CommandContext(ctx, binary, args...)
		c.Dir = dir
		c.Env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + d.dir, "TF_DATA_DIR=" + data, "CHECKPOINT_DISABLE=1"}
		if out, err := c.CombinedOutput(); err != nil {
			return fmt.Errorf("%s %s in %s: %w\n%s", filepath.Base(binary), args[0], filepath.Base(dir), err, out)
		}
	}
	return nil
}

// moveOn commits a change to a stack that nobody has applied.
func (d *Demo) moveOn(repository string) error {
	path := filepath.Join(repository, "database", "main.tf")
	content, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	changed := strings.Replace(string(content), "small", "large", 1)
	if err := os.WriteFile(path, []byte(changed), 0o644); err != nil {
		return err
	}
	return commit(repository, "A larger database")
}

// drift leaves a file other than the configuration declares it.
func (d *Demo) drift() error {
	return os.WriteFile(filepath.Join(d.dir, "motd"), []byte("Somebody was here.\n"), 0o644)
}

// Welcome is what a user should read once the agent is up at a URL.
func (d *Demo) Welcome(url string) string {
	lines := []string{
		"",
		"driftless is up, with a demonstration in " + d.dir,
		"",
		"  " + url + "/v1/status   every block and its state",
		"  " + url + "/metrics     the metrics, among them driftless_task_drifted",
		"",
		"The agent's own log, and events about its tasks, flow to " + filepath.Join(d.dir, "agent.log"),
		"The task file.motd has drifted and only reports it.",
	}
	lines = append(lines, d.notes...)
	return strings.Join(append(lines, "", "Stop with Ctrl-C; the directory is removed then.", ""), "\n")
}
