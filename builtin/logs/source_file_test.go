package logs

import (
	"context"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// fileConfigValue is a configuration with the defaults, but for some values.
func fileConfigValue(t *testing.T, set map[string]cty.Value) cty.Value {
	t.Helper()
	values := map[string]cty.Value{}
	for _, a := range fileType().Schema.Attributes {
		values[a.Name] = cty.NullVal(a.Type)
		if a.Default != cty.NilVal {
			values[a.Name] = a.Default
		}
	}
	maps.Copy(values, set)
	return cty.ObjectVal(values)
}

func textList(list ...string) cty.Value {
	values := make([]cty.Value, len(list))
	for i, text := range list {
		values[i] = cty.StringVal(text)
	}
	if len(values) == 0 {
		return cty.ListValEmpty(cty.String)
	}
	return cty.ListVal(values)
}

func TestTheFileSourceReadsWhatItsSchemaSays(t *testing.T) {
	if err := schema.Check(fileType().Schema, fileConfig{}); err != nil {
		t.Error(err)
	}
	if err := schema.Check(agentType().Schema, agentConfig{}); err != nil {
		t.Error(err)
	}
}

func TestFileSourceConfigurationsAreChecked(t *testing.T) {
	tests := map[string]struct {
		set  map[string]cty.Value
		want []string
	}{
		"patterns are all it needs": {
			map[string]cty.Value{"paths": textList("/var/log/**/*.log*")}, nil},
		"what is not known yet is not judged": {
			map[string]cty.Value{"paths": cty.UnknownVal(cty.List(cty.String)), "max_line": cty.UnknownVal(cty.String)}, nil},
		"an element that is not known yet is not judged": {
			map[string]cty.Value{"paths": cty.ListVal([]cty.Value{cty.UnknownVal(cty.String)})}, nil},
		"an empty list follows nothing": {
			map[string]cty.Value{"paths": textList()}, []string{"No files to follow"}},
		"a bracket must be closed": {
			map[string]cty.Value{"paths": textList("/var/log/[a"), "exclude": textList("{b")}, []string{"Invalid pattern", "Invalid pattern"}},
		"an empty pattern matches nothing": {
			map[string]cty.Value{"paths": textList("")}, []string{"Invalid pattern"}},
		"a line has at least a byte": {
			map[string]cty.Value{"paths": textList("/a"), "max_line": cty.StringVal("0")}, []string{"Invalid line length"}},
		"a line must fit into memory": {
			map[string]cty.Value{"paths": textList("/a"), "max_line": cty.StringVal("1GiB")}, []string{"Invalid line length"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			var got []string
			for _, d := range New(nil).Validate(t.Context(), fileType().Ref, fileConfigValue(t, test.set)) {
				got = append(got, d.Summary)
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("diagnostics differ (-want +got):\n%s", diff)
			}
		})
	}
}

// TestTheFileSourceWakesUpWhenSomethingIsWritten runs in real time, with the
// watching of directories that the other tests do without.
func TestTheFileSourceWakesUpWhenSomethingIsWritten(t *testing.T) {
	defer goleak.VerifyNone(t)
	path := filepath.Join(t.TempDir(), "app.log")
	instance, diags := New(nil).Open(t.Context(), plugin.OpenRequest{
		Type: fileType().Ref, Addr: "source.file.app",
		Config: fileConfigValue(t, map[string]cty.Value{"paths": textList(path), "start_at": cty.StringVal("beginning")}),
		Env:    plugin.Env{Log: testLogger(t), Checkpoints: newMemory(), Now: time.Now},
	})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	defer instance.Close(t.Context())
	out := make(chanEmitter)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- instance.(plugin.Source).Run(ctx, out) }()
	for _, line := range []string{"one", "two", "three"} {
		file, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := file.WriteString(line + "\n"); err != nil {
			t.Fatal(err)
		}
		if err := file.Close(); err != nil {
			t.Fatal(err)
		}
		if got := receivedAt(<-out, 0).Body; got != line {
			t.Errorf("got %q, want %q", got, line)
		}
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
}

// chanEmitter sends batches and acknowledges them.
type chanEmitter chan *event.Batch

func (c chanEmitter) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	select {
	case c <- batch:
		ack(nil)
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
