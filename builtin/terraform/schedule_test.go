package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// limits are blocks concurrency, of one group.
func limits(group string, limit int64) cty.Value {
	return cty.MapVal(map[string]cty.Value{group: cty.ObjectVal(map[string]cty.Value{"limit": cty.NumberIntVal(limit)})})
}

func TestTheStackThatTookLongestIsCheckedFirst(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	if err := os.RemoveAll(f.root); err != nil {
		t.Fatal(err)
	}
	order := filepath.Join(t.TempDir(), "order")
	f.install(t, "command", strings.Replace(fakeScript, "case", `[ "$1" = plan ] && basename "$PWD" >>`+order+"\ncase", 1))
	task := f.open(t, map[string]cty.Value{"parallelism": cty.NumberIntVal(1)})
	for name, took := range map[string]time.Duration{"a-second": time.Second, "a-minute": time.Minute, "nearly-an-hour": 59 * time.Minute, "new": 0} {
		f.stack(t, name)
		r := &run{stack: stack{workspace: defaultWorkspace}, dirs: task.dirsOf(stack{dir: filepath.Join(f.root, name), workspace: defaultWorkspace})}
		if err := os.MkdirAll(r.dirs.keep, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := r.saveRecord(t.Context(), record{Took: took}); err != nil {
			t.Fatal(err)
		}
	}
	plan(t, task)
	// Nothing is known of the new one, so it may take the half hour of stack_timeout.
	want := []string{"nearly-an-hour", "new", "a-minute", "a-second"}
	if diff := cmp.Diff(want, strings.Fields(read(t, order))); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestWhatACheckNeedsToBegin(t *testing.T) {
	t.Parallel()
	f := newFake(t)
	task := f.open(t, map[string]cty.Value{
		"parallelism": cty.NumberIntVal(8), "concurrency_group": cty.StringVal("aws"), "concurrency": limits("aws", 3), "max_memory": cty.StringVal("6GiB"),
	})
	for name, test := range map[string]struct {
		stack  stack
		known  record
		places string
		memory int64
		length time.Duration
	}{
		"a new stack of no group":     {stack{dir: "/a"}, record{}, "8 1", 0, 30 * time.Minute},
		"one of a group with a limit": {stack{dir: "/b", group: "aws"}, record{MaxRSS: 5, Memory: 7, Took: time.Minute}, "8 1 3", 7, time.Minute},
		"one of a group without":      {stack{dir: "/c", group: "gcp"}, record{MaxRSS: 5, Took: time.Minute}, "8 1 8", 5, time.Minute},
	} {
		r := &run{stack: test.stack, dirs: task.dirsOf(test.stack)}
		if err := os.MkdirAll(r.dirs.keep, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := r.saveRecord(t.Context(), test.known); err != nil {
			t.Fatal(err)
		}
		got := task.demand(test.stack, time.Now())
		var places []string
		for _, p := range got.places {
			places = append(places, fmt.Sprint(p.limit))
		}
		if strings.Join(places, " ") != test.places || got.memory != test.memory || got.length != test.length || got.room != 6<<30 {
			t.Errorf("%s: %+v", name, got)
		}
	}
	blue, green := task.demand(stack{dir: "/a", workspace: "blue"}, time.Now()), task.demand(stack{dir: "/a", workspace: "green"}, time.Now())
	if diff := cmp.Diff(blue.places[1].name, green.places[1].name); diff != "" {
		t.Errorf("two workspaces of a stack, which share its directory (-one +other):\n%s", diff)
	}
}

// TestTwoTasksOfOneDirectoryDontMeetInIt is about tasks that run side by side:
// each puts its own lock file there for as long as it is at work.
func TestTwoTasksOfOneDirectoryDontMeetInIt(t *testing.T) {
	t.Parallel()
	l := newLab(t)
	l.stack(t, "net", `resource "fixture_file" "this" {
  path    = "FILES/net"
  content = "as declared"
}
`)
	l.apply(t, "net")
	first := l.open(t, nil)
	second := l.open(t, nil)
	second.turns = first.turns // as of one process
	for range 3 {
		var both sync.WaitGroup
		for _, one := range []*task{first, second} {
			both.Go(func() {
				change, diags := one.Plan(t.Context(), nil)
				if len(diags) > 0 || change.Action != plugin.NoOp {
					t.Errorf("%v %v", change.Reasons, diags)
				}
			})
		}
		both.Wait()
	}
	if _, err := os.Stat(filepath.Join(l.root, "net", lockFileName)); !os.IsNotExist(err) {
		t.Errorf("a lock file was left in the directory: %v", err)
	}
}
