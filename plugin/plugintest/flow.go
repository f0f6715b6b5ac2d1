package plugintest

import (
	"context"
	"slices"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// Data is a source of values that is read twice, and has the same value.
type Data struct{ Example }

var _ Case = Data{}

func (c Data) run(t *testing.T, w *world) {
	c.prepare(t, w)
	data := as[plugin.Data](t, c.Example, w.open(t, c.Example))
	kind, _ := typeOf(w.manifest, c.Type)
	var seen []string
	for range 2 {
		ctx, cancel := context.WithTimeout(t.Context(), timeout)
		v, diags := data.Read(ctx)
		cancel()
		if diags.HasErrors() {
			t.Fatalf("read: %s", diags.Err())
		}
		checkValue(t, kind, v)
		seen = append(seen, describeValue(v))
	}
	if seen[0] != seen[1] {
		t.Errorf("it is read twice and differs:\n  first:  %s\n  second: %s", seen[0], seen[1])
	}
}

// Collector is a collector that collects twice, and the same families.
type Collector struct {
	Example
	Want []string // the names of families that must be among them
}

var _ Case = Collector{}

func (c Collector) run(t *testing.T, w *world) {
	c.prepare(t, w)
	collector := as[plugin.Collector](t, c.Example, w.open(t, c.Example))
	var seen [][]string
	for range 2 {
		seen = append(seen, c.collect(t, collector))
	}
	if !slices.Equal(seen[0], seen[1]) {
		t.Errorf("it collects twice, and other families:\n  first:  %q\n  second: %q", seen[0], seen[1])
	}
	if len(seen[0]) == 0 {
		t.Error("it collects nothing")
	}
	for _, name := range c.Want {
		if !slices.ContainsFunc(seen[0], func(family string) bool { return strings.Fields(family)[1] == name }) {
			t.Errorf("it doesn't collect %s, but %q", name, seen[0])
		}
	}
}

func (c Collector) collect(t *testing.T, collector plugin.Collector) []string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	var batch event.Batch
	if err := collector.Collect(ctx, event.NewBuilder(&batch)); err != nil {
		t.Fatalf("collect: %s", err)
	}
	return families(&batch)
}

// Stage is a stage that is given events, twice, and makes others of them.
type Stage struct {
	Example
	In   func(b *event.Builder)
	Want []string // the events that come out, in JSON as a sink writes them
}

var _ Case = Stage{}

func (c Stage) run(t *testing.T, w *world) {
	c.prepare(t, w)
	stage := as[plugin.Stage](t, c.Example, w.open(t, c.Example))
	for range 2 {
		batch := build(c.In)
		if err := stage.Process(t.Context(), batch); err != nil {
			t.Fatalf("process: %s", err)
		}
		if got := lines(batch); !slices.Equal(got, c.Want) {
			t.Fatalf("these events come out:\n%s\nwanted are:\n%s", strings.Join(got, "\n"), strings.Join(c.Want, "\n"))
		}
	}
}

func build(in func(b *event.Builder)) *event.Batch {
	batch := new(event.Batch)
	in(event.NewBuilder(batch))
	return batch
}

// lines are the events of a batch in JSON.
func lines(b *event.Batch) []string {
	all := make([]string, b.Len())
	for i := range all {
		all[i] = string(event.AppendJSON(nil, b, i, event.EncodeOptions{}))
	}
	return all
}

// Sink is a sink that is given events. Where Break is set, its destination
// refuses the first attempt, and the same batch is written again.
type Sink struct {
	Example
	In func(b *event.Builder)
	// Break makes the destination refuse events, and Mend take them again.
	// Both are nil where that can't be done.
	Break, Mend func(t *testing.T, dir string)
	// Received returns what the destination has got so far, event by event.
	Received func(t *testing.T, dir string) []string
	Want     []string // what has to be received, each at least once
}

var _ Case = Sink{}

func (c Sink) run(t *testing.T, w *world) {
	c.prepare(t, w)
	sink := as[plugin.Sink](t, c.Example, w.open(t, c.Example))
	batch := build(c.In)
	before := describeBatch(batch)
	if c.Break != nil {
		c.Break(t, w.dir)
		if err := write(t, sink, batch); err == nil || plugin.IsPermanent(err) {
			t.Errorf("write while the destination refuses: got %v, want an error that isn't permanent", err)
		}
		c.Mend(t, w.dir)
	}
	if err := write(t, sink, batch); err != nil {
		t.Fatalf("write: %s", err)
	}
	if describeBatch(batch) != before {
		t.Error("the sink has changed the batch")
	}
	if err := sink.Close(t.Context()); err != nil {
		t.Errorf("close: %s", err)
	}
	missing(t, c.Want, c.Received(t, w.dir))
}

func write(t *testing.T, sink plugin.Sink, batch *event.Batch) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	return sink.Write(ctx, batch)
}

// missing complains of what is wanted and not there.
func missing(t *testing.T, want, got []string) {
	t.Helper()
	for _, one := range want {
		if !slices.Contains(got, one) {
			t.Errorf("%q is missing; there are %q", one, got)
		}
	}
}
