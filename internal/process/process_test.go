//go:build linux

package process_test

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/internal/process"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// sh is a script as an argv.
func sh(script string) []string { return []string{"/bin/sh", "-c", script} }

// run runs a program that is expected to be started and to end by itself.
func run(t *testing.T, spec process.Spec) process.Result {
	t.Helper()
	result, err := process.Run(t.Context(), spec)
	if err != nil {
		t.Fatalf("Run: %v", err)
	}
	return result
}

func TestRunReportsHowTheProgramEnded(t *testing.T) {
	tests := map[string]struct {
		spec   process.Spec
		code   int
		signal syscall.Signal
		stdout string
		err    string
	}{
		"exit with 0 is no error": {
			spec: process.Spec{Args: sh("echo out; echo err >&2")}, stdout: "out\n",
		},
		"exit with another status is an error with the end of stderr": {
			spec: process.Spec{Args: sh("echo why >&2; exit 3")}, code: 3,
			err: "/bin/sh exited with status 3:\nwhy",
		},
		"a signal is an error of its own": {
			spec: process.Spec{Args: sh("kill -USR1 $$")}, code: -1, signal: syscall.SIGUSR1,
			err: "/bin/sh was ended by a signal (user defined signal 1)",
		},
		"stdin is what was given": {
			spec: process.Spec{Args: []string{"cat"}, Stdin: []byte("in\x00put")}, stdout: "in\x00put",
		},
		"without stdin there is nothing to read": {
			spec: process.Spec{Args: []string{"cat"}},
		},
		"a program that doesn't read its stdin is no error": {
			spec: process.Spec{Args: []string{"true"}, Stdin: make([]byte, 1<<20)},
		},
		"the environment is exact": {
			spec:   process.Spec{Args: []string{"/usr/bin/env"}, Env: []string{"A=1", "B=2"}},
			stdout: "A=1\nB=2\n",
		},
		"arguments are not seen by a shell": {
			spec: process.Spec{Args: []string{"echo", "$HOME", "*", "a  b"}}, stdout: "$HOME * a  b\n",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			result := run(t, test.spec)
			if result.Code != test.code || result.Signal != test.signal {
				t.Errorf("code %d, signal %v; want %d, %v", result.Code, result.Signal, test.code, test.signal)
			}
			if diff := cmp.Diff(test.stdout, string(result.Stdout)); diff != "" {
				t.Errorf("stdout (-want +got):\n%s", diff)
			}
			message := ""
			if err := result.Err(); err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(test.err, message); diff != "" {
				t.Errorf("Err (-want +got):\n%s", diff)
			}
			if result.Duration <= 0 {
				t.Errorf("Duration is %s", result.Duration)
			}
		})
	}
}

