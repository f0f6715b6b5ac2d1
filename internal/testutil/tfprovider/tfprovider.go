// Package tfprovider builds the provider under tools/terraform-provider-fixture,
// and others that everyone uses, for tests that run a real terraform with real
// providers, without a network.
package tfprovider

import (
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/gotool"
)

// Requirements is the code with which a stack asks for the provider.
const Requirements = `terraform {
  required_providers {
    fixture = { source = "driftless.test/fixtures/fixture" }
  }
}
`

// RequirementsOf is the code with which a stack asks for providers that
// [WithPublished] adds.
func RequirementsOf(names ...string) string {
	var code strings.Builder
	for _, name := range names {
		fmt.Fprintf(&code, "    %s = { source = \"driftless.test/hashicorp/%s\" }\n", name, name)
	}
	return "terraform {\n  required_providers {\n" + code.String() + "  }\n}\n"
}

// CLIConfig builds the provider, unless an earlier test did, and returns the
// path of a terraform CLI configuration that finds it and nothing else. It
// skips the test where the provider's modules can't be had, unless CI is set.
func CLIConfig(t testing.TB) string {
	t.Helper()
	return write(t, fixture(t))
}

// WithPublished is [CLIConfig] with the providers local, null, random and tls
// of HashiCorp as well.
func WithPublished(t testing.TB) string {
	t.Helper()
	return write(t, fixture(t), published(t, "local", "terraform-provider-local"),
		published(t, "null", "terraform-providers"), published(t, "random", "terraform-providers"), published(t, "tls", "terraform-providers"))
}

func fixture(t testing.TB) (mirror string) {
	t.Helper()
	return build(t, "fixture", gotool.Program{Name: "terraform-provider-fixture"}, "fixtures")
}

func published(t testing.TB, name, module string) (mirror string) {
	t.Helper()
	return build(t, name, gotool.Program{
		Name: "terraform-provider-" + name, Module: module, Package: "github.com/terraform-providers/terraform-provider-" + name,
	}, "hashicorp")
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
func build(t testing.TB, name string, p gotool.Program, namespace string) (mirror string) {
	t.Helper()
	p.File = path.Join("driftless.test", namespace, name, "1.0.0", runtime.GOOS+"_"+runtime.GOARCH, "terraform-provider-"+name+"_v1.0.0")
	program, err := p.Find()
	if err != nil {
		program = compile(t, p)
	}
	return strings.TrimSuffix(program, filepath.FromSlash("/"+p.File))
}

func compile(t testing.TB, p gotool.Program) string {
	t.Helper()
	// Loading the packages needs all modules; what fails after that is the code.
	if said, err := p.HasModules(); err != nil {
		if os.Getenv("CI") != "" {
			t.Fatalf("load the modules of %s: %v\n%s", p.Name, err, said)
		}
		t.Skipf("the modules of %s can't be had: %v\n%s", p.Name, err, said)
	}
	program, err := p.Build()
	if err != nil {
		t.Fatal(err)
	}
	return program
}
