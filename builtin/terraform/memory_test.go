package terraform

import (
	"os"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// stacksOf is what is told of each stack: its verdict, and whether that is of
// before.
func stacksOf(c plugin.Change) map[string]string {
	all := make(map[string]string)
	for _, f := range c.Findings {
		all[f.Name] = f.Verdict
		if f.Value.GetAttr("kept").True() {
			all[f.Name] += " kept"
		}
	}
	return all
}

func TestOnlyTheStacksThatAreWantedAreChecked(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	for _, name := range []string{"a", "b"} {
		lab.stack(t, name, `resource "fixture_file" "this" {
  path    = "FILES/`+name+`"
  content = "as declared"
}
`)
		lab.apply(t, name)
	}
	task := lab.open(t, nil)
	task.only = []string{"a"}
	expect := func(name string, want map[string]string) plugin.Change {
		t.Helper()
		r := reportsOf(task)
		change, _ := plan(t, task)
		if diff := cmp.Diff(want, stacksOf(change)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		if checked := len(r.all); checked != r.total {
			t.Errorf("%s: %d of %d are reported", name, checked, r.total)
		}
		return change
	}
	before := expect("of the other nothing is known", map[string]string{"a": "clean", "b": "clean"})
	for _, name := range []string{"a", "b"} {
		if err := os.WriteFile(lab.file(name), []byte("by hand"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	task.now = func() time.Time { return time.Now().Add(time.Minute) }
	after := expect("of the other something is known", map[string]string{"a": "drifted", "b": "clean kept"})
	if was, is := finding(t, before, "b").Value.GetAttr("checked"), finding(t, after, "b").Value.GetAttr("checked"); !was.RawEquals(is) {
		t.Errorf("the other was checked at %#v, and now at %#v", was, is)
	}
	task.only = []string{"b"}
	expect("the other is wanted", map[string]string{"a": "drifted kept", "b": "drifted"})
	task.only = nil
	expect("all are wanted", map[string]string{"a": "drifted", "b": "drifted"})
}

// TestTheRemedyOfOneStackIsAppliedAlone: that of the other is due as well.
func TestTheRemedyOfOneStackIsAppliedAlone(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, map[string]cty.Value{"strategy": cty.StringVal(strategyApply)})
	c.stack(t, "other", `resource "fixture_file" "this" {
  path    = "FILES/other"
  content = "as declared"
}
`)
	c.lab.apply(t, "other")
	for _, name := range []string{"a", "other"} {
		if err := os.WriteFile(c.file(name), []byte("by hand"), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	plan(t, c.open()) // which is not applied
	task := c.open()
	task.only = []string{"stack"}
	change, _ := plan(t, task)
	if _, diags := task.Apply(t.Context(), change); diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	found, changed := task.Findings()
	if diff := cmp.Diff(map[string]string{"stack": "clean", "other": "drifted kept"}, stacksOf(plugin.Change{Findings: found})); diff != "" || !changed {
		t.Errorf("changed is %t (-want +got):\n%s", changed, diff)
	}
	task = c.open()
	task.only = []string{"other"}
	change, _ = plan(t, task)
	if diff := cmp.Diff(map[string]string{"stack": "clean kept", "other": "drifted"}, stacksOf(change)); diff != "" {
		t.Errorf("after that (-want +got):\n%s", diff)
	}
}
