package command_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

// streamsVariable names a directory for copies of what plan and apply write
// with -json.
const streamsVariable = "DRIFTLESS_TEST_STREAMS"

// recorded has a plan or an apply keep a copy of its stream, as fmt does.
func recorded(s view.Streams) view.Streams {
	dir := os.Getenv(streamsVariable)
	isStream := len(os.Args) > 1 && slices.Contains([]string{"plan", "apply", "fmt", "drift", "history", "approve", "acknowledge"}, os.Args[1]) && slices.Contains(os.Args, "-json")
	if dir == "" || !isStream {
		return s
	}
	f, err := os.CreateTemp(dir, os.Args[1]+"-*.ndjson")
	if err != nil {
		panic(err)
	}
	s.Out = io.MultiWriter(s.Out, f)
	return s
}

// checkStreams validates every line of every stream that was recorded.
func checkStreams(t *testing.T, dir string) {
	t.Helper()
	streams, err := filepath.Glob(filepath.Join(dir, "*.ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	schema := streamSchema(t)
	for _, path := range streams {
		content, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		checkStream(t, schema, content)
	}
}

func streamSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	schema, err := jsonschema.NewCompiler().Compile("../website/content/schema/json-output.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// checkStream validates the lines of a stream, and returns one of each type. A
// stream of a command that was called wrongly is empty.
func checkStream(t *testing.T, schema *jsonschema.Schema, stream []byte) map[string]map[string]any {
	t.Helper()
	found := make(map[string]map[string]any)
	number := 0
	for line := range bytes.Lines(stream) {
		value, err := jsonschema.UnmarshalJSON(bytes.NewReader(line))
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		if err := schema.Validate(value); err != nil {
			t.Errorf("%s: %v", line, err)
		}
		record, _ := value.(map[string]any)
		kind, _ := record["type"].(string)
		if number++; (kind == "version") != (number == 1) {
			t.Errorf("line %d is of the type %s", number, kind)
		}
		found[kind] = record
	}
	return found
}

// TestEveryTypeOfRecordFitsThePublishedSchema has a run in which everything
// happens that a stream can tell of, and one that takes long.
func TestEveryTypeOfRecordFitsThePublishedSchema(t *testing.T) {
	dir := t.TempDir()
	text := `
agent { data_dir = "${path.config}/data" }
task "file" "new" {
  path    = "${path.config}/new"
  content = "x\n"
}
task "lineinfile" "new" {
  path = "${path.config}/new"
  line = "y"
}
task "file" "watched" {
  path        = "${path.config}/watched"
  content     = "x\n"
  enforcement = "detect"
}
task "command" "fails" {
  command    = ["false"]
  depends_on = [task.file.new]
  retry {
    attempts = 2
    delay    = "1ms"
  }
}
task "file" "after" {
  path       = "${path.config}/after"
  content    = task.command.fails.stdout
}
task "file" "unplanned" {
  path    = "${path.config}/unplanned"
  source  = "${path.config}/nothing"
}
task "file" "skipped" {
  path       = "${path.config}/skipped"
  content    = "x"
  depends_on = [task.file.unplanned]
}
output "path" {
  value = task.file.new.path
}
`
	if err := os.WriteFile(filepath.Join(dir, "main.hcl"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	p := run(t, dir, "apply", "-auto-approve", "-json", "-config="+dir, "-target=task.file.after", "-target=task.file.watched", "-target=task.file.skipped", "-var=unknown=1")
	p.wantExit(1)
	schema := streamSchema(t)
	checkStream(t, schema, []byte(p.stdout.String())) // a mistake: there is no such variable
	p = run(t, dir, "apply", "-auto-approve", "-json", "-config="+dir, "-target=task.file.after", "-target=task.file.watched", "-target=task.file.skipped")
	p.wantExit(1)
	found := checkStream(t, schema, []byte(p.stdout.String()))
	maps.Copy(found, checkStream(t, schema, slowStream(t)))
	maps.Copy(found, checkStream(t, schema, driftStream(t)))
	want := []string{"acknowledgement", "apply_complete", "apply_errored", "apply_progress", "apply_retry", "apply_start", "approval", "change_summary", "diagnostic", "drift", "drift_summary", "outputs", "planned_change", "stack", "transition", "version"}
	if diff := cmp.Diff(want, slices.Sorted(maps.Keys(found))); diff != "" {
		t.Errorf("types of records (-want +got):\n%s\n%s", diff, p.stdout.String())
	}
	for kind, record := range found {
		t.Run(kind, func(t *testing.T) { checkNothingUnknown(t, schema, record) })
	}
}

// driftStream is what a view writes of all that can be known of a stack.
func driftStream(t *testing.T) []byte {
	t.Helper()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	network := history.Subject{Task: "task.terraform.infra", Name: "network"}
	found := history.Found{
		Summary: "1 drifted", Commit: "0123456789", Fingerprint: "x", Diff: "-a\n+b\n", Truncated: true,
		Remedy:    history.Remedy{Strategy: "apply", State: "refused", Reason: "too many", ID: "1", Changes: []plan.RemedyChange{{Address: "r", Action: plugin.Update}}, Further: 1, ApprovedBy: "on-call"},
		Resources: []plan.EntryRecord{{Name: "r", Class: "drift", Action: plugin.Update, Attributes: []plan.DifferRecord{{Path: "a", Before: "1", After: "2"}}}},
	}
	known := history.Acknowledgement{By: "on-call", Reason: "we wait", At: at, Until: at}
	open := &history.Drift{Since: at, Commit: "0123456789", Recurring: 1, Acknowledged: &known, Untold: true}
	var out bytes.Buffer
	v := view.New(view.Streams{In: strings.NewReader(""), Out: &out, Err: io.Discard}, view.Options{JSON: true, Now: time.Now})
	v.Begin()
	granted := &api.Granted{By: "on-call", Reason: "it is right", At: at, Until: at}
	v.Approved(api.Approval{Task: network.Task, Stack: network.Name, Summary: "1 drifted", Commit: "0123456789", Since: at, Remedy: found.Remedy, Granted: granted})
	v.Acknowledged([]api.Acknowledgement{{ID: "x", Task: network.Task, Stack: network.Name, Summary: "1 drifted", Since: at, Acknowledgement: known}}, false)
	v.Drift([]api.Stack{{Granted: granted, State: history.State{
		Subject: network, Verdict: "stale", Since: at, Known: "drifted", Found: found, Drift: open,
		Error: "down", ErrorSince: at, StaleSince: at, LastCheck: at, LastSuccess: at,
		Ignored: history.Ignored{Further: 1, Parts: []plan.IgnoredRecord{
			{Address: "r", Class: "drift", Action: plugin.Update, Attributes: []string{"a"}, By: plan.IgnoredBy{Pattern: "*", Reason: "known", Owner: "us", Expires: "2027-01-31"}},
			{Address: "s", Class: "drift", Action: plugin.Delete, By: plan.IgnoredBy{Line: 1, Pattern: "s"}},
		}},
	}}}, false)
	v.History([]history.Transition{{
		ID: 2, Run: 1, At: at, Subject: network, Event: history.New, Verdict: "drifted", Previous: "clean", Drift: open, Error: "down", Ended: &known, Found: found,
	}}, 100)
	return out.Bytes()
}

// slowStream is what a view writes while something takes long.
func slowStream(t *testing.T) (stream []byte) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		var out bytes.Buffer
		v := view.New(view.Streams{In: strings.NewReader(""), Out: &out, Err: io.Discard}, view.Options{JSON: true, Now: time.Now})
		v.Begin()
		progress := v.Observe()
		a := addr.Addr{Kind: addr.Source, Type: "git", Name: "infra"}
		progress.Reading(a)
		time.Sleep(25 * time.Second) // of a clock that doesn't make anybody wait
		progress.Read(a)
		time.Sleep(25 * time.Second)
		progress.Close()
		stream = out.Bytes()
	})
	if n := bytes.Count(stream, []byte("apply_progress")); n != 2 {
		t.Errorf("it is told %d times in 25 seconds that something takes long, want 2", n)
	}
	return stream
}

// checkNothingUnknown makes sure that the schema refuses a property that it
// doesn't name, at every place of a record but in values of the user's own.
func checkNothingUnknown(t *testing.T, schema *jsonschema.Schema, record map[string]any) {
	t.Helper()
	own := []string{"before", "after", "after_unknown", "outputs"}
	var objects func(at string, v any) map[string]map[string]any
	objects = func(at string, v any) map[string]map[string]any {
		all := make(map[string]map[string]any)
		switch v := v.(type) {
		case map[string]any:
			all[at] = v
			for name, part := range v {
				if _, isList := part.([]any); !slices.Contains(own, name) || isList {
					maps.Copy(all, objects(at+"."+name, part))
				}
			}
		case []any:
			for i, part := range v {
				maps.Copy(all, objects(fmt.Sprintf("%s[%d]", at, i), part))
			}
		}
		return all
	}
	for at, object := range objects("", record) {
		object["surprise"] = json.Number("1")
		if schema.Validate(record) == nil {
			t.Errorf("the schema knows nothing of %s.surprise and accepts it", at)
		}
		delete(object, "surprise")
	}
}
