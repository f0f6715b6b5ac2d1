// Package process runs other programs so that none can hang, flood or outlive
// the run that started it. A child gets its own process group, an exact
// environment and bounded output, and is ended as a group with its context.
//
//	result, err := process.Run(ctx, process.Spec{
//		Args: []string{"nginx", "-t"},
//		Dir:  "/etc/nginx",
//	})
//	if err == nil {
//		err = result.Err() // not nil when it failed
//	}
package process

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// What a [Spec] gets where it says nothing.
const (
	DefaultGrace     = 5 * time.Second
	DefaultMaxOutput = 1 << 20
)

// Spec says what to run and how.
type Spec struct {
	// Args are the program and its arguments; no shell is involved. A program
	// without a slash is looked up in the PATH of Env, one with a relative
	// path below Dir.
	Args []string
	Dir  string   // the working directory; empty: that of this process
	Env  []string // exactly the environment, as NAME=value; nil: [Environment](nil, nil)

	Stdin []byte // nil: nothing to read
	// Stdout takes all that the program writes to its stdout, in place of the
	// result, up to a tenth of a second later. It may not fail, for that would
	// end the program.
	Stdout io.Writer

	Credential *Credential // run as someone else, which only root may; nil: as this process
	Umask      *uint32     // nil: that of this process; Linux only

	// Grace is the time between SIGTERM and SIGKILL to the process group
	// when the context ends; 0: DefaultGrace.
	Grace time.Duration
	// Interrupt ends the program with one SIGINT to it alone, in place of
	// SIGTERM to its group: for a program that then brings what it does to a
	// good end, with the help of those that it has started.
	Interrupt bool
	// MaxOutput is the number of bytes kept of each of stdout and stderr: the
	// first half and the last half of it; 0: DefaultMaxOutput.
	MaxOutput int

	// MeasureMemory has [Result.Memory] measured.
	MeasureMemory bool
}

// Result is how a program ended.
type Result struct {
	Code   int            // exit status; -1 when a signal ended it
	Signal syscall.Signal // the signal that ended it; 0 when it exited

	// Stdout and Stderr hold a line in the middle that says how much was left
	// out, where there was more than MaxOutput. Truncated says so too.
	Stdout, Stderr []byte
	Truncated      bool

	Duration time.Duration
	CPU      time.Duration // user and system time, with that of the children it waited for
	// MaxRSS is the largest resident set in bytes of the program or a child
	// it waited for. Linux counts the time before exec too, so it is never
	// below that of this process.
	MaxRSS int64
	// Memory is the most memory in bytes that the program and its descendants
	// were seen to hold together. They are looked at every two seconds, so it
	// is 0 for a program that ends sooner, and on other systems than Linux.
	Memory int64

	program string
}

// Err is nil when the program exited with 0. Otherwise it says how it ended,
// with the end of its stderr.
func (r Result) Err() error {
	switch {
	case r.Signal != 0:
		return fmt.Errorf("%s was ended by a signal (%s)%s", r.program, r.Signal, r.stderrSuffix())
	case r.Code != 0:
		return fmt.Errorf("%s exited with status %d%s", r.program, r.Code, r.stderrSuffix())
	}
	return nil
}

const linesOfError = 20

func (r Result) stderrSuffix() string {
	if tail := LastLines(r.Stderr, linesOfError); tail != "" {
		return ":\n" + tail
	}
	return ""
}

// ErrNotStarted says that a program was not started, so that it has done
// nothing.
var ErrNotStarted = errors.New("it was not started")

// notStarted is why, in its own words.
type notStarted struct{ error }

func (e notStarted) Unwrap() error      { return e.error }
func (notStarted) Is(target error) bool { return target == ErrNotStarted }

// Run runs a program to its end. A program that fails is no error of Run; see
// [Result.Err]. When ctx ends first, the process group is ended and the error
// wraps the cause of ctx; the result then has what the program wrote so far.
// The error wraps [exec.ErrNotFound] where there is no such program, and is
// [ErrNotStarted] as long as none was started.
//
// What the program leaves behind in the background lives on when the program
// exits by itself, and can't delay the return by holding stdout or stderr.
func Run(ctx context.Context, spec Spec) (Result, error) {
	cmd, err := newCommand(spec)
	if err != nil {
		return Result{}, notStarted{err}
	}
	if ctx.Err() != nil {
		return Result{}, notStarted{fmt.Errorf("%s was not started: %w", spec.Args[0], context.Cause(ctx))}
	}
	limit := spec.MaxOutput
	if limit == 0 {
		limit = DefaultMaxOutput
	}
	stdout, stderr := newOutput(limit), newOutput(limit)
	cmd.Stdout, cmd.Stderr = stdout, stderr
	started := time.Now()
	var memory int64
	ended, err := runTo(ctx, cmd, spec, &memory)
	if err != nil {
		return Result{}, err
	}
	result := Result{
		Memory: memory,
		Stdout: stdout.bytes(), Stderr: stderr.bytes(), Truncated: stdout.truncated() || stderr.truncated(),
		Duration: time.Since(started), program: spec.Args[0],
	}
	result.addState(cmd.ProcessState)
	if ended {
		return result, fmt.Errorf("%s was ended after %s: %w%s", spec.Args[0],
			result.Duration.Round(time.Millisecond), context.Cause(ctx), result.stderrSuffix())
	}
	return result, nil
}

