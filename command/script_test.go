package command_test

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/driftless-hq/driftless/command"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/testutil/hostile"
)

func TestMain(m *testing.M) {
	hostile.Main()
	testscript.Main(m, map[string]func(){
		"driftless":          func() { os.Exit(command.Main(os.Args, recorded(view.OS()))) },
		"driftless-measured": measuredMain,
	})
}

// TestScript plays the stories in testdata/script, each in a directory of its
// own. They speak of what is in "${path.config}", so that they leave the rest
// of the host alone.
func TestScript(t *testing.T) {
	streams := t.TempDir()
	t.Cleanup(func() { checkStreams(t, streams) }) // when all stories have been played
	example := newExample(t)
	testscript.Run(t, testscript.Params{
		Dir: "testdata/script",
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"mode":    mode,
			"fill":    fill,
			"exits":   exits,
			"hostile": installHostile,
			"notes":   example.install,
			"await":   await,
		},
		Setup: func(e *testscript.Env) error {
			e.Setenv("XDG_CONFIG_HOME", e.WorkDir+"/home")
			e.Setenv(streamsVariable, streams)
			return nil
		},
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	})
}

// exits runs a program, which must end with a code.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: exits CODE PROGRAM [ARGUMENT ...]")
	}
	code := 0
	var failed *exec.ExitError
	if err := ts.Exec(args[1], args[2:]...); errors.As(err, &failed) {
		code = failed.ExitCode()
	} else {
		ts.Check(err)
	}
	if strconv.Itoa(code) != args[0] {
		ts.Fatalf("it ended with %d, want %s", code, args[0])
	}
}

// mode checks the permission bits of a file.
func mode(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: mode 0600 FILE")
	}
	info, err := os.Stat(ts.MkAbs(args[1]))
	ts.Check(err)
	if got := fmt.Sprintf("%04o", info.Mode().Perm()); got != args[0] {
		ts.Fatalf("%s has the mode %s, want %s", args[1], got, args[0])
	}
}

// installHostile puts the executable of a provider into a directory.
func installHostile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: hostile VERSION DIR")
	}
	self, err := os.Executable()
	ts.Check(err)
	program, err := os.ReadFile(self)
	ts.Check(err)
	ts.Check(os.MkdirAll(ts.MkAbs(args[1]), 0o755))
	ts.Check(os.WriteFile(filepath.Join(ts.MkAbs(args[1]), "driftless-plugin-hostile_v"+args[0]), program, 0o755))
}

// fill makes a file of a size that takes no room on the disk.
func fill(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: fill BYTES FILE")
	}
	size, err := strconv.ParseInt(args[0], 10, 64)
	ts.Check(err)
	f, err := os.Create(ts.MkAbs(args[1]))
	ts.Check(err)
	ts.Check(f.Truncate(size))
	ts.Check(f.Close())
}
