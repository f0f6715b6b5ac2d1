package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/testutil/exampleplugin"
)

const notesConfig = `
driftless {
  required_providers {
    notes = { version = "~> 1.0" }
  }
}
source "notes" "inbox" {
  notebook = %[1]q
}
pipeline "copy" {
  from = [source.notes.inbox]
  stage "tag" { tag = "seen" }
  to = [sink.notes.outbox]
}
sink "notes" "outbox" {
  notebook = %[2]q
  batch { max_age = "20ms" }
}
collector "notes" "outbox" {
  notebook = %[2]q
}
`

// notesLab is an agent that moves notes by the example of a provider.
type notesLab struct {
	*agent
	inbox, outbox string
	written       int
	kills         int
	last          int // the process that was killed last
}

func startNotes(t *testing.T) *notesLab {
	t.Helper()
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go to build the provider with")
	}
	dir := t.TempDir()
	if _, err := exampleplugin.Build(t.Context(), "../..", dir); err != nil {
		t.Fatal(err)
	}
	l := &notesLab{inbox: filepath.Join(dir, "inbox"), outbox: filepath.Join(dir, "outbox")}
	configure(t, dir, fmt.Sprintf(notesConfig, l.inbox, l.outbox))
	l.write(t, 1)
	args := []string{"-config=" + filepath.Join(dir, "main.hcl"), "-plugin-dir=" + dir}
	if text, err := exec.Command(binary, append([]string{"providers", "lock"}, args...)...).CombinedOutput(); err != nil {
		t.Fatalf("lock the provider: %v\n%s", err, text)
	}
	l.agent = start(t, nil, append([]string{"agent"}, args...)...)
	return l
}

