package sinks

import (
	"bytes"
	"context"
	"io"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// at is the time of the events in these tests.
var at = time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)

// body is what a block holds in a test: strings, bools, ints, nested bodies
// and cty values by name.
type body map[string]any

// configOf makes the value that the core would decode: what isn't given has
// its default or is null.
func configOf(t testing.TB, block *schema.Block, given body) cty.Value {
	t.Helper()
	given = maps.Clone(given)
	values := map[string]cty.Value{}
	for _, a := range block.Attributes {
		switch v, ok := given[a.Name]; {
		case ok:
			values[a.Name] = valueOf(t, a.Type, v)
		case a.Default != cty.NilVal:
			values[a.Name] = a.Default
		default:
			values[a.Name] = cty.NullVal(a.Type)
		}
		delete(given, a.Name)
	}
	for _, n := range block.Blocks {
		values[n.Name] = cty.NullVal(n.Block.ImpliedType())
		switch v := given[n.Name].(type) {
		case body:
			values[n.Name] = configOf(t, &n.Block, v)
		case cty.Value:
			values[n.Name] = v
		}
		delete(given, n.Name)
	}
	for name := range given {
		t.Fatalf("the schema has no %q", name)
	}
	return cty.ObjectVal(values)
}

func valueOf(t testing.TB, want cty.Type, v any) cty.Value {
	t.Helper()
	switch v := v.(type) {
	case string:
		return cty.StringVal(v)
	case bool:
		return cty.BoolVal(v)
	case int:
		return cty.NumberIntVal(int64(v))
	case map[string]string:
		elements := map[string]cty.Value{}
		for key, value := range v {
			elements[key] = cty.StringVal(value)
		}
		return cty.MapVal(elements)
	case cty.Value:
		return v
	}
	t.Fatalf("no cty value of %T for %s", v, want.FriendlyName())
	return cty.NilVal
}

// world is what an agent lends to a sink, and what outlives it.
type world struct {
	marks  memory
	now    clock
	logged lockedBuffer
	stdout bytes.Buffer
	stderr bytes.Buffer
}

func newWorld() *world {
	return &world{marks: memory{values: map[string][]byte{}}, now: clock{at: at}}
}

// open opens a sink, to be closed at the end of the test.
func (w *world) open(t testing.TB, name string, given body) plugin.Sink {
	t.Helper()
	sink, diags := w.tryOpen(t, name, given)
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sink.Close(context.Background()); err != nil {
			t.Errorf("closing: %v", err)
		}
	})
	return sink
}

func (w *world) tryOpen(t testing.TB, name string, given body) (plugin.Sink, plugin.Diagnostics) {
	t.Helper()
	provider := New(&w.stdout, &w.stderr)
	instance, diags := provider.Open(t.Context(), plugin.OpenRequest{
		Type:   plugin.TypeRef{Kind: plugin.KindSink, Name: name},
		Addr:   "sink." + name + ".test",
		Config: configOf(t, schemaOf(t, name), given),
		Env: plugin.Env{
			Log:         hclog.New(&hclog.LoggerOptions{Output: &w.logged}),
			Dir:         t.TempDir(),
			Checkpoints: &w.marks,
			Now:         w.now.Now,
		},
	})
	if diags.HasErrors() {
		return nil, diags
	}
	return instance.(plugin.Sink), diags
}

func schemaOf(t testing.TB, name string) *schema.Block {
	t.Helper()
	manifest, err := New(nil, nil).Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range manifest.Types {
		if typ.Ref.Name == name {
			return typ.Schema
		}
	}
	t.Fatalf("there is no sink %q", name)
	return nil
}

// memory is a store of checkpoints.
type memory struct {
	values map[string][]byte
	fail   error
}

func (m *memory) Load(_ context.Context, key string) ([]byte, error) { return m.values[key], m.fail }

func (m *memory) Save(_ context.Context, key string, value []byte) error {
	if value == nil {
		delete(m.values, key)
	} else {
		m.values[key] = value
	}
	return m.fail
}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type lockedBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *lockedBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *lockedBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// lines is a batch of one log event for each line.
func lines(texts ...string) *event.Batch {
	var b event.Builder
	for _, text := range texts {
		b.Log(at, []byte(text))
	}
	return b.Batch()
}

func write(t testing.TB, sink plugin.Sink, batch *event.Batch) {
	t.Helper()
	if err := sink.Write(t.Context(), batch); err != nil {
		t.Fatalf("Write: %v", err)
	}
}

