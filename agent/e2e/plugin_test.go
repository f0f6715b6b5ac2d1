package e2e

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/testutil/hostile"
)

var pluginTime = flag.Duration("plugin-time", 3*time.Second, "for how long the process of a provider is killed again and again")

// hostileConfig requires a provider and uses all that it offers: a source, a
// stage and a sink in one pipeline, and a collector.
const hostileConfig = `
driftless {
  required_providers {
    hostile = { version = "~> 1.0" }
  }
}
source "hostile" "numbers" {
  events = %d
}
pipeline "numbers" {
  from = [source.hostile.numbers]
  stage "set" { fields = { seen = true } }
  stage "hostile" {
    fault = %q
    once  = %q
  }
  to = [sink.hostile.out]
}
sink "hostile" "out" {
  path = %q
  retry { attempts = 1 }
}
collector "hostile" "beat" {}
`

// lab is an agent with the hostile provider.
type hostileLab struct {
	*agent
	dir, out string
}

func startHostile(t *testing.T, events int, fault string) hostileLab {
	t.Helper()
	dir := t.TempDir()
	out := filepath.Join(dir, "out")
	configure(t, dir, fmt.Sprintf(hostileConfig, events, fault, filepath.Join(dir, "once"), out))
	hostile.Install(t, filepath.Join(dir, "plugins"), "1.0.0")
	args := []string{"-config=" + filepath.Join(dir, "main.hcl"), "-plugin-dir=" + filepath.Join(dir, "plugins")}
	if text, err := exec.Command(binary, append([]string{"providers", "lock"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("lock the provider: %v\n%s", err, text)
	}
	return hostileLab{start(t, nil, append([]string{"agent"}, args...)...), dir, out}
}

// numbers counts how often each number was delivered.
func (l hostileLab) numbers() map[int]int {
	text, err := os.ReadFile(l.out)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		l.t.Fatal(err)
	}
	seen := make(map[int]int)
	for line := range bytes.Lines(text) {
		n, err := strconv.Atoi(string(bytes.TrimSpace(line)))
		if err != nil {
			l.t.Errorf("%q was delivered", line)
		}
		seen[n]++
	}
	return seen
}

func (l hostileLab) untilDelivered(events int) {
	l.t.Helper()
	until(l.t, fmt.Sprintf("%d events were delivered", events), func() bool { return len(l.numbers()) == events })
}

// pid is that of the process of the provider, 0 while there is none.
func (l hostileLab) pid() int { return l.child("driftless-plugin-hostile", ".test") }

// child is the number of a process of the agent whose command line has one of
// the names in it, 0 while there is none.
func (a *agent) child(names ...string) int {
	a.t.Helper()
	parent := strconv.Itoa(a.cmd.Process.Pid)
	text, err := os.ReadFile(filepath.Join("/proc", parent, "task", parent, "children"))
	if err != nil {
		a.t.Skip("this system doesn't tell the children of a process: ", err)
	}
	threads, err := filepath.Glob(filepath.Join("/proc", parent, "task", "*", "children"))
	if err != nil {
		a.t.Fatal(err)
	}
	for _, path := range threads {
		more, _ := os.ReadFile(path) // the thread may have ended
		text = append(append(text, ' '), more...)
	}
	for field := range bytes.FieldsSeq(text) {
		pid, err := strconv.Atoi(string(field))
		if err != nil {
			a.t.Fatal(err)
		}
		cmdline, _ := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid)) // it may have ended
		if slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(cmdline, []byte(name)) }) {
			return pid
		}
	}
	return 0
}

