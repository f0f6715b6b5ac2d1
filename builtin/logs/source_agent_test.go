package logs

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// agentLog is a logger with a tap, as the agent has one.
func agentLog(entries int) (hclog.InterceptLogger, *Tap) {
	log := hclog.NewInterceptLogger(&hclog.LoggerOptions{Name: "agent", Output: io.Discard})
	tap := NewTap(entries, time.Now)
	log.RegisterSink(tap)
	return log, tap
}

// follow runs the source "agent" and returns where its batches arrive.
func follow(t *testing.T, tap *Tap, log hclog.Logger, level string) chanEmitter {
	t.Helper()
	instance, diags := New(tap).Open(t.Context(), plugin.OpenRequest{
		Type: agentType().Ref, Addr: "source.agent.self",
		Config: cty.ObjectVal(map[string]cty.Value{"level": cty.StringVal(level)}),
		Env:    plugin.Env{Log: log.Named("source.agent.self"), Now: time.Now},
	})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	out := make(chanEmitter)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- instance.(plugin.Source).Run(ctx, out) }()
	t.Cleanup(func() {
		cancel()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if err := instance.Close(context.Background()); err != nil {
			t.Error(err)
		}
		goleak.VerifyNone(t)
	})
	return out
}

// describe writes an event as its body and its sorted fields.
func describe(batch *event.Batch, i int) string {
	body, _ := batch.Body(i)
	var fields []string
	for j := range batch.NumFields(i) {
		id, v := batch.FieldAt(i, j)
		text := string(v.Text())
		switch v.Kind() {
		case event.Bool:
			text = fmt.Sprint(v.Bool())
		case event.Int:
			text = fmt.Sprint(v.Int())
		case event.Float:
			text = fmt.Sprint(v.Float())
		}
		fields = append(fields, batch.Name(id)+"="+text)
	}
	slices.Sort(fields)
	return string(body) + ": " + strings.Join(fields, " ")
}

func TestEntriesOfTheAgentsLogBecomeEvents(t *testing.T) {
	tests := map[string]struct {
		write func(log hclog.Logger)
		want  string
	}{
		"an entry has its level and its logger": {
			func(log hclog.Logger) { log.Named("bus").Warn("mailbox full") },
			"mailbox full: level=warn logger=agent.bus"},
		"numbers and truth values stay what they are": {
			func(log hclog.Logger) { log.Info("done", "count", 3, "ratio", 0.5, "ok", true) },
			"done: count=3 level=info logger=agent ok=true ratio=0.5"},
		"errors, durations and formats become text": {
			func(log hclog.Logger) {
				log.Error("failed", "error", errors.New("no route"), "after", time.Second, "at", hclog.Fmt("%d/%d", 1, 2))
			},
			"failed: after=1s at=1/2 error=no route level=error logger=agent"},
		"what a logger carries belongs to its entries": {
			func(log hclog.Logger) { log.With("task", "motd").Info("applied") },
			"applied: level=info logger=agent task=motd"},
		"a key cannot stand in for the level": {
			func(log hclog.Logger) { log.Info("odd", "level", "none") },
			"odd: level=info logger=agent"},
		"a value without a key is kept": {
			func(log hclog.Logger) { log.Info("odd", "alone") },
			"odd: EXTRA_VALUE_AT_END=alone level=info logger=agent"},
		"an entry below the level is left out": {
			func(log hclog.Logger) { log.Debug("first"); log.Info("second") },
			"second: level=info logger=agent"},
		"what the source itself writes is left out": {
			func(log hclog.Logger) { log.Named("source.agent.self").Warn("first"); log.Info("second") },
			"second: level=info logger=agent"},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			log, tap := agentLog(10)
			out := follow(t, tap, log, "info")
			test.write(log)
			batch := <-out
			if diff := cmp.Diff(test.want, describe(batch, 0)); diff != "" {
				t.Errorf("the event differs (-want +got):\n%s", diff)
			}
			if origin, offset := batch.Origin(0); origin.Source != "source.agent.self" || offset != -1 {
				t.Errorf("the event comes from %+v at %d", origin, offset)
			}
		})
	}
}

func TestEntriesThatAreNotTakenInTimeAreCounted(t *testing.T) {
	log, tap := agentLog(4)
	for i := range 10 {
		log.Info("entry", "i", i)
	}
	batch := <-follow(t, tap, log, "info")
	var got []string
	for i := range batch.Len() {
		got = append(got, describe(batch, i))
	}
	want := []string{
		"entries of the agent's log were dropped because they were not taken in time: dropped=6 level=warn logger=agent.source.agent.self",
		"entry: i=6 level=info logger=agent", "entry: i=7 level=info logger=agent",
		"entry: i=8 level=info logger=agent", "entry: i=9 level=info logger=agent",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("events differ (-want +got):\n%s", diff)
	}
}

func TestEveryoneWhoReadsAlongGetsAllEntries(t *testing.T) {
	log, tap := agentLog(10)
	first, second := follow(t, tap, log, "info"), follow(t, tap, log, "error")
	log.Error("trouble")
	for _, out := range []chanEmitter{first, second} {
		if got := describe(<-out, 0); !strings.HasPrefix(got, "trouble:") {
			t.Errorf("got %q", got)
		}
	}
}

func TestLongEntriesAreCut(t *testing.T) {
	tap := NewTap(1, time.Now)
	tap.Accept("agent", hclog.Info, strings.Repeat("x", 2*maxEntryText), "key", strings.Repeat("y", 2*maxEntryText))
	entries, _, _ := tap.after(t.Context(), 0)
	if n, m := len(entries[0].message), len(entries[0].pairs[0].value.(string)); n != maxEntryText || m != maxEntryText {
		t.Errorf("the message has %d bytes and the value %d, want %d", n, m, maxEntryText)
	}
}
