package builtin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/plugintest"
)

// remove takes away what a task has made.
func remove(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(target(dir)); err != nil {
		t.Fatal(err)
	}
}

func TestTasksConvergeAndHeal(t *testing.T) {
	providers := newProviders(t)
	overwrite := func(t *testing.T, dir string) { write(t, target(dir), "PermitRootLogin yes\n") }
	for _, row := range []struct {
		provider string
		task     plugintest.Task
	}{
		{"command", plugintest.Task{Example: commandExample(), Disturb: remove}},
		{"files", plugintest.Task{Example: fileExample(), Disturb: overwrite}},
		{"files", plugintest.Task{Example: directoryExample(), Disturb: remove}},
		{"files", plugintest.Task{Example: templateExample(), Disturb: remove}},
		{"files", plugintest.Task{Example: lineinfileExample(), Disturb: overwrite}},
	} {
		plugintest.Acceptance(t, providers[row.provider], row.task)
	}
}

func TestSourcesDeliverAgainWhatWasNotDelivered(t *testing.T) {
	plugintest.Acceptance(t, newProviders(t)["logs"], plugintest.Source{Example: tailExample(), Want: []string{"one", "two"}})
}

func TestSourcesOfValuesAreSteady(t *testing.T) {
	plugintest.Acceptance(t, newProviders(t)["git"], plugintest.Data{Example: gitExample()})
}

func TestCollectorsAreSteady(t *testing.T) {
	providers := newProviders(t)
	plugintest.Acceptance(t, providers["host"], plugintest.Collector{Example: collectorExample("loadavg"), Want: []string{"node_load1"}})
	plugintest.Acceptance(t, providers["host"], plugintest.Collector{Example: execExample()})
}

func TestStagesMakeTheSameOfTheSame(t *testing.T) {
	providers := newProviders(t)
	in := func(b *event.Builder) {
		b.Log(time.Unix(0, 1), []byte(`{"level":"info"}`))
		b.Event(event.Change, time.Unix(0, 2))
	}
	for _, stage := range []plugintest.Stage{
		{Example: filterExample(), In: in, Want: []string{`{"timestamp":"1970-01-01T00:00:00.000000001Z","message":"{\"level\":\"info\"}"}`}},
		{Example: parseExample(), In: in, Want: []string{`{"level":"info"}`, `{"timestamp":"1970-01-01T00:00:00.000000002Z","kind":"change","parse_error":"no text to parse"}`}},
		{Example: setExample(), In: in, Want: []string{
			`{"timestamp":"1970-01-01T00:00:00.000000001Z","message":"{\"level\":\"info\"}","number":0,"text":"x"}`,
			`{"timestamp":"1970-01-01T00:00:00.000000002Z","kind":"change","number":1,"text":"x"}`,
		}},
	} {
		plugintest.Acceptance(t, providers["logs"], stage)
	}
}

func TestSinksDeliverAfterARefusal(t *testing.T) {
	plugintest.Acceptance(t, newProviders(t)["sinks"], plugintest.Sink{
		Example: fileSinkExample(),
		In: func(b *event.Builder) {
			b.Log(time.Unix(1, 0), []byte("one"))
			b.Log(time.Unix(2, 0), []byte("two"))
		},
		Break: func(t *testing.T, dir string) {
			write(t, filepath.Join(dir, "below"), "a file, where the sink needs a directory")
		},
		Mend: func(t *testing.T, dir string) {
			if err := os.Remove(filepath.Join(dir, "below")); err != nil {
				t.Fatal(err)
			}
		},
		Received: func(t *testing.T, dir string) []string {
			content, err := os.ReadFile(filepath.Join(dir, "below", "out.log"))
			if err != nil {
				t.Fatal(err)
			}
			return strings.Split(string(content), "\n")
		},
		Want: []string{"one", "two"},
	})
}