func exists(pid int) bool { return !errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

func TestAStageThatCrashesLosesNoEvent(t *testing.T) {
	l := startHostile(t, 500, "exit")
	l.untilDelivered(500)
	for _, address := range []string{"source.hostile.numbers", "pipeline.numbers", "sink.hostile.out", "collector.hostile.beat"} {
		until(t, address+" runs again", func() bool { b := l.block(address); return b.State == "running" && b.Restarts > 0 })
	}
	until(t, "the metrics tell of the crash", func() bool {
		return l.metric(`driftless_plugin_crashes_total{provider="hostile"}`) == "1" && l.metric(`driftless_plugin_restarts_total{provider="hostile"}`) == "1"
	})
	if up := l.metric(`driftless_plugin_up{provider="hostile"}`); up != "1" {
		t.Errorf("driftless_plugin_up is %q", up)
	}
	if discarded := l.metric(`driftless_component_discarded_events_total{component="pipeline.numbers",reason="stage_error"}`); discarded != "" && discarded != "0" {
		t.Errorf("%s events were discarded", discarded)
	}
	if p := l.status().Providers; len(p) != 1 || !p[0].Up || p[0].Crashes != 1 {
		t.Errorf("the status has %+v", p)
	}
	if code := l.stop(); code != 0 {
		t.Errorf("the agent ended with %d", code)
	}
}

func TestNoEventIsLostWhileAProviderIsKilled(t *testing.T) {
	const events = 20_000
	l := startHostile(t, events, "")
	random := rand.New(rand.NewPCG(*seed, 1))
	before := l.memory("VmRSS")
	kills := 0
	for end := time.Now().Add(*pluginTime); time.Now().Before(end); {
		if pid := l.pid(); pid != 0 && syscall.Kill(pid, syscall.SIGKILL) == nil {
			kills++
		}
		time.Sleep(time.Duration(random.IntN(1500)) * time.Millisecond) // when it happens is the very thing that is at random
	}
	until(t, "it is up", func() bool { return l.metric(`driftless_plugin_up{provider="hostile"}`) == "1" })
	deadline := time.Now().Add(3 * time.Minute) // it may rest for a minute
	for len(l.numbers()) < events && time.Now().Before(deadline) {
		time.Sleep(50 * time.Millisecond)
	}
	seen := l.numbers()
	for n := range events {
		if seen[n] == 0 {
			t.Fatalf("number %d of %d was lost after %d kills", n, events, kills)
		}
	}
	t.Logf("%d kills, %s crashes; %d events, %d lines; RSS %d KiB before and %d after", kills,
		l.metric(`driftless_plugin_crashes_total{provider="hostile"}`), events, total(seen), before, l.memory("VmRSS"))
}

func total(seen map[int]int) (sum int) {
	for _, n := range seen {
		sum += n
	}
	return sum
}

func TestNoProviderOutlivesItsAgent(t *testing.T) {
	tests := []struct {
		name string
		end  func(l hostileLab)
	}{
		{"that is told to end", func(l hostileLab) { l.stop() }},
		{"that is killed", func(l hostileLab) { l.kill() }},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			l := startHostile(t, 10, "")
			l.untilDelivered(10)
			pid := l.pid()
			if pid == 0 {
				t.Fatal("the provider is not among the children of the agent")
			}
			test.end(l)
			until(t, "the process of the provider is gone", func() bool { return !exists(pid) })
		})
	}
}

func TestAReloadLaunchesAndEndsProviders(t *testing.T) {
	l := startHostile(t, 10, "")
	l.untilDelivered(10)
	first := l.pid()
	main := filepath.Join(l.dir, "main.hcl")
	text := read(t, main)
	reload := func(text, want string) {
		t.Helper()
		write(t, main, text)
		if got := l.post("/-/reload"); !strings.Contains(got, want) {
			t.Fatalf("the reload said %q, want %q", got, want)
		}
	}
	reload(text+"\n", "reloaded")
	if pid := l.pid(); pid != first {
		t.Errorf("the provider was started again, although nothing has changed")
	}
	reload(text+"provider \"hostile\" {\n  refuse = true\n}\n", "Refused")
	if pid := l.pid(); pid != first {
		t.Errorf("a configuration that is not valid has changed the provider")
	}
	reload(text+"provider \"hostile\" {\n  env = { REGION = \"north\" }\n}\n", "reloaded")
	until(t, "the old process is gone", func() bool { return !exists(first) })
	until(t, "the new one serves", func() bool { return l.block("sink.hostile.out").State == "running" && l.pid() != 0 })
	head, _, _ := strings.Cut(text, "\ndriftless {")
	reload(head, "reloaded")
	until(t, "no process is left", func() bool { return l.pid() == 0 })
}

// post sends an empty request and returns the answer.
func (a *agent) post(path string) string {
	a.t.Helper()
	response, err := http.Post("http://"+a.address+path, "", nil)
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
