package e2e

import (
	"bufio"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// delivery is a configuration that tails app.log and what it is rotated to,
// and leaves out every line of level debug.
func delivery(dir, address string) string {
	return fmt.Sprintf(`
source "file" "app" {
  paths    = ["%[1]s/app.log*"]
  start_at = "beginning"
}
pipeline "app" {
  from = [source.file.app]
  stage "parse"  { format = "json" }
  stage "filter" { keep = event.level != "debug" }
  to = [sink.file.out, sink.http.out]
}
sink "file" "out" {
  path   = "%[1]s/out.ndjson"
  format = "ndjson"
}
sink "http" "out" {
  url     = "http://%[2]s/"
  format  = "ndjson"
  timeout = "500ms"
  retry {
    delay     = "20ms"
    max_delay = "100ms"
  }
}
`, dir, address)
}

// line is the text of line n. Every tenth is left out by the filter.
func line(n int) string {
	level := "info"
	if n%10 == 9 {
		level = "debug"
	}
	return fmt.Sprintf(`{"n":%d,"level":"%s","message":"GET /index.html from 192.0.2.%d","took":%d.5}`, n, level, n%256, n%977)
}

// wanted are the lines that have to arrive of the first n.
func wanted(n int) []string {
	var all []string
	for i := range n {
		if i%10 != 9 {
			all = append(all, line(i))
		}
	}
	return all
}

// writer appends numbered lines to app.log.
type writer struct {
	t    *testing.T
	path string
	file *os.File
	next int
	turn int
}

func newWriter(t *testing.T, dir string) *writer {
	t.Helper()
	w := &writer{t: t, path: filepath.Join(dir, "app.log")}
	w.open()
	return w
}

func (w *writer) open() {
	w.t.Helper()
	file, err := os.OpenFile(w.path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		w.t.Fatal(err)
	}
	w.file = file
}

func (w *writer) write(n int) {
	w.t.Helper()
	out := bufio.NewWriterSize(w.file, 64<<10)
	for range n {
		if _, err := out.WriteString(line(w.next) + "\n"); err != nil {
			w.t.Fatal(err)
		}
		w.next++
	}
	if err := out.Flush(); err != nil {
		w.t.Fatal(err)
	}
}

// rotate renames the file and goes on in a new one.
func (w *writer) rotate() {
	w.t.Helper()
	w.turn++
	if err := os.Rename(w.path, fmt.Sprintf("%s.%d", w.path, w.turn)); err != nil {
		w.t.Fatal(err)
	}
	w.close()
	w.open()
}

func (w *writer) close() {
	w.t.Helper()
	if err := w.file.Close(); err != nil {
		w.t.Fatal(err)
	}
}

func fileLines(t *testing.T, path string) []string {
	t.Helper()
	return strings.Split(strings.TrimSuffix(read(t, path), "\n"), "\n")
}

func TestEachLineArrivesOnceAndInOrder(t *testing.T) {
	const lines = 100_000
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	w.write(lines)
	w.close()
	a := startConfig(t, dir, delivery(dir, to.address))
	want := wanted(lines)
	began := time.Now()
	until(t, "everything has arrived over HTTP", func() bool { return len(to.received()) >= len(want) })
	t.Logf("%d lines took %s", lines, time.Since(began).Round(time.Millisecond))
	a.mustStop()
	for name, got := range map[string][]string{"file": fileLines(t, filepath.Join(dir, "out.ndjson")), "http": to.received()} {
		compare(t, name, got, want)
	}
	a = startConfig(t, dir, delivery(dir, to.address))
	until(t, "the agent has looked at the file", func() bool { return a.get("/-/ready") == "ready\n" })
	a.mustStop()
	if n := len(to.received()); n != len(want) {
		t.Errorf("after a restart in good order %d lines came again", n-len(want))
	}
}

func compare(t *testing.T, sink string, got, want []string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%s: %d lines arrived, want %d", sink, len(got), len(want))
	}
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Errorf("%s: line %d is %s, want %s", sink, i, got[i], want[i])
			return
		}
	}
}

