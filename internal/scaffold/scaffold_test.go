package scaffold_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/internal/scaffold"
)

func TestWhatIsWrittenBuildsAndPassesItsTests(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go to build it with")
	}
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"acme", "acme-cloud-2"} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			files, err := scaffold.Write(dir, scaffold.Provider{Name: name, Module: "example.com/driftless-plugin-" + name})
			if err != nil {
				t.Fatal(err)
			}
			want := []string{".gitignore", "README.md", "collector.go", "go.mod", "main.go", "provider.go", "provider_test.go", "task.go"}
			if diff := cmp.Diff(want, files); diff != "" {
				t.Errorf("wrong files (-want +got):\n%s", diff)
			}
			run(t, dir, "mod", "edit", "-replace=github.com/driftless-hq/driftless="+checkout)
			run(t, dir, "vet", ".")
			run(t, dir, "test", ".")
			run(t, dir, "build", "-o", "driftless-plugin-"+name, ".")
		})
	}
}

// run runs the go command with what is on this machine already.
func run(t *testing.T, dir string, args ...string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
	}
}

func TestNothingIsWrittenWhereSomethingIs(t *testing.T) {
	dir := t.TempDir()
	kept := filepath.Join(dir, "notes.txt")
	if err := os.WriteFile(kept, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, err := scaffold.Write(dir, scaffold.Provider{Name: "acme", Module: "example.com/acme"})
	if err == nil || !strings.Contains(err.Error(), "notes.txt") {
		t.Errorf("got %v, want an error that names the file", err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Errorf("there are now %v, %v", entries, err)
	}
}

func TestAnEmptyDirectoryIsFilled(t *testing.T) {
	if _, err := scaffold.Write(t.TempDir(), scaffold.Provider{Name: "acme", Module: "example.com/acme"}); err != nil {
		t.Error(err)
	}
}

func TestValidate(t *testing.T) {
	tests := []struct {
		name   string
		give   scaffold.Provider
		reason string // that the error has to give; empty: it is valid
	}{
		{"a plain name", scaffold.Provider{Name: "acme", Module: "example.com/acme"}, ""},
		{"dashes and digits", scaffold.Provider{Name: "acme-cloud-2", Module: "acme"}, ""},
		{"a capital letter", scaffold.Provider{Name: "Acme", Module: "acme"}, "the name of a provider"},
		{"a dash at the end", scaffold.Provider{Name: "acme-", Module: "acme"}, "the name of a provider"},
		{"a path", scaffold.Provider{Name: "../acme", Module: "acme"}, "the name of a provider"},
		{"no name", scaffold.Provider{Module: "acme"}, "the name of a provider"},
		{"a long name", scaffold.Provider{Name: strings.Repeat("a", 65), Module: "acme"}, "the name of a provider"},
		{"no module", scaffold.Provider{Name: "acme"}, "path of a Go module"},
		{"a module with a space", scaffold.Provider{Name: "acme", Module: "example.com/a b"}, "path of a Go module"},
		{"a module with more lines", scaffold.Provider{Name: "acme", Module: "acme\nreplace a => b"}, "path of a Go module"},
		{"a module that leads up", scaffold.Provider{Name: "acme", Module: "a/../b"}, "path of a Go module"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			err := test.give.Validate()
			if test.reason == "" && err != nil || test.reason != "" && (err == nil || !strings.Contains(err.Error(), test.reason)) {
				t.Errorf("got %v, want an error about %q", err, test.reason)
			}
		})
	}
}

func TestTheProjectIsForTheGoOfThisRepository(t *testing.T) {
	dir := t.TempDir()
	if _, err := scaffold.Write(dir, scaffold.Provider{Name: "acme", Module: "example.com/acme"}); err != nil {
		t.Fatal(err)
	}
	if ours, theirs := goLine(t, "../../go.mod"), goLine(t, filepath.Join(dir, "go.mod")); ours != theirs {
		t.Errorf("go.mod says %q, and that of this repository %q", theirs, ours)
	}
}

func goLine(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "go ") {
			return line
		}
	}
	t.Fatalf("%s has no line with the version of Go", path)
	return ""
}
