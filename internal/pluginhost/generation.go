package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
	goplugin "github.com/hashicorp/go-plugin"
	"github.com/hashicorp/go-plugin/runner"
	"google.golang.org/grpc/health/grpc_health_v1"

	"github.com/driftless-hq/driftless/plugin"
)

// generation is one process of a provider, from its start to its end.
type generation struct {
	spec   Spec
	limits limits
	log    hclog.Logger
	out    *output
	failed func(method string) // is told of each call that failed
	dir    string              // private, gone with the process

	child  *child
	client *goplugin.Client
	health grpc_health_v1.HealthClient
	wire   *plugin.Client

	settled chan struct{} // closed when it is known how the start went
	gone    chan struct{} // closed when the process has ended
	done    chan struct{} // closed when all that belonged to it is gone too

	mu    sync.Mutex
	cause error // why it was ended; nil: it ended by itself
}

// start starts a process and waits until it has told its manifest. An error
// says why that took no good end; there is no process then.
func (g *generation) start(ctx context.Context) (plugin.Manifest, error) {
	program, err := g.spec.Binary.open()
	if err != nil {
		return plugin.Manifest{}, err
	}
	defer program.file.Close()
	if g.dir, err = os.MkdirTemp(tempDir(), "driftless-plugin-"); err != nil {
		return plugin.Manifest{}, fmt.Errorf("make its directory: %w", err)
	}
	if g.child, err = newChild(g.spec, program, g.dir, g.log.GetLevel().String(), g.stray); err != nil {
		return plugin.Manifest{}, errors.Join(err, os.Remove(g.dir))
	}
	g.client = goplugin.NewClient(g.config())
	late := time.AfterFunc(g.limits.start, func() { g.end(fmt.Errorf("it was not ready within %s", g.limits.start)) })
	defer late.Stop()
	stop := context.AfterFunc(ctx, func() { g.end(context.Cause(ctx)) })
	defer stop()
	m, err := g.connect(ctx)
	if err == nil {
		err = program.unchanged()
	}
	if err != nil {
		return plugin.Manifest{}, g.abort(err)
	}
	return m, nil
}

// maxTempDir is the length of a path below which a socket can still be made: the
// kernel allows for 108 bytes in all.
const maxTempDir = 36

// tempDir returns where the directories of processes are made.
func tempDir() string {
	if dir := os.TempDir(); len(dir) <= maxTempDir {
		return dir
	}
	return "/tmp"
}

// config is how go-plugin runs the process: with a certificate for this one
// connection, over gRPC only, and with nothing of the environment.
func (g *generation) config() *goplugin.ClientConfig {
	return &goplugin.ClientConfig{
		HandshakeConfig:  plugin.Handshake(),
		VersionedPlugins: plugin.Versions(nil),
		AllowedProtocols: []goplugin.Protocol{goplugin.ProtocolGRPC},
		AutoMTLS:         true,
		SkipHostEnv:      true,
		StartTimeout:     2 * g.limits.start, // after ours, which says more
		GRPCDialOptions:  append(plugin.DialOptions(), g.dialOptions()...),
		UnixSocketConfig: &goplugin.UnixSocketConfig{TempDir: g.dir},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard}),
		Stderr:           g.out,
		SyncStdout:       strayWriter(g.stray),
		SyncStderr:       g.out,
		RunnerFunc: func(_ hclog.Logger, cmd *exec.Cmd, _ string) (runner.Runner, error) {
			g.child.cmd.Env = append(g.child.cmd.Env, cmd.Env...)
			return g.child, nil
		},
	}
}

// strayWriter takes what a provider prints.
type strayWriter func([]byte)

// Write implements [io.Writer].
func (w strayWriter) Write(p []byte) (int, error) {
	w(p)
	return len(p), nil
}

// stray is given what the process writes to its standard output where it has
// nothing to write.
func (g *generation) stray(p []byte) {
	text := strings.TrimSpace(string(p[:min(len(p), maxLine)]))
	if text == "" {
		return
	}
	line := hclog.New(&hclog.LoggerOptions{Level: hclog.Warn, Output: g.out, JSONFormat: true})
	line.Warn("the provider writes to its standard output, which nobody reads; what it has to say belongs into its log", "text", text)
}