func TestRunUsesTheWorkingDirectory(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	script := filepath.Join(dir, "where")
	if err := os.WriteFile(script, []byte("#!/bin/sh\npwd\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	result := run(t, process.Spec{Args: []string{"./where"}, Dir: dir})
	if got := strings.TrimSpace(string(result.Stdout)); got != dir {
		t.Errorf("./where in %s ran in %s", dir, got)
	}
}

func TestRunRefuses(t *testing.T) {
	dir := t.TempDir()
	noInterpreter := filepath.Join(dir, "script")
	if err := os.WriteFile(noInterpreter, []byte("#!/no/such/interpreter\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	notExecutable := filepath.Join(dir, "data")
	if err := os.WriteFile(notExecutable, nil, 0o644); err != nil {
		t.Fatal(err)
	}
	tests := map[string]struct {
		spec     process.Spec
		notFound bool
		want     string
	}{
		"no program":                                  {spec: process.Spec{}, want: "no program"},
		"an empty program":                            {spec: process.Spec{Args: []string{""}}, want: "no program"},
		"a program that is not in PATH":               {spec: process.Spec{Args: []string{"no-such-program"}}, notFound: true, want: "no-such-program in PATH"},
		"a path that doesn't exist":                   {spec: process.Spec{Args: []string{"/no/such/program"}}, notFound: true, want: "/no/such/program"},
		"a program in PATH that is not executable":    {spec: process.Spec{Args: []string{"data"}, Env: []string{"PATH=" + dir}}, notFound: true, want: "data in PATH"},
		"a program found through an empty PATH entry": {spec: process.Spec{Args: []string{"script"}, Dir: dir, Env: []string{"PATH=:."}}, notFound: true, want: "script in PATH"},
		"a script without its interpreter":            {spec: process.Spec{Args: []string{noInterpreter}}, want: "is the interpreter"},
		"a path that is not executable":               {spec: process.Spec{Args: []string{notExecutable}}, want: "permission denied"},
		"a working directory that doesn't exist":      {spec: process.Spec{Args: []string{"true"}, Dir: "/no/such/dir"}, want: "working directory"},
		"a working directory that is a file":          {spec: process.Spec{Args: []string{"true"}, Dir: notExecutable}, want: "not a directory"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			_, err := process.Run(t.Context(), test.spec)
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Fatalf("error %v, want one with %q", err, test.want)
			}
			if got := errors.Is(err, exec.ErrNotFound); got != test.notFound {
				t.Errorf("is exec.ErrNotFound: %v, want %v: %v", got, test.notFound, err)
			}
		})
	}
}

func TestRunDoesNotStartAnythingAfterTheEndOfTheContext(t *testing.T) {
	mark := filepath.Join(t.TempDir(), "started")
	ctx, cancel := context.WithCancelCause(t.Context())
	reason := errors.New("the run was called off")
	cancel(reason)
	if _, err := process.Run(ctx, process.Spec{Args: []string{"touch", mark}}); !errors.Is(err, reason) {
		t.Errorf("error %v, want the cause of the context", err)
	}
	if _, err := os.Stat(mark); err == nil {
		t.Error("the program was run")
	}
}

// fifo is a pipe that a script writes to when it is where a test wants it.
type fifo struct{ path string }

func newFIFO(t *testing.T) fifo {
	t.Helper()
	f := fifo{filepath.Join(t.TempDir(), "ready")}
	if err := syscall.Mkfifo(f.path, 0o666); err != nil {
		t.Fatal(err)
	}
	return f
}

// read blocks until a process has written to the pipe and closed it.
func (f fifo) read(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile(f.path)
	if err != nil {
		t.Error(err)
	}
	return strings.TrimSpace(string(text))
}

// runAndCancel cancels the run of a script when it has written to the pipe.
func runAndCancel(t *testing.T, ready fifo, spec process.Spec) (result process.Result, written string, took time.Duration, err error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var cancelled time.Time
	done := make(chan struct{})
	go func() {
		defer close(done)
		written = ready.read(t)
		cancelled = time.Now()
		cancel()
	}()
	result, err = process.Run(ctx, spec)
	<-done
	return result, written, time.Since(cancelled), err
}

func TestCancelAsksBeforeItKills(t *testing.T) {
	ready := newFIFO(t)
	result, _, _, err := runAndCancel(t, ready, process.Spec{
		Args: sh(`trap 'echo cleaned up; exit 0' TERM; echo > ` + ready.path + `; while :; do sleep 0.01; done`),
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want that of the context", err)
	}
	if string(result.Stdout) != "cleaned up\n" {
		t.Errorf("stdout %q: the program got no time to clean up", result.Stdout)
	}
}

func TestInterruptTellsTheLeaderAloneAndOnce(t *testing.T) {
	// The leader notes each signal and waits for what it runs, which would die
	// of SIGINT and of SIGTERM.
	dir := t.TempDir()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	script := `trap 'echo INT >>signals' INT; trap 'echo TERM >>signals' TERM
(trap 'exit 1' INT TERM; touch started; while [ ! -e signals ]; do sleep 0.01; done; sleep 0.2; touch finished) &
while ! wait $!; do [ -e finished ] && break; sleep 0.01; done`
	go func() {
		for {
			if _, err := os.Stat(filepath.Join(dir, "started")); err == nil || t.Context().Err() != nil {
				cancel()
				return
			}
			time.Sleep(5 * time.Millisecond)
		}
	}()
	if _, err := process.Run(ctx, process.Spec{Args: sh(script), Dir: dir, Grace: time.Minute, Interrupt: true}); err == nil {
		t.Error("there is no error")
	}
	signals, err := os.ReadFile(filepath.Join(dir, "signals"))
	if err != nil || string(signals) != "INT\n" {
		t.Errorf("signals %q, error %v", signals, err)
	}
	if _, err := os.Stat(filepath.Join(dir, "finished")); err != nil {
		t.Errorf("what it runs did not come to its end: %v", err)
	}
}

func TestCancelLeavesTheGraceToTheWholeGroup(t *testing.T) {
	// The shell dies of SIGTERM at once; what it runs takes its time.
	ready := newFIFO(t)
	inner := `trap "sleep 0.2; echo cleaned up; exit" TERM; echo > ` + ready.path + `; while :; do sleep 0.01; done`
	result, _, _, _ := runAndCancel(t, ready, process.Spec{Args: sh("sh -c '" + inner + "'; echo not reached")})
	if string(result.Stdout) != "cleaned up\n" {
		t.Errorf("stdout %q: the shell's child got no time to clean up", result.Stdout)
	}
}

func TestCancelKillsWhatIgnoresIt(t *testing.T) {
	ready := newFIFO(t)
	result, written, took, err := runAndCancel(t, ready, process.Spec{
		Args:  sh(`trap '' TERM; (trap '' TERM; while :; do sleep 0.01; done) & echo $! > ` + ready.path + `; wait`),
		Grace: 100 * time.Millisecond,
	})
	if err == nil || result.Signal != syscall.SIGKILL {
		t.Errorf("error %v, signal %v; want an end by SIGKILL", err, result.Signal)
	}
	if took > 2*time.Second {
		t.Errorf("it took %s", took)
	}
	if isAlive(t, written) {
		t.Errorf("process %s of the group is still alive", written)
	}
}

func TestTimeoutErrorNamesTheProgramAndTheEndOfStderr(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	_, err := process.Run(ctx, process.Spec{Args: sh("echo waiting for a lock >&2; sleep 100 & wait")})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Fatalf("error %v, want that of the context", err)
	}
	for _, want := range []string{"/bin/sh was ended after", "waiting for a lock"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("error %q lacks %q", err, want)
		}
	}
}

func TestBackgroundProcessThatHoldsTheOutputDoesNotDelayTheReturn(t *testing.T) {
	id := "held-output-" + t.Name()
	t.Cleanup(func() { killMarked(t, id) })
	start := time.Now()
	result := run(t, process.Spec{
		Args: sh("sleep 60 & echo done"),
		Env:  append(process.Environment(nil, nil), process.Marker(id)),
	})
	if took := time.Since(start); took > 20*time.Second {
		t.Errorf("it took %s", took)
	}
	if string(result.Stdout) != "done\n" {
		t.Errorf("stdout %q", result.Stdout)
	}
	if killed := killMarked(t, id); killed != 1 {
		t.Errorf("%d processes were left in the background, want the sleep that was meant to stay", killed)
	}
}

func TestUsageIsReported(t *testing.T) {
	result := run(t, process.Spec{Args: sh("i=0; while [ $i -lt 20000 ]; do i=$((i+1)); done")})
	if result.CPU <= 0 || result.CPU > result.Duration+time.Second {
		t.Errorf("CPU %s in %s", result.CPU, result.Duration)
	}
	if result.MaxRSS < 100<<10 || result.MaxRSS > 10<<30 {
		t.Errorf("MaxRSS is %d bytes", result.MaxRSS)
	}
}
