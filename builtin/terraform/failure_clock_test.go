package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// TestAClockThatJumps is 48: of one that was set wrong, and of a machine that
// slept.
func TestAClockThatJumps(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	task := f.open(t, nil)
	right := time.Now().Round(0) // as another process would read it
	now := right
	task.now = func() time.Time { return now }
	const broken = `{"type":"diagnostic","diagnostic":{"severity":"error","summary":"Broken"}}` + "\n"
	for _, step := range []struct {
		name string
		then func()
		want string
	}{
		{"the clock is years ahead", func() { now = right.AddDate(3, 0, 0) }, "clean first"},
		{"it is set right", func() { now = right }, "clean age"},
		{"the next check", func() {}, "clean"},
		{"the machine has slept for two days", func() { now = now.AddDate(0, 0, 2) }, "clean age"},
		{"the clock is years ahead again", func() { now = right.AddDate(3, 0, 0) }, "clean age"},
		{"it is set right, and the stack breaks", func() { now = right; f.fails(t, broken) }, "error age"},
		{"an hour later", func() { now = right.Add(time.Hour) }, "error"},
		{"a day and an hour later", func() { now = right.Add(25 * time.Hour) }, "stale age"},
	} {
		step.then()
		change, _ := task.Plan(t.Context(), nil)
		if diff := cmp.Diff(map[string]string{"stack": step.want}, verdicts(change)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
	}
}

// What keeps a check from beginning doesn't keep the stack from growing old.
func TestAStackWhoseChecksCantBeginIsStaleInTheEnd(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	cliConfig := filepath.Join(t.TempDir(), "terraform.rc")
	write(t, cliConfig, "")
	task := f.open(t, map[string]cty.Value{"env": cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(cliConfig)})})
	now := time.Now()
	task.now = func() time.Time { return now }
	for _, step := range []struct {
		name string
		then func()
		want string
	}{
		{"at first", func() {}, "clean"},
		{"a file is gone", func() {
			if err := os.Remove(cliConfig); err != nil {
				t.Fatal(err)
			}
		}, "error"},
		{"a day and an hour later", func() { now = now.Add(25 * time.Hour) }, "stale"},
	} {
		step.then()
		change, _ := task.Plan(t.Context(), nil)
		if f := finding(t, change, "stack"); f.Verdict != step.want {
			t.Errorf("%s: %s (%s), want %s", step.name, f.Verdict, f.Summary, step.want)
		}
	}
}
