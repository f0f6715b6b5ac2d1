package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// reports are what a task has told while it was planned.
type reports struct {
	mu    sync.Mutex
	all   []string
	total int
	told  chan string
}

func reportsOf(t *task) *reports {
	r := &reports{told: make(chan string, 100)}
	t.report = func(f plugin.Finding, total int) {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.all, r.total = append(r.all, f.Name+" "+f.Verdict), total
		r.told <- f.Name
	}
	return r
}

// TestAStackIsToldWhileASlowOneIsStillChecked has the plan of one stack wait for
// what is told of the other.
func TestAStackIsToldWhileASlowOneIsStillChecked(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	f.stack(t, "slow")
	gate := filepath.Join(t.TempDir(), "gate")
	f.install(t, "command", strings.Replace(fakeScript, "case", `case "$1 $PWD" in "plan "*/slow) while [ ! -e "`+gate+`" ]; do sleep 0.02; done ;; esac`+"\ncase", 1))
	task := f.open(t, map[string]cty.Value{"parallelism": cty.NumberIntVal(2)})
	r := reportsOf(task)
	opened := make(chan struct{})
	go func() {
		defer close(opened)
		if name := <-r.told; name != "stack" {
			t.Errorf("the first that is told is %s", name)
		}
		write(t, gate, "")
	}()
	change, diags := task.Plan(t.Context(), nil)
	<-opened
	if len(diags) > 0 || len(change.Findings) != 2 {
		t.Fatalf("%d findings, diagnostics %v", len(change.Findings), diags)
	}
	if diff := cmp.Diff([]string{"stack clean", "slow clean"}, r.all); diff != "" || r.total != 2 {
		t.Errorf("of %d (-want +got):\n%s", r.total, diff)
	}
}

func TestDriftIsNotToldBeforeItIsConfirmed(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stack", oneFile)
	lab.apply(t, "stack")
	if err := os.WriteFile(lab.file("a"), []byte("by hand"), 0o640); err != nil {
		t.Fatal(err)
	}
	task := lab.open(t, map[string]cty.Value{"confirm_after": cty.StringVal("1ms")})
	r, again := reportsOf(task), 0
	task.log = onInfo{task.log, func() {
		if again++; len(r.told) > 0 {
			t.Error("it is told before it is confirmed")
		}
	}}
	plan(t, task)
	if diff := cmp.Diff([]string{"stack drifted"}, r.all); diff != "" || again != 1 {
		t.Errorf("after %d more looks (-want +got):\n%s", again, diff)
	}
}

// TestWhatIsGoingToBeRemediedIsToldAfterThat: there is one thing to tell then.
func TestWhatIsGoingToBeRemediedIsToldAfterThat(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, map[string]cty.Value{"strategy": cty.StringVal(strategyApply), "approval": cty.True})
	if err := os.WriteFile(c.file("a"), []byte("by hand"), 0o640); err != nil {
		t.Fatal(err)
	}
	task := c.open()
	r := reportsOf(task)
	change, _ := plan(t, task)
	if diff := cmp.Diff([]string{"stack drifted"}, r.all); diff != "" {
		t.Errorf("of a remedy that awaits an approval (-want +got):\n%s", diff)
	}
	c.approved = []string{finding(t, change, "stack").Value.GetAttr("remedy").GetAttr("id").AsString()}
	task = c.open()
	r = reportsOf(task)
	if change, _ = plan(t, task); change.Payload == nil {
		t.Fatalf("nothing is going to be remedied: %v", change.Reasons)
	}
	if len(r.all) > 0 {
		t.Errorf("told is %v", r.all)
	}
}
