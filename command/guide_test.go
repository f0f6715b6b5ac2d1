package command_test

import (
	"bytes"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestTheGuideToProvidersWorks follows the guide to writing a provider from the
// top to the bottom: what is Go or a configuration is written into the file
// that its first line names, and what is typed is run.
func TestTheGuideToProvidersWorks(t *testing.T) {
	golang, err := exec.LookPath("go")
	if err != nil {
		t.Skip("there is no go to build the provider with")
	}
	text, err := os.ReadFile("../website/content/docs/guides/writing-providers.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := fenced(string(text))
	if len(blocks) == 0 {
		t.Fatal("there is no code in the guide")
	}
	w := walk{dir: t.TempDir(), bin: wrapGo(t, golang)}
	for _, b := range blocks {
		switch b.language {
		case "go", "tf":
			w.write(t, b)
		case "console":
			w.run(t, b)
		default:
			t.Errorf("a block of code in %q is not tested:\n%s", b.language, b.text)
		}
	}
}

// wrapGo returns a directory with a go that makes do with what is on this
// machine: to tidy a module it takes the SDK from this checkout.
func wrapGo(t *testing.T, golang string) string {
	t.Helper()
	checkout, err := filepath.Abs("..")
	if err != nil {
		t.Fatal(err)
	}
	script := fmt.Sprintf(`#!/bin/sh
if [ "$1 $2" = "mod tidy" ]; then
	exec %q mod edit -replace=github.com/driftless-hq/driftless=%q
fi
exec %[1]q "$@"
`, golang, checkout)
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "go"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	return dir
}

// code is a block of code in a document.
type code struct{ language, text string }

func fenced(text string) []code {
	var all []code
	for _, match := range regexp.MustCompile("(?ms)^```(\\w*)\n(.*?)^```$").FindAllStringSubmatch(text, -1) {
		all = append(all, code{match[1], match[2]})
	}
	return all
}

// walk is how far the guide was followed.
type walk struct {
	dir string // where its reader is
	bin string
}

func (w *walk) write(t *testing.T, b code) {
	t.Helper()
	first, text, _ := strings.Cut(b.text, "\n")
	name := strings.TrimLeft(first, "#/ ")
	if b.language == "go" {
		checkFormat(t, name, text)
		text = withImports(text)
	}
	if err := os.WriteFile(filepath.Join(w.dir, name), []byte(text), 0o644); err != nil {
		t.Fatalf("the first line of a block names its file: %v", err)
	}
}

func checkFormat(t *testing.T, name, text string) {
	t.Helper()
	formatted, err := format.Source([]byte(text))
	if err != nil {
		t.Errorf("%s: %v", name, err)
	} else if !bytes.Equal(formatted, []byte(text)) {
		t.Errorf("%s is not formatted by gofmt; it would be\n%s", name, formatted)
	}
}

// withImports adds the imports that the guide leaves out.
func withImports(text string) string {
	if strings.Contains(text, "\nimport ") {
		return text
	}
	const sdk = "github.com/driftless-hq/driftless/plugin"
	imports := ""
	for _, path := range []string{"context", "os", "strings", "time", "github.com/zclconf/go-cty/cty", sdk, sdk + "/event", sdk + "/schema"} {
		if regexp.MustCompile(`\b` + filepath.Base(path) + `\.`).MatchString(text) {
			imports += fmt.Sprintf("import %q\n", path)
		}
	}
	return strings.Replace(text, "package main\n", "package main\n\n"+imports, 1)
}

// run runs what is typed, and remembers where that leads to.
func (w *walk) run(t *testing.T, b code) {
	t.Helper()
	script := "set -e\n"
	for line := range strings.Lines(b.text) {
		command, typed := strings.CutPrefix(line, "$ ")
		if !typed {
			t.Errorf("%q is neither typed nor checked", line)
		}
		script += command
	}
	where := filepath.Join(t.TempDir(), "where")
	cmd := exec.CommandContext(t.Context(), "sh", "-c", script+"pwd > "+where+"\n")
	cmd.Dir = w.dir
	cmd.Env = append(os.Environ(), "PATH="+w.bin+string(os.PathListSeparator)+os.Getenv("PATH"),
		"XDG_CONFIG_HOME="+filepath.Join(filepath.Dir(w.bin), "home"), "XDG_DATA_HOME="+filepath.Join(filepath.Dir(w.bin), "data"),
		"GOFLAGS=-mod=mod", "GOPROXY=off", "GOSUMDB=off", "GOWORK=off", "GOTOOLCHAIN=local")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", b.text, err, out)
	}
	dir, err := os.ReadFile(where)
	if err != nil {
		t.Fatal(err)
	}
	w.dir = strings.TrimSpace(string(dir))
}
