//go:build unix

package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// TestARunThatIsEndedLeavesWhatItDidNotComeTo has the first of two stacks take
// longer than the run may.
func TestARunThatIsEndedLeavesWhatItDidNotComeTo(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.stack(t, "other")
	attrs := map[string]cty.Value{
		"path": cty.StringVal(f.root), "binary": cty.StringVal(f.binary()), "confirm_after": cty.StringVal("0s"), "parallelism": cty.NumberIntVal(1),
	}
	p := New().(*provider)
	p.environ = os.Environ
	dir := filepath.Join(t.TempDir(), "data")
	task := openWith(t, p, dir, attrs)
	now := time.Now()
	task.now = func() time.Time { return now }
	first, _ := plan(t, task)

	// A plan tells that it has begun by opening a pipe.
	begun := filepath.Join(t.TempDir(), "begun")
	if err := syscall.Mkfifo(begun, 0o600); err != nil {
		t.Fatal(err)
	}
	f.install(t, "command", strings.Replace(fakeScript, "case", `[ "$1" = plan ] && : >`+begun+" && exec sleep 60\ncase", 1))
	timeUp := errors.New("the time of the task is up")
	ended := func() (plugin.Change, plugin.Diagnostics) {
		t.Helper()
		ctx, cancel := context.WithCancelCause(t.Context())
		go func() {
			_, err := os.ReadFile(begun)
			cancel(errors.Join(timeUp, err))
		}()
		return task.Plan(ctx, nil)
	}
	for _, step := range []struct {
		name string
		then func()
		want []string
	}{
		{"a minute later", func() { now = now.Add(time.Minute) }, []string{"clean kept", "error"}},
		{"a day later", func() { now = now.Add(24 * time.Hour) }, []string{"stale", "stale"}},
		{"by another process, which knows nothing of before", func() {
			now = now.Add(-24 * time.Hour)
			q := New().(*provider)
			q.environ = os.Environ
			task = openWith(t, q, dir, attrs)
			task.now = func() time.Time { return now }
		}, []string{"error", "error kept"}},
	} {
		step.then()
		change, diags := ended()
		var got []string
		for _, f := range change.Findings {
			got = append(got, stacksOf(plugin.Change{Findings: []plugin.Finding{f}})[f.Name])
			if of := f.Value.GetAttr("succeeded"); !of.RawEquals(finding(t, first, f.Name).Value.GetAttr("succeeded")) {
				t.Errorf("%s: the last success of %s is %#v", step.name, f.Name, of)
			}
		}
		slices.Sort(got)
		if diff := cmp.Diff(step.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", step.name, diff)
		}
		said := asJSON(t, diags)
		if !strings.Contains(said, "Stacks were not checked") || !strings.Contains(said, timeUp.Error()) || diags.HasErrors() {
			t.Errorf("%s: it says %s", step.name, said)
		}
	}
}

// TestACheckThatTheTimeoutCutsOffIsRemembered has a stack be an error, and then
// another one be checked: the first must not pass for what it was before that.
func TestACheckThatTheTimeoutCutsOffIsRemembered(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.stack(t, "other")
	slow := filepath.Join(t.TempDir(), "slow")
	f.install(t, "command", strings.Replace(fakeScript, "case", `case "$1 $PWD" in "plan "*/stack) [ -e "`+slow+`" ] && exec sleep 60 ;; esac`+"\ncase", 1))
	task := f.open(t, nil)
	plan(t, task)

	write(t, slow, "")
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	if change, _ := task.Plan(ctx, nil); stacksOf(change)["stack"] != "error" {
		t.Fatalf("the stacks are %v after the run was cut off", stacksOf(change))
	}
	task.only = []string{"other"}
	change, _ := plan(t, task)
	if diff := cmp.Diff(map[string]string{"stack": "error kept", "other": "clean"}, stacksOf(change)); diff != "" {
		t.Errorf("stacks (-want +got):\n%s", diff)
	}
}
