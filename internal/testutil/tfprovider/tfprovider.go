// Package tfprovider builds the provider under tools/terraform-provider-fixture,
// and another that everyone uses, for tests that run a real terraform with real
// providers, without a network.
package tfprovider

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// Requirements is the code with which a stack asks for the provider.
const Requirements = `terraform {
  required_providers {
    fixture = { source = "driftless.test/fixtures/fixture" }
  }
}
`

// LocalRequirements is the code with which a stack asks for the provider that
// [WithLocal] adds.
const LocalRequirements = `terraform {
  required_providers {
    local = { source = "driftless.test/hashicorp/local" }
  }
}
`

// provider is what is built of a directory below tools.
type provider struct {
	name     string
	source   string // the address without the host
	mainPath string // the package to build there
}

// CLIConfig builds the provider, unless an earlier test did, and returns the
// path of a terraform CLI configuration that finds it and nothing else. It
// skips the test where the provider's modules can't be had, unless CI is set.
func CLIConfig(t testing.TB) string {
	t.Helper()
	return write(t, fixture(t))
}

// WithLocal is [CLIConfig] with the provider local of HashiCorp as well.
func WithLocal(t testing.TB) string {
	t.Helper()
	return write(t, fixture(t), build(t, provider{
		name: "local", source: "hashicorp/local", mainPath: "github.com/terraform-providers/terraform-provider-local",
	}))
}

func fixture(t testing.TB) (mirror string) {
	t.Helper()
	return build(t, provider{name: "fixture", source: "fixtures/fixture", mainPath: "."})
}

func write(t testing.TB, mirrors ...string) string {
	t.Helper()
	var config strings.Builder
	for _, mirror := range mirrors {
		fmt.Fprintf(&config, "  filesystem_mirror {\n    path = %q\n  }\n", mirror)
	}
	file := filepath.Join(t.TempDir(), "terraform.rc")
	if err := os.WriteFile(file, []byte("provider_installation {\n"+config.String()+"}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// build returns a directory laid out as terraform's filesystem mirror.
func build(t testing.TB, p provider) (mirror string) {
	t.Helper()
	source := sourceDir(t, p.name)
	cache, err := os.UserCacheDir()
	if err != nil {
		t.Fatal(err)
	}
	cache = filepath.Join(cache, "driftless-test", "terraform-provider-"+p.name)
	if err := os.MkdirAll(cache, 0o755); err != nil {
		t.Fatal(err)
	}
	// The tests of several packages run at once, and one build is enough.
	lock, err := os.Create(filepath.Join(cache, "lock"))
	if err != nil {
		t.Fatal(err)
	}
	defer lock.Close()
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	mirror = filepath.Join(cache, digest(t, source))
	if _, err := os.Stat(mirror); err == nil {
		return mirror
	}
	p.compile(t, source, mirror)
	return mirror
}

func (p provider) compile(t testing.TB, source, mirror string) {
	t.Helper()
	// Loading the packages needs all modules; what fails after that is the code.
	if out, err := goCommand(source, "list", "-deps", p.mainPath); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("load the modules of the provider %s: %v\n%s", p.name, err, out)
		}
		t.Skipf("the modules of the provider %s can't be had: %v\n%s", p.name, err, out)
	}
	unfinished := mirror + ".new"
	if err := os.RemoveAll(unfinished); err != nil {
		t.Fatal(err)
	}
	binary := filepath.Join(unfinished, "driftless.test", filepath.FromSlash(p.source), "1.0.0",
		runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-"+p.name+"_v1.0.0")
	if out, err := goCommand(source, "build", "-trimpath", "-ldflags=-s -w", "-o", binary, p.mainPath); err != nil {
		t.Fatalf("build the provider %s: %v\n%s", p.name, err, out)
	}
	if err := os.Rename(unfinished, mirror); err != nil {
		t.Fatal(err)
	}
}

func sourceDir(t testing.TB, name string) string {
	t.Helper()
	mod, err := goCommand("", "env", "GOMOD")
	if err != nil {
		t.Fatalf("find the module: %v\n%s", err, mod)
	}
	return filepath.Join(filepath.Dir(strings.TrimSpace(mod)), "tools", "terraform-provider-"+name)
}

func digest(t testing.TB, source string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(source, "*.*"))
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	sum := sha256.New()
	fmt.Fprintln(sum, runtime.Version())
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(sum, "%s %d\n%s", filepath.Base(file), len(data), data)
	}
	return hex.EncodeToString(sum.Sum(nil)[:10])
}

func goCommand(dir string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	return string(out), err
}
