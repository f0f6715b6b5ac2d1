// Package e2e runs the real binary the way a user does, and breaks things
// around it. All it listens at is the loopback interface.
package e2e

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/testutil/hostile"
)

var (
	kills = flag.Int("kills", 10, "how often the agent is killed in the test of that")
	seed  = flag.Uint64("seed", 0, "the seed of what happens at random; 0: one is drawn and printed")
)

// binary is the path of the program under test.
var binary string

func TestMain(m *testing.M) {
	hostile.Main()
	flag.Parse()
	os.Exit(build(m))
}

func build(m *testing.M) (code int) {
	dir, err := os.MkdirTemp("", "driftless-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() {
		if err := os.RemoveAll(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}()
	binary = filepath.Join(dir, "driftless")
	if out, err := exec.Command("go", "build", "-o", binary, "github.com/driftless-hq/driftless").CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "build the binary: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// patience is how long a test waits for what must happen.
const patience = 30 * time.Second

// agent is a process of the binary.
type agent struct {
	t       testing.TB
	cmd     *exec.Cmd
	log     *output
	address string
	exited  chan struct{}
}

// output keeps what a process writes and finds the address in it.
type output struct {
	mu      sync.Mutex
	text    strings.Builder
	address chan string
}

var addressPattern = regexp.MustCompile(`http://([0-9.:]+)/metrics`)

func (o *output) read(r io.Reader) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		o.mu.Lock()
		o.text.WriteString(lines.Text() + "\n")
		o.mu.Unlock()
		if m := addressPattern.FindStringSubmatch(lines.Text()); m != nil {
			select {
			case o.address <- m[1]:
			default:
			}
		}
	}
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// start runs the binary until it says where it listens. It is killed at the
// end of the test if it still runs.
func start(t testing.TB, env []string, args ...string) *agent {
	t.Helper()
	a := &agent{t: t, cmd: exec.Command(binary, args...), log: &output{address: make(chan string, 1)}, exited: make(chan struct{})}
	a.cmd.Env = append(os.Environ(), env...)
	pipe, err := a.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := a.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		defer close(a.exited)
		a.log.read(pipe)
		_ = a.cmd.Wait() // the tests look at the state of the process
	}()
	t.Cleanup(func() {
		a.kill()
		if t.Failed() {
			t.Logf("the agent wrote:\n%s", a.log)
		}
	})
	select {
	case a.address = <-a.log.address:
	case <-a.exited:
		t.Fatalf("the agent ended: %s\n%s", a.cmd.ProcessState, a.log)
	case <-time.After(patience):
		t.Fatalf("the agent did not come up:\n%s", a.log)
	}
	return a
}

// startConfig runs an agent in dir with a configuration, which begins with the
// settings every test needs.
func startConfig(t testing.TB, dir, configuration string) *agent {
	t.Helper()
	configure(t, dir, configuration)
	return start(t, nil, "agent", "-config="+filepath.Join(dir, "main.hcl"))
}

func configure(t testing.TB, dir, configuration string) {
	t.Helper()
	text := fmt.Sprintf("agent {\n  listen = \"127.0.0.1:0\"\n  data_dir = %q\n}\n%s", filepath.Join(dir, "data"), configuration)
	write(t, filepath.Join(dir, "main.hcl"), text)
}

func write(t testing.TB, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// kill ends the process as a power cut would.
func (a *agent) kill() {
	_ = a.cmd.Process.Kill() // it may have ended before
	<-a.exited
}

func (a *agent) signal(s syscall.Signal) {
	a.t.Helper()
	if err := a.cmd.Process.Signal(s); err != nil {
		a.t.Fatal(err)
	}
}

// stop ends the agent as Ctrl-C does and returns its exit code.
func (a *agent) stop() int {
	a.t.Helper()
	a.signal(syscall.SIGINT)
	select {
	case <-a.exited:
	case <-time.After(patience):
		a.t.Fatal("the agent did not end")
	}
	return a.cmd.ProcessState.ExitCode()
}

// mustStop stops the agent, which has to end well.
func (a *agent) mustStop() {
	a.t.Helper()
	if code := a.stop(); code != 0 {
		a.t.Errorf("the exit code is %d", code)
	}
}

func (a *agent) get(path string) string {
	a.t.Helper()
	response, err := http.Get("http://" + a.address + path)
	if err != nil {
		a.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return string(body)
}

func (a *agent) status() api.Status {
	a.t.Helper()
	var s api.Status
	if err := json.Unmarshal([]byte(a.get("/v1/status")), &s); err != nil {
		a.t.Fatal(err)
	}
	return s
}

func (a *agent) block(address string) api.Block {
	a.t.Helper()
	for _, b := range a.status().Blocks {
		if b.Address == address {
			return b
		}
	}
	a.t.Fatalf("the status has no %s", address)
	return api.Block{}
}

func (a *agent) metric(series string) string {
	a.t.Helper()
	for line := range strings.Lines(a.get("/metrics")) {
		if value, ok := strings.CutPrefix(line, series+" "); ok {
			return strings.TrimSpace(value)
		}
	}
	return ""
}

// memory returns a figure of the process in KiB, such as VmHWM.
func (a *agent) memory(name string) (kib int) {
	a.t.Helper()
	text := read(a.t, fmt.Sprintf("/proc/%d/status", a.cmd.Process.Pid))
	_, rest, _ := strings.Cut(text, name+":")
	if _, err := fmt.Sscan(rest, &kib); err != nil {
		a.t.Fatalf("%s of the process: %v", name, err)
	}
	return kib
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// until waits for a state of the world that no channel tells of.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}