// TestNothingIsLostWhenTheAgentIsKilled kills the agent at random moments
// while a program writes its log and rotates it.
func TestNothingIsLostWhenTheAgentIsKilled(t *testing.T) {
	if *seed == 0 {
		*seed = rand.Uint64()
	}
	t.Logf("go test -run %s -seed=%d -kills=%d", t.Name(), *seed, *kills)
	random := rand.New(rand.NewPCG(*seed, 0))
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	for range *kills {
		a := startConfig(t, dir, delivery(dir, to.address))
		for deadline := time.Now().Add(time.Duration(random.IntN(1500)) * time.Millisecond); time.Now().Before(deadline); {
			w.write(1 + random.IntN(200))
			if random.IntN(50) == 0 {
				w.rotate()
			}
			time.Sleep(time.Duration(random.IntN(4)) * time.Millisecond) // the pace of the writer
		}
		a.kill()
		w.write(random.IntN(500))
	}
	w.close()
	a := startConfig(t, dir, delivery(dir, to.address))
	want := wanted(w.next)
	out := filepath.Join(dir, "out.ndjson")
	until(t, "every line has arrived in both sinks", func() bool {
		return len(missing(to.received(), want)) == 0 && len(missing(fileLines(t, out), want)) == 0
	})
	a.mustStop()
	for name, got := range map[string][]string{"file": fileLines(t, out), "http": to.received()} {
		checkRepeats(t, name, got, want)
	}
}

// missing returns the wanted lines that are not among those that arrived.
func missing(got, want []string) []string {
	arrived := make(map[string]bool, len(got))
	for _, one := range got {
		arrived[one] = true
	}
	var out []string
	for _, one := range want {
		if !arrived[one] {
			out = append(out, one)
		}
	}
	return out
}

// checkRepeats tells how many lines came more than once: at most once more
// for each time the agent was killed. None may be what nobody wrote.
func checkRepeats(t *testing.T, sink string, got, want []string) {
	t.Helper()
	times := make(map[string]int, len(want))
	for _, one := range want {
		times[one] = 0
	}
	for _, one := range got {
		if _, ok := times[one]; !ok {
			t.Errorf("%s: a line arrived that was never written: %q", sink, one)
			return
		}
		times[one]++
	}
	most := 0
	for _, n := range times {
		most = max(most, n)
	}
	t.Logf("%s: of %d lines %d came again, one of them %d times", sink, len(want), len(got)-len(want), most)
	if most > *kills+1 {
		t.Errorf("%s: a line came %d times after %d kills", sink, most, *kills)
	}
}

// 64 of the failures that an agent has to stand: the receiver is down.
func TestAReceiverThatFailsLosesNothingAndFillsNoMemory(t *testing.T) {
	const block = 100_000 // lines, some 9 MB
	dir, to := t.TempDir(), newReceiver(t)
	w := newWriter(t, dir)
	a := startConfig(t, dir, delivery(dir, to.address))
	w.write(1000)
	refused := func() int { _, n := to.counts(); return n }
	for _, f := range []fault{unavailable, hanging} {
		before := refused()
		to.fail(f)
		w.write(3 * block)
		until(t, "the agent has tried a few times", func() bool { return refused() >= before+3 })
	}
	to.close(t)
	w.write(3 * block)
	retries := func() string { return a.metric(`driftless_component_retries_total{component="sink.http.out"}`) }
	at := retries()
	until(t, "the agent has tried to connect", func() bool { return retries() != at })
	to.fail(healthy)
	to.listen(t, to.address)
	w.close()
	want := wanted(w.next)
	until(t, "everything has arrived over HTTP", func() bool { return len(missing(to.received(), want)) == 0 })
	const limit = 160 << 10 // KiB; without bounds the events would take twice that
	peak := a.memory("VmHWM")
	t.Logf("the agent held at most %d MiB while %d MiB waited", peak>>10, w.size(t)>>20)
	if peak > limit {
		t.Errorf("the agent held %d KiB at most, more than %d", peak, limit)
	}
	a.mustStop()
	if n := len(fileLines(t, filepath.Join(dir, "out.ndjson"))); n != len(want) {
		t.Errorf("%d lines are in the file, want %d: the other sink does not fail", n, len(want))
	}
}

func (w *writer) size(t *testing.T) int64 {
	t.Helper()
	info, err := os.Stat(w.path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}
