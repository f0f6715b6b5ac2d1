package pluginhost

import (
	"context"
	"errors"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"sync"
	"syscall"
	"time"

	"github.com/hashicorp/go-plugin/runner"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
)

// drainTime is how long the output of a process that has ended is read where
// something else still holds it open.
const drainTime = time.Second

// child is a process of a provider as go-plugin runs it.
type child struct {
	cmd      *exec.Cmd
	name     string
	greeting *greeting
	stderr   *os.File
	exited   chan struct{} // closed when the process is no more

	mu     sync.Mutex
	doomed bool // it is to end as soon as it has begun
	reaped bool
	status error // how it ended
}

var _ runner.Runner = (*child)(nil)

// newChild makes a process that is not started. Stray is given what it writes
// to its standard output that doesn't belong there.
func newChild(s Spec, program *checked, dir, level string, stray func([]byte)) (*child, error) {
	stdoutRead, stdoutWrite, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	stderrRead, stderrWrite, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, stdoutRead.Close(), stdoutWrite.Close())
	}
	return &child{
		name:     s.Name,
		greeting: &greeting{pipe: stdoutRead, stray: stray},
		stderr:   stderrRead,
		exited:   make(chan struct{}),
		cmd: &exec.Cmd{
			Path:        program.runnable(),
			Args:        []string{program.file.Name()},
			Dir:         dir,
			Env:         environment(s.Env, dir, level),
			Stdout:      stdoutWrite,
			Stderr:      stderrWrite,
			ExtraFiles:  []*os.File{program.file},
			SysProcAttr: attributes(),
		},
	}, nil
}

// environment is all that a provider knows of the environment of this process,
// which holds secrets, and what the configuration gives it.
func environment(named map[string]string, dir, level string) []string {
	basic := map[string]string{plugin.LogVariable: level, "TMPDIR": dir}
	for _, name := range []string{"TZ", "LC_ALL", "SSL_CERT_FILE", "SSL_CERT_DIR"} {
		if value, ok := os.LookupEnv(name); ok {
			basic[name] = value
		}
	}
	maps.Copy(basic, named)
	return process.Environment(nil, basic)
}

// Start implements [runner.Runner]. The process is started, and waited for, on
// a thread that stays as long as it does: the kernel kills the process when that
// thread ends.
func (c *child) Start(context.Context) error {
	started := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := c.start()
		c.cmd.Stdout.(*os.File).Close()
		c.cmd.Stderr.(*os.File).Close()
		started <- err
		if err == nil {
			c.await()
		} else {
			c.closePipes()
		}
	}()
	return <-started
}

func (c *child) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.doomed {
		return context.Canceled
	}
	return c.cmd.Start()
}

// await returns when the process has ended, and everything of its group with
// it.
func (c *child) await() {
	err := awaitExit(c.cmd.Process.Pid)
	c.mu.Lock()
	c.killGroup()
	c.status = errors.Join(err, c.cmd.Wait())
	c.reaped = true
	c.mu.Unlock()
	close(c.exited)
	time.AfterFunc(drainTime, c.closePipes)
}

func (c *child) closePipes() {
	c.greeting.pipe.Close()
	c.stderr.Close()
}

// killGroup ends the process and all that it started. The mutex is held.
func (c *child) killGroup() {
	if !c.reaped {
		_ = syscall.Kill(-c.cmd.Process.Pid, syscall.SIGKILL) // it has ended before otherwise
	}
}

// kill ends the process at once.
func (c *child) kill() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.doomed = true
	if c.cmd.Process != nil {
		c.killGroup()
	}
}

// exitLag is how long a process that seems to have ended may take until it has.
const exitLag = 100 * time.Millisecond

// Kill implements [runner.AttachedRunner]. A process that is ending by itself
// gets the time to say how.
func (c *child) Kill(context.Context) error {
	select {
	case <-c.exited:
	case <-time.After(exitLag):
		c.kill()
	}
	return nil
}

// Wait implements [runner.AttachedRunner].
func (c *child) Wait(context.Context) error {
	<-c.exited
	return c.status
}

// Stdout implements [runner.Runner].
func (c *child) Stdout() io.ReadCloser { return c.greeting }

// Stderr implements [runner.Runner].
func (c *child) Stderr() io.ReadCloser { return c.stderr }

// Name implements [runner.Runner].
func (c *child) Name() string { return c.name }

// ID implements [runner.AttachedRunner]. There is none where nothing was started.
func (c *child) ID() string {
	if c.cmd.Process == nil {
		return ""
	}
	return strconv.Itoa(c.cmd.Process.Pid)
}

// Diagnose implements [runner.Runner]. What went wrong is told in other words
// than go-plugin's.
func (*child) Diagnose(context.Context) string { return "" }

// PluginToHost implements [runner.AddrTranslator].
func (*child) PluginToHost(network, address string) (string, string, error) {
	return network, address, nil
}

// HostToPlugin implements [runner.AddrTranslator].
func (*child) HostToPlugin(network, address string) (string, string, error) {
	return network, address, nil
}
