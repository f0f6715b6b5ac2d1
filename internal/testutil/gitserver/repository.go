// Package gitserver gives tests a real git repository and real servers in front
// of it: git's own smart http backend, OpenSSH's daemon, or the file system.
// Every server listens on a free port of the loopback device and ends with its
// test.
//
//	repo := gitserver.New(t)
//	hash := repo.Commit(t, "main", map[string]string{"a.txt": "hello"})
//	url := repo.ServeHTTP(t, gitserver.HTTPOptions{}).URL
package gitserver

import (
	"errors"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"strings"
	"testing"
)

// Repository is a bare repository with a work tree to change it from.
type Repository struct {
	bare, work string
}

// New makes an empty repository whose default branch is main. It skips the test
// where there is no git, unless CI is set.
func New(t testing.TB) *Repository {
	t.Helper()
	need(t, "git")
	dir := t.TempDir()
	r := &Repository{bare: filepath.Join(dir, "repo.git"), work: filepath.Join(dir, "work")}
	run(t, dir, "git", "init", "-q", "--bare", "-b", "main", r.bare)
	run(t, dir, "git", "init", "-q", "-b", "main", r.work)
	// A pinned commit must be served also when only its hash is asked for.
	run(t, r.bare, "git", "config", "uploadpack.allowReachableSHA1InWant", "true")
	return r
}

// FileURL is the repository's url on the file system.
func (r *Repository) FileURL() string { return "file://" + r.bare }

// Dir is the directory of the bare repository.
func (r *Repository) Dir() string { return r.bare }

// Commit commits files on top of a branch, which it makes, and returns the
// hash. A file with the content "" is removed; a content that begins with
// "symlink:" is the target of a symbolic link.
func (r *Repository) Commit(t testing.TB, branch string, files map[string]string) string {
	t.Helper()
	if _, err := output(r.work, "git", "rev-parse", "-q", "--verify", branch); err == nil {
		run(t, r.work, "git", "checkout", "-q", "-f", branch)
	} else {
		run(t, r.work, "git", "checkout", "-q", "-B", branch)
	}
	r.write(t, files)
	run(t, r.work, "git", "add", "-A")
	run(t, r.work, "git", "commit", "-q", "--allow-empty", "-m", "change "+branch)
	return r.push(t, branch)
}

// Rewrite replaces a branch by one commit without a past, as a forced push
// would, and returns its hash.
func (r *Repository) Rewrite(t testing.TB, branch string, files map[string]string) string {
	t.Helper()
	run(t, r.work, "git", "checkout", "-q", "--orphan", "rewritten")
	run(t, r.work, "git", "rm", "-q", "-r", "-f", ".")
	r.write(t, files)
	run(t, r.work, "git", "add", "-A")
	run(t, r.work, "git", "commit", "-q", "-m", "rewrite "+branch)
	run(t, r.work, "git", "branch", "-q", "-M", "rewritten", branch)
	return r.push(t, branch)
}

// Move points a branch to a commit that it had before, as a forced push would.
func (r *Repository) Move(t testing.TB, branch, hash string) {
	t.Helper()
	run(t, r.bare, "git", "update-ref", "refs/heads/"+branch, hash)
}

// Link commits submodules on top of a branch and returns the hash: modules has
// for each path the url and the commit, with a space between.
func (r *Repository) Link(t testing.TB, branch string, modules map[string]string) string {
	t.Helper()
	var config strings.Builder
	for path, module := range modules {
		url, _, _ := strings.Cut(module, " ")
		config.WriteString("[submodule \"" + path + "\"]\n\tpath = " + path + "\n\turl = " + url + "\n")
	}
	r.Commit(t, branch, map[string]string{".gitmodules": config.String()})
	for path, module := range modules {
		_, hash, _ := strings.Cut(module, " ")
		run(t, r.work, "git", "update-index", "--add", "--cacheinfo", "160000,"+hash+","+path)
	}
	run(t, r.work, "git", "commit", "-q", "-m", "link")
	return r.push(t, branch)
}

