// Package gotool builds the programs of other projects that tests run, and
// providers of terraform, from the modules below tools: once, into the user's
// cache directory.
//
//	program := gotool.Program{Name: "tofu", Package: "github.com/opentofu/opentofu/cmd/tofu"}
//	path, err := program.Build()
package gotool

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Program is a program that is built of a module below tools.
type Program struct {
	Name    string // of its directory in the cache
	Module  string // the directory below tools; empty: Name
	Package string // what is built there; empty: the module itself
	Tags    string // of the build, separated by commas
	LDFlags string // of the build
	GCFlags string // of the compiler, for all packages
	// File is the path of the program below what is made for this source,
	// with slashes; empty: what is made is the program.
	File string
}

// ErrNotBuilt says that a program must be built first.
var ErrNotBuilt = errors.New("it is not built")

// Find returns the path of the program, and [ErrNotBuilt] where it is not
// built of this source by this version of Go.
func (p Program) Find() (string, error) {
	source, err := p.sourceDir()
	if err != nil {
		return "", err
	}
	made, err := p.cached(source)
	if err != nil {
		return "", err
	}
	program := filepath.Join(made, filepath.FromSlash(p.File))
	if _, err := os.Stat(program); errors.Is(err, fs.ErrNotExist) {
		return "", ErrNotBuilt
	}
	return program, nil
}

// Build builds the program, unless it is there already, and returns its path.
func (p Program) Build() (string, error) {
	source, err := p.sourceDir()
	if err != nil {
		return "", err
	}
	made, err := p.cached(source)
	if err != nil {
		return "", err
	}
	if err := os.MkdirAll(filepath.Dir(made), 0o755); err != nil {
		return "", err
	}
	// The tests of several packages run at once, and one build is enough.
	lock, err := os.Create(filepath.Join(filepath.Dir(made), "lock"))
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		return "", fmt.Errorf("wait for another build of %s: %w", p.Name, err)
	}
	program := filepath.Join(made, filepath.FromSlash(p.File))
	if _, err := os.Stat(program); err == nil {
		return program, nil
	}
	return program, p.compile(source, made)
}

func (p Program) compile(source, made string) error {
	unfinished := made + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		return err
	}
	args := []string{"build", "-trimpath", "-buildvcs=false", "-tags=" + p.Tags, "-ldflags=-s -w " + p.LDFlags}
	if p.GCFlags != "" { // an empty flag, too, has all packages built anew
		args = append(args, "-gcflags=all="+p.GCFlags)
	}
	cmd := exec.Command("go", append(args, "-o", filepath.Join(unfinished, filepath.FromSlash(p.File)), p.main())...)
	cmd.Dir = source
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build %s: %w\n%s", p.Name, err, out)
	}
	return os.Rename(unfinished, made)
}

// HasModules reports whether the modules that the program is built of can be
// had, with what the go command says where they can't.
func (p Program) HasModules() (said string, err error) {
	source, err := p.sourceDir()
	if err != nil {
		return "", err
	}
	return goCommand(source, "list", "-deps", p.main())
}

func (p Program) main() string {
	if p.Package == "" {
		return "."
	}
	return p.Package
}

func (p Program) sourceDir() (string, error) {
	mod, err := goCommand("", "env", "GOMOD")
	if err != nil {
		return "", fmt.Errorf("find the module: %w", err)
	}
	module := p.Module
	if module == "" {
		module = p.Name
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(mod)), "tools", module), nil
}

// cached is where the program is kept that is built of this source in this way
// by this version of Go.
func (p Program) cached(source string) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	files, err := filepath.Glob(filepath.Join(source, "*.*"))
	if err != nil {
		return "", err
	}
	slices.Sort(files)
	sum := sha256.New()
	fmt.Fprintf(sum, "%s %q\n", runtime.Version(), p)
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(file), len(data), data)
	}
	return filepath.Join(cache, "driftless-test", p.Name, hex.EncodeToString(sum.Sum(nil)[:10])), nil
}

func goCommand(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// Vault is HashiCorp Vault's server. It is not optimised, as it has little to
// do: its build takes about seven minutes of a processor, and would take ten.
func Vault() Program { return Program{Name: "vault", Tags: "minimal", GCFlags: "-N -l"} }

// Tofu is OpenTofu's command, as it is released. Its build takes about six
// minutes of a processor.
func Tofu() Program {
	return Program{
		Name: "tofu", Package: "github.com/opentofu/opentofu/cmd/tofu",
		LDFlags: "-X github.com/opentofu/opentofu/version.dev=no",
	}
}

// Need returns the path of a program that takes too long to be built in a test.
// It skips the test where the program has not been built; there CI fails.
func Need(t testing.TB, p Program) string {
	t.Helper()
	path, err := p.Find()
	if err == nil {
		return path
	}
	err = fmt.Errorf("%s can't be used: %w; \"make %s\" builds it, once, in some minutes", p.Name, err, p.Name)
	if os.Getenv("CI") != "" {
		t.Fatal(err)
	}
	t.Skip(err)
	return ""
}