// write adds notes to the inbox, each with a key of its own.
func (l *notesLab) write(t *testing.T, notes int) {
	t.Helper()
	f, err := os.OpenFile(l.inbox, os.O_WRONLY|os.O_APPEND|os.O_CREATE, 0o644)
	if err != nil {
		t.Fatal(err)
	}
	var text bytes.Buffer
	for range notes {
		fmt.Fprintf(&text, `{"key":"note-%d","text":"what is to be remembered, and of which nothing may be lost"}`+"\n", l.written)
		l.written++
	}
	if _, err := f.Write(text.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// killProvider ends the process of the provider, unless it was not started
// again since. One that is only about to be ready would be no restart.
func (l *notesLab) killProvider() {
	pid := l.child("driftless-plugin-notes")
	isUp := l.number(`driftless_plugin_up{provider="notes"}`) == 1
	if pid != 0 && pid != l.last && isUp && syscall.Kill(pid, syscall.SIGKILL) == nil {
		l.last, l.kills = pid, l.kills+1
	}
}

// delivered counts how often each key is in the outbox.
func (l *notesLab) delivered() map[string]int {
	text, err := os.ReadFile(l.outbox)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		l.t.Fatal(err)
	}
	seen := make(map[string]int)
	for line := range bytes.Lines(text) {
		var n struct{ Key, Tag string }
		if json.Unmarshal(line, &n) != nil { // empty, or cut off when the provider was killed
			continue
		}
		if n.Tag != "seen" {
			l.t.Fatalf("%s was delivered without having gone through the stage", line)
		}
		seen[n.Key]++
	}
	return seen
}

func (l *notesLab) number(series string) int {
	l.t.Helper()
	f, err := strconv.ParseFloat(l.metric(series), 64)
	if err != nil {
		l.t.Fatalf("the metric %s: %v", series, err)
	}
	return int(f)
}

// untilDelivered waits longer than a provider that has crashed too often rests.
func (l *notesLab) untilDelivered() map[string]int {
	l.t.Helper()
	ctx, cancel := context.WithTimeout(l.t.Context(), 3*time.Minute)
	defer cancel()
	for {
		seen := l.delivered()
		if len(seen) >= l.written {
			return seen
		}
		select {
		case <-ctx.Done():
			l.t.Fatalf("%d of %d notes were delivered, after %d kills", len(seen), l.written, l.kills)
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// shortestTorture is as long as a provider can be killed once a second without
// having ended so often that it rests for a minute.
const shortestTorture = 5 * time.Second

// A source, a stage and a sink of one process are under load while that is
// killed once a second.
func TestNoNoteIsLostWhileTheProviderIsKilled(t *testing.T) {
	l := startNotes(t)
	l.untilDelivered()
	goroutines, memory := l.number("go_goroutines"), l.memory("VmRSS")
	end, tick := time.Now().Add(max(*pluginTime, shortestTorture)), time.NewTicker(20*time.Millisecond)
	defer tick.Stop()
	for kill := time.Now().Add(time.Second); time.Now().Before(end); <-tick.C {
		l.write(t, 50)
		if time.Now().After(kill) {
			l.killProvider()
			kill = kill.Add(time.Second)
		}
	}
	l.write(t, 1) // which is delivered only by a process that is started after the last kill
	seen := l.untilDelivered()
	for i := range l.written {
		if seen[fmt.Sprintf("note-%d", i)] == 0 {
			t.Fatalf("note %d of %d was lost after %d kills", i, l.written, l.kills)
		}
	}
	if len(seen) != l.written {
		t.Errorf("%d notes were written, and %d delivered", l.written, len(seen))
	}
	l.checkMetrics()
	l.checkSteady(goroutines, memory)
	copies := 0
	for _, n := range seen {
		copies += n
	}
	t.Logf("%d kills; %d notes, %d with those that came twice; %d goroutines before and %d after; RSS %d KiB before, %d after and %d at most",
		l.kills, l.written, copies, goroutines, l.number("go_goroutines"), memory, l.memory("VmRSS"), l.memory("VmHWM"))
	l.mustStop()
}

// checkMetrics checks that the metrics tell what has happened.
func (l *notesLab) checkMetrics() {
	l.t.Helper()
	if l.kills < 2 {
		l.t.Errorf("the provider was killed %d times: that is no torture", l.kills)
	}
	for _, name := range []string{"crashes", "restarts"} {
		series := fmt.Sprintf("driftless_plugin_%s_total{provider=\"notes\"}", name)
		until(l.t, fmt.Sprintf("%s is %d, once for each kill", series, l.kills), func() bool { return l.number(series) == l.kills })
	}
	until(l.t, "the provider is up", func() bool { return l.number(`driftless_plugin_up{provider="notes"}`) == 1 })
	if sent := l.number(`driftless_component_sent_events_total{component="sink.notes.outbox"}`); sent < l.written {
		l.t.Errorf("%d notes were written, and the metrics have %d as sent", l.written, sent)
	}
	for _, component := range []string{"pipeline.copy", "sink.notes.outbox"} {
		for _, reason := range []string{"stage_error", "permanent", "exhausted"} {
			series := fmt.Sprintf("driftless_component_discarded_events_total{component=%q,reason=%q}", component, reason)
			if n := l.metric(series); n != "" && n != "0" {
				l.t.Errorf("%s is %s", series, n)
			}
		}
	}
	count := fmt.Sprintf("notes_count{notebook=%q}", l.outbox)
	until(l.t, "the collector counts all notes", func() bool { return l.metric(count) == strconv.Itoa(l.written) })
}

// What a host may hold more after a torture than before.
const (
	moreGoroutines = 10
	moreMemory     = 64 << 10 // KiB
)

// checkSteady checks that the host holds no more than before.
func (l *notesLab) checkSteady(goroutines, memory int) {
	l.t.Helper()
	until(l.t, fmt.Sprintf("there are about %d goroutines again", goroutines), func() bool {
		return l.number("go_goroutines") <= goroutines+moreGoroutines
	})
	if now := l.memory("VmRSS"); now > memory+moreMemory {
		l.t.Errorf("the agent held %d KiB before, and holds %d", memory, now)
	}
}