// Tag puts an annotated tag on a branch's commit.
func (r *Repository) Tag(t testing.TB, name, branch string) {
	t.Helper()
	run(t, r.work, "git", "tag", "-a", "-f", "-m", "release", name, branch)
	run(t, r.work, "git", "push", "-q", "-f", r.bare, "refs/tags/"+name)
}

// Alias gives the object of a tag another name, which the tag itself doesn't
// know.
func (r *Repository) Alias(t testing.TB, name, tag string) {
	t.Helper()
	run(t, r.bare, "git", "update-ref", "refs/tags/"+name, "refs/tags/"+tag)
}

// RefuseHashes has the servers give nothing that is asked for by its hash.
func (r *Repository) RefuseHashes(t testing.TB) {
	t.Helper()
	run(t, r.bare, "git", "config", "uploadpack.allowReachableSHA1InWant", "false")
}

// DeleteBranch removes a branch from the bare repository.
func (r *Repository) DeleteBranch(t testing.TB, name string) {
	t.Helper()
	run(t, r.bare, "git", "update-ref", "-d", "refs/heads/"+name)
}

// Collect removes what no branch or tag holds any more.
func (r *Repository) Collect(t testing.TB) {
	t.Helper()
	run(t, r.bare, "git", "reflog", "expire", "--expire=now", "--all")
	run(t, r.bare, "git", "gc", "-q", "--prune=now")
}

func (r *Repository) push(t testing.TB, branch string) string {
	t.Helper()
	run(t, r.work, "git", "push", "-q", "-f", r.bare, branch)
	return run(t, r.work, "git", "rev-parse", branch)
}

func (r *Repository) write(t testing.TB, files map[string]string) {
	t.Helper()
	for name, content := range files {
		file := filepath.Join(r.work, name)
		if err := errors.Join(clearWay(filepath.Dir(file)), os.RemoveAll(file)); err != nil {
			t.Fatal(err)
		}
		if content == "" {
			continue
		}
		err := os.MkdirAll(filepath.Dir(file), 0o755)
		if target, isLink := strings.CutPrefix(content, "symlink:"); isLink && err == nil {
			err = os.Symlink(target, file)
		} else if err == nil {
			err = os.WriteFile(file, []byte(content), 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
}

// clearWay removes a file in the place of which a directory is to be.
func clearWay(dir string) error {
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && info.IsDir() {
		return nil
	}
	return os.Remove(dir)
}

// need skips the test where a program is missing. Under CI it fails: there all
// of them are installed.
func need(t testing.TB, program string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		return path
	}
	if os.Getenv("CI") != "" {
		t.Fatalf("%s is needed: %v", program, err)
	}
	t.Skipf("%s is not installed: %v", program, err)
	return ""
}

func run(t testing.TB, dir, program string, args ...string) string {
	t.Helper()
	out, err := output(dir, program, args...)
	if err != nil {
		t.Fatalf("%s %s: %v\n%s", program, strings.Join(args, " "), err, out)
	}
	return out
}

func output(dir, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_NOSYSTEM=1",
		"GIT_AUTHOR_NAME=Ada", "GIT_AUTHOR_EMAIL=ada@example.com", "GIT_AUTHOR_DATE=2026-01-02T03:04:05Z",
		"GIT_COMMITTER_NAME=Ada", "GIT_COMMITTER_EMAIL=ada@example.com", "GIT_COMMITTER_DATE=2026-01-02T03:04:05Z",
	)
	out, err := cmd.CombinedOutput()
	return strings.TrimSpace(string(out)), err
}

func currentUser(t testing.TB) string {
	t.Helper()
	u, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	return u.Username
}

func sshURL(userName, address, path string) string {
	u := url.URL{Scheme: "ssh", User: url.User(userName), Host: address, Path: path}
	return u.String()
}
