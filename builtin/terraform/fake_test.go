package terraform

import (
	"maps"
	"os"
	"path/filepath"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// fake is a command that says what a test has it say, for what no real one says
// on demand. It is a script, so that it takes no time.
type fake struct {
	root string // of the stacks
	bin  string
}

const fakeScript = `#!/bin/sh
said=$(dirname "$0")
case "$1" in
init) mkdir -p "$TF_DATA_DIR" ;;
*) cat "$said/$1" ;;
esac
[ ! -e "$said/$1.fails" ]
`

func newFake(t testing.TB) *fake {
	t.Helper()
	dir := t.TempDir()
	f := &fake{filepath.Join(dir, "root"), filepath.Join(dir, "bin")}
	f.stack(t, "stack")
	f.install(t, "command", fakeScript)
	f.says(t, "plan", "")
	return f
}

func (f *fake) binary() string { return filepath.Join(f.bin, "command") }

func (f *fake) install(t testing.TB, name, script string) {
	t.Helper()
	write(t, filepath.Join(f.bin, name), script)
	if err := os.Chmod(filepath.Join(f.bin, name), 0o755); err != nil {
		t.Fatal(err)
	}
}

func (f *fake) stack(t testing.TB, name string) {
	t.Helper()
	write(t, filepath.Join(f.root, name, "main.tf"), "terraform {}\n")
}

// says has plan or show say something, and succeed.
func (f *fake) says(t testing.TB, call, text string) {
	t.Helper()
	write(t, filepath.Join(f.bin, call), text)
}

// fails has plan say something, and fail.
func (f *fake) fails(t testing.TB, text string) {
	t.Helper()
	f.says(t, "plan", text)
	write(t, filepath.Join(f.bin, "plan.fails"), "")
}

func (f *fake) open(t testing.TB, attrs map[string]cty.Value) *task {
	t.Helper()
	set := map[string]cty.Value{"path": cty.StringVal(f.root), "binary": cty.StringVal(f.binary()), "confirm_after": cty.StringVal("0s")}
	maps.Copy(set, attrs)
	return openTask(t, os.Environ(), set)
}