// connect brings the process to the point where it has told its manifest.
func (g *generation) connect(ctx context.Context) (plugin.Manifest, error) {
	defer close(g.settled)
	var none plugin.Manifest
	protocol, err := g.client.Client()
	if g.child.cmd.Process != nil {
		go g.follow()
	}
	if err != nil {
		return none, err
	}
	conn, ok := protocol.(*goplugin.GRPCClient)
	if !ok {
		return none, errors.New("it doesn't speak gRPC")
	}
	g.health = grpc_health_v1.NewHealthClient(conn.Conn)
	dispensed, err := protocol.Dispense("provider")
	if err != nil {
		return none, err
	}
	if g.wire, ok = dispensed.(*plugin.Client); !ok {
		return none, errors.New("what it serves is no provider")
	}
	return g.wire.Manifest(ctx)
}

// abort ends what was started and says why it failed.
func (g *generation) abort(err error) error {
	if g.child.cmd.Process == nil {
		close(g.gone)
		g.clean()
		return startError(err)
	}
	g.child.Kill(context.Background()) //nolint:errcheck // it returns none
	<-g.done
	greeting := g.child.greeting.text()
	parts := strings.Split(greeting, "|")
	g.mu.Lock()
	cause := g.cause
	g.mu.Unlock()
	switch {
	case cause != nil:
		return g.withLast(cause)
	case greeting == "":
		return g.withLast(fmt.Errorf("it ended before it was ready, with %s", ending(g.child.status)))
	case len(parts) < 5:
		return fmt.Errorf("it wrote %q to its standard output where a provider says how it is reached. It must call plugin.Serve and write nothing there", short(g.out.clean(greeting)))
	case parts[1] != strconv.Itoa(plugin.ProtocolVersion):
		return fmt.Errorf("it speaks version %s of the protocol, and this driftless speaks version %d. Install a release of the provider that was made for it", short(g.out.clean(parts[1])), plugin.ProtocolVersion)
	}
	return err
}

// startError explains why a file could not be run at all.
func startError(err error) error {
	if failed, ok := errors.AsType[*os.PathError](err); ok {
		return fmt.Errorf("it can't be run: %w. It must be an executable for %s", failed.Err, Platform())
	}
	return err
}

// short bounds what is quoted.
func short(text string) string {
	const most = 200
	if len(text) > most {
		return strings.ToValidUTF8(text[:most], "") + "..."
	}
	return text
}

// ending says how a process ended.
func ending(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

func (g *generation) withLast(err error) error {
	if last := g.out.last(); last != "" {
		return fmt.Errorf("%w; the last that it wrote is: %s", err, short(last))
	}
	return err
}

// follow waits for the end of the process and cleans up behind it.
func (g *generation) follow() {
	<-g.child.exited
	close(g.gone)
	<-g.settled
	g.clean()
}

func (g *generation) clean() {
	if g.wire != nil {
		_ = g.wire.Close() // it fails: this is how what is open learns that it is lost
	}
	g.client.Kill()
	if err := os.RemoveAll(g.dir); err != nil {
		g.log.Warn("remove the directory of a provider", "error", err)
	}
	close(g.done)
}

// end ends the process at once, and notes why if it is the first to know.
func (g *generation) end(cause error) {
	g.mu.Lock()
	if g.cause == nil {
		g.cause = cause
	}
	g.mu.Unlock()
	g.child.kill()
}

// reason says why the process has ended.
func (g *generation) reason() error {
	g.mu.Lock()
	cause := g.cause
	g.mu.Unlock()
	if cause != nil {
		return fmt.Errorf("the process of the provider %s was ended: %w", g.spec.Name, cause)
	}
	return g.withLast(fmt.Errorf("the process of the provider %s ended with %s", g.spec.Name, ending(g.child.status)))
}

// closeTime is how long a process may take to end when it is told to.
const closeTime = 3 * time.Second

// close ends the process in good order, and otherwise.
func (g *generation) close() error {
	err := g.wire.Close()
	if g.lost() != nil {
		err = nil // it has ended by itself
	}
	kill := time.AfterFunc(closeTime, g.child.kill)
	defer kill.Stop()
	g.client.Kill()
	<-g.done
	return err
}