func TestEachSchemaFitsTheStructItIsDecodedInto(t *testing.T) {
	for name, config := range map[string]any{"console": consoleConfig{}, "file": fileConfig{}, "http": httpConfig{}} {
		if err := schema.Check(schemaOf(t, name), config); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestValidateAcceptsAConfigurationOfWhichNothingIsKnown(t *testing.T) {
	provider := New(nil, nil)
	manifest, err := provider.Manifest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, typ := range manifest.Types {
		unknown := map[string]cty.Value{}
		for name, attribute := range typ.Schema.ImpliedType().AttributeTypes() {
			unknown[name] = cty.UnknownVal(attribute)
		}
		if diags := provider.Validate(t.Context(), typ.Ref, cty.ObjectVal(unknown)); len(diags) > 0 {
			t.Errorf("%s: %v", typ.Ref, diags)
		}
	}
}

func TestAnUnknownSinkIsRefused(t *testing.T) {
	provider := New(nil, nil)
	for _, ref := range []plugin.TypeRef{{Kind: plugin.KindSink, Name: "fax"}, {Kind: plugin.KindTask, Name: "file"}} {
		_, diags := provider.Open(t.Context(), plugin.OpenRequest{Type: ref})
		if !diags.HasErrors() || !provider.Validate(t.Context(), ref, cty.EmptyObjectVal).HasErrors() {
			t.Errorf("%s was accepted", ref)
		}
	}
}

func TestConsoleWritesEachFormatToItsTarget(t *testing.T) {
	const stamp = "2025-03-04T05:06:07Z"
	tests := map[string]struct {
		given          body
		stdout, stderr string
	}{
		"text is the default, and the standard output": {body{}, stamp + " one\n" + stamp + " two\n", ""},
		"the standard error on request":                {body{"target": "stderr"}, "", stamp + " one\n" + stamp + " two\n"},
		"raw is the body as it came":                   {body{"format": "raw"}, "one\ntwo\n", ""},
		"json is one object to a line": {body{"format": "json"},
			`{"timestamp":"` + stamp + `","message":"one"}` + "\n" + `{"timestamp":"` + stamp + `","message":"two"}` + "\n", ""},
		"logfmt is pairs": {body{"format": "logfmt"}, "timestamp=" + stamp + " message=one\ntimestamp=" + stamp + " message=two\n", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			w := newWorld()
			write(t, w.open(t, "console", tt.given), lines("one", "two"))
			if diff := cmp.Diff([]string{tt.stdout, tt.stderr}, []string{w.stdout.String(), w.stderr.String()}); diff != "" {
				t.Errorf("stdout, stderr (-want +got):\n%s", diff)
			}
		})
	}
}

func TestConsoleAddsTheMetadata(t *testing.T) {
	w := newWorld()
	var b event.Builder
	b.Log(at, []byte("hello"))
	b.Origin(event.Origin{Source: "source.file.web", Path: "/var/log/web"}, 42)
	write(t, w.open(t, "console", body{"format": "json", "metadata": true}), b.Batch())
	for _, want := range []string{`"source":"source.file.web"`, `"path":"/var/log/web"`, `"offset":42`, `"host":"`} {
		if !strings.Contains(w.stdout.String(), want) {
			t.Errorf("%s lacks %s", w.stdout.String(), want)
		}
	}
}

func TestConsolesOfOneProviderDoNotMixTheirLines(t *testing.T) {
	w := newWorld()
	provider := New(&w.stdout, &w.stderr)
	var busy sync.WaitGroup
	for range 4 {
		instance, diags := provider.Open(t.Context(), plugin.OpenRequest{
			Type:   plugin.TypeRef{Kind: plugin.KindSink, Name: "console"},
			Config: configOf(t, schemaOf(t, "console"), body{"format": "raw"}),
		})
		if err := diags.Err(); err != nil {
			t.Fatal(err)
		}
		busy.Go(func() {
			for range 50 {
				if err := instance.(plugin.Sink).Write(t.Context(), lines("aaaaaaaa", "bbbbbbbb")); err != nil {
					t.Error(err)
				}
			}
		})
	}
	busy.Wait()
	if want := strings.Repeat("aaaaaaaa\nbbbbbbbb\n", 200); w.stdout.String() != want {
		t.Error("the lines of different sinks are mixed")
	}
}

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestConsoleReportsAWriteThatFails(t *testing.T) {
	instance, diags := New(brokenPipe{}, nil).Open(t.Context(), plugin.OpenRequest{
		Type:   plugin.TypeRef{Kind: plugin.KindSink, Name: "console"},
		Config: configOf(t, schemaOf(t, "console"), body{}),
	})
	if err := diags.Err(); err != nil {
		t.Fatal(err)
	}
	err := instance.(plugin.Sink).Write(t.Context(), lines("x"))
	if err == nil || plugin.IsPermanent(err) || !strings.Contains(err.Error(), "stdout") {
		t.Errorf("got %v, want an error that names stdout and can be retried", err)
	}
}