// runTo runs cmd until it has exited, or has been ended with ctx. It says how
// much memory that took where it is measured.
func runTo(ctx context.Context, cmd *exec.Cmd, spec Spec, memory *int64) (ended bool, err error) {
	if spec.Stdout != nil {
		var r *reader
		if r, err = readStdout(cmd, spec.Stdout); err != nil {
			return false, notStarted{fmt.Errorf("%s was not started: %w", spec.Args[0], err)}
		}
		defer func() { err = errors.Join(err, r.end()) }()
	}
	child, err := start(cmd, spec.Umask)
	if err != nil {
		return false, notStarted{startError(cmd, spec, err)}
	}
	if spec.MeasureMemory {
		measured := measureMemory(cmd.Process.Pid)
		defer func() { *memory = measured() }()
	}
	ended, err = child.wait(ctx, spec.Grace, spec.Interrupt)
	if err != nil {
		return ended, fmt.Errorf("%s could not be ended: %w", spec.Args[0], err)
	}
	return ended, nil
}

func (r *Result) addState(state *os.ProcessState) {
	r.Code = state.ExitCode()
	r.CPU = state.UserTime() + state.SystemTime()
	r.addUsage(state)
}

// newCommand makes the command without its outputs.
func newCommand(spec Spec) (*exec.Cmd, error) {
	if len(spec.Args) == 0 || spec.Args[0] == "" {
		return nil, errors.New("no program to run was given")
	}
	env := spec.Env
	if env == nil {
		env = Environment(nil, nil)
	}
	if spec.Dir != "" {
		info, err := os.Stat(spec.Dir)
		if err != nil {
			return nil, fmt.Errorf("%s was not started in its working directory: %w", spec.Args[0], err)
		}
		if !info.IsDir() {
			return nil, fmt.Errorf("%s was not started: the working directory %s is not a directory", spec.Args[0], spec.Dir)
		}
	}
	path, err := lookPath(spec.Args[0], spec.Dir, env)
	if err != nil {
		return nil, err
	}
	cmd := &exec.Cmd{Path: path, Args: spec.Args, Dir: spec.Dir, Env: env, WaitDelay: drainTime}
	if spec.Stdin != nil {
		cmd.Stdin = bytes.NewReader(spec.Stdin)
	}
	cmd.SysProcAttr, err = attributes(spec.Credential)
	if err != nil {
		return nil, fmt.Errorf("%s was not started: %w", spec.Args[0], err)
	}
	return cmd, nil
}

// startError explains the bare errno of a failed start.
func startError(cmd *exec.Cmd, spec Spec, err error) error {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("start %s: %w: is the interpreter that its first line names installed?", spec.Args[0], err)
	case errors.Is(err, fs.ErrPermission) && spec.Credential != nil:
		return fmt.Errorf("start %s as user id %d: %w: only root may run a program as someone else, and that user needs access to %s and the working directory",
			spec.Args[0], spec.Credential.UID, err, cmd.Path)
	}
	return fmt.Errorf("start %s: %w", spec.Args[0], err)
}

// lookPath finds the program as execvp(3) would with this environment, but
// never in the working directory by way of an empty entry in PATH.
func lookPath(program, dir string, env []string) (string, error) {
	if strings.ContainsRune(program, filepath.Separator) {
		path := program
		if !filepath.IsAbs(path) && dir != "" {
			path = filepath.Join(dir, path)
		}
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return "", fmt.Errorf("%s: %w", path, exec.ErrNotFound)
		}
		return filepath.Abs(path)
	}
	search := lastValue(env, "PATH")
	for _, entry := range filepath.SplitList(search) {
		if !filepath.IsAbs(entry) {
			continue
		}
		path := filepath.Join(entry, program)
		if info, err := os.Stat(path); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return path, nil
		}
	}
	return "", fmt.Errorf("%s in PATH %q: %w", program, search, exec.ErrNotFound)
}
