package command_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"sync"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/driftless-hq/driftless/internal/testutil/exampleplugin"
)

// example is the provider plugin/example, built when a story first needs it.
type example struct{ build func() (string, error) }

func newExample(t *testing.T) example {
	t.Helper()
	dir := t.TempDir()
	return example{sync.OnceValues(func() (string, error) {
		return exampleplugin.Build(context.WithoutCancel(t.Context()), "..", dir)
	})}
}

// install puts the executable of the provider into a directory.
func (e example) install(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: notes DIR")
	}
	path, err := e.build()
	ts.Check(err)
	program, err := os.ReadFile(path)
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[0]), 0o755))
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[0]), exampleplugin.Name), program, 0o755))
}

// await waits until the content of a file matches a pattern.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await PATTERN FILE")
	}
	pattern, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	var content []byte
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if content, _ = os.ReadFile(ts.MkAbs(args[1])); pattern.Match(content) {
			return
		}
	}
	ts.Fatalf("%s does not match %q:\n%s", args[1], args[0], content)
}
