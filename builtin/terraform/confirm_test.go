package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// onInfo calls a function when the task says that it will look again.
type onInfo struct {
	hclog.Logger
	call func()
}

func (l onInfo) Info(string, ...any) { l.call() }

// TestDriftIsToldWhenASecondPlanSeesItToo is 54, and 31: drift that goes away
// by itself, such as while someone applies, is none.
func TestDriftIsToldWhenASecondPlanSeesItToo(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", oneFile)
	lab.apply(t, "stack")
	p, dir := New().(*provider), filepath.Join(t.TempDir(), "data")
	p.environ = os.Environ
	change := func(content string) {
		if err := os.WriteFile(lab.file("a"), []byte(content), 0o640); err != nil {
			t.Error(err)
		}
	}
	again := 0
	check := func(meanwhile func()) string {
		t.Helper()
		task := openWith(t, p, dir, map[string]cty.Value{
			"path": cty.StringVal(lab.root), "confirm_after": cty.StringVal("1ms"),
			"env": cty.MapVal(map[string]cty.Value{"TF_CLI_CONFIG_FILE": cty.StringVal(lab.cliConfig)}),
		})
		task.log = onInfo{hclog.NewNullLogger(), func() { again++; meanwhile() }}
		found, _ := plan(t, task)
		return finding(t, found, "stack").Verdict
	}
	nothing := func() {}

	change("by hand")
	if got := check(func() { change("as declared") }); got != "clean" || again != 1 {
		t.Errorf("drift that is gone by then: %s after %d more looks", got, again)
	}
	change("by hand")
	if got := check(nothing); got != "drifted" || again != 2 {
		t.Errorf("drift that stays: %s after %d more looks", got, again)
	}
	change("by hand, again")
	if got := check(nothing); got != "drifted" || again != 2 {
		t.Errorf("drift that was told already: %s after %d more looks", got, again)
	}
	if err := os.Remove(lab.file("a")); err != nil {
		t.Fatal(err)
	}
	if got := check(nothing); got != "drifted" || again != 3 {
		t.Errorf("drift that is another: %s after %d more looks", got, again)
	}
}

// TestAStackThatFailsIsHeldBack is 53, and the ways out of it: new code,
// or another configuration.
func TestAStackThatFailsIsHeldBack(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", oneFile)
	lab.apply(t, "stack")
	m := &mutated{lab, "stack"}
	task := lab.open(t, nil)
	now := time.Now()
	task.now = func() time.Time { return now }
	check := func(name, verdict string, held bool) plugin.Finding {
		t.Helper()
		change, _ := task.Plan(t.Context(), nil)
		f := finding(t, change, "stack")
		if f.Verdict != verdict || f.Value.GetAttr("held_back").True() != held {
			t.Errorf("%s: %s (%s), held back %s", name, f.Verdict, f.Summary, f.Value.GetAttr("held_back").GoString())
		}
		return f
	}
	check("at first", "clean", false)
	m.setInState(t, "mishap", "refuse")
	if f := check("the API refuses", "error", false); f.Value.GetAttr("failure").AsString() != "throttle" {
		t.Errorf("the failure is %s", f.Value.GetAttr("failure").GoString())
	}
	now = now.Add(time.Second)
	check("a moment later", "error", true)
	now = now.Add(10 * time.Second)
	check("when the time is over", "error", false)
	now = now.Add(11 * time.Second)
	check("the second time takes longer", "error", true)
	now = now.Add(25 * time.Hour)
	check("after a day without success", "stale", false)
	replace(t, filepath.Join(lab.state, "stack.tfstate"), `"refuse"`, "null")
	check("it is cured, but nobody knows", "stale", true)
	task.asked = true
	m.setInState(t, "mishap", "refuse")
	check("somebody asks, in vain", "stale", false)
	task.asked = false
	check("that was a first failure", "stale", true)
	now = now.Add(10 * time.Second)
	check("after which it is not held back for long", "stale", false)
	replace(t, filepath.Join(lab.state, "stack.tfstate"), `"refuse"`, "null")
	task.asked = true
	check("somebody who has cured it asks", "clean", false)
	task.asked = false
	m.setInState(t, "mishap", "refuse")
	check("it fails again", "error", false)
	replace(t, filepath.Join(lab.state, "stack.tfstate"), `"refuse"`, "null")
	check("it is cured again", "error", true)
	write(t, filepath.Join(lab.root, "stack", "more.tf"), "locals {\n  a = 1\n}\n")
	check("the code changes", "clean", false)
	m.setInState(t, "mishap", "refuse")
	check("it fails a last time", "error", false)
	replace(t, filepath.Join(lab.state, "stack.tfstate"), `"refuse"`, "null")
	check("it is cured once more", "error", true)
	task.digest = configDigest(cty.StringVal("another credential"))
	check("the configuration changes", "clean", false)
}
