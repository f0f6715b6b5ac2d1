package terraform

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
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
