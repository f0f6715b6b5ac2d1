package agent

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/plan"
)

// check asks for a check of a task, and returns the status and the state, or
// the problem.
func (r *running) check(task string, stacks ...string) (int, string) {
	r.t.Helper()
	response, err := http.Post("http://"+r.address+"/v1/tasks/"+url.PathEscape(task)+"/check?"+url.Values{"stack": stacks}.Encode(), "", nil)
	if err != nil {
		r.t.Fatal(err)
	}
	defer response.Body.Close()
	var answer struct{ Task, State, Detail string }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		r.t.Fatal(err)
	}
	if response.StatusCode == http.StatusAccepted && answer.Task != task {
		r.t.Errorf("the answer is about %q", answer.Task)
	}
	return response.StatusCode, answer.State + answer.Detail
}

// checkOften asks a hundred times at once, and counts the states.
func (r *running) checkOften(task string) map[string]int {
	r.t.Helper()
	var mu sync.Mutex
	states := make(map[string]int)
	var all sync.WaitGroup
	for range 100 {
		all.Go(func() {
			_, state := r.check(task)
			mu.Lock()
			defer mu.Unlock()
			states[state]++
		})
	}
	all.Wait()
	return states
}

func (r *running) untilRun(task, times string) {
	r.t.Helper()
	r.until(task+" was run "+times+" times", func() bool {
		return r.metric(`driftless_task_runs_total{task="`+task+`",result="unchanged"}`) == times && r.block(task).State == api.StateOK
	})
}

func TestACheckIsRunAtOnceWhateverTheInterval(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "a" { interval = "1h" }
task "lab" "b" {
  for_each = { "x/y" = "one" }
  text     = each.value
  interval = "1h"
}
`)
	for _, task := range []string{"task.lab.a", `task.lab.b["x/y"]`} {
		r.untilNoted("plan "+task, 1)
		r.untilState(task, api.StateOK)
		if code, state := r.check(task); code != http.StatusAccepted || state != "started" {
			t.Errorf("%s: got %d %s", task, code, state)
		}
		r.untilNoted("plan "+task, 2)
		if n := l.count("asked " + task); n != 1 {
			t.Errorf("%s was told %d times that somebody has asked", task, n)
		}
	}
}

// 63 of the failures that an agent has to stand.
func TestAHundredRequestsWhileACheckRunsAreOneMore(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `task "lab" "a" { interval = "1h" }`)
	r.untilRun("task.lab.a", "1")
	release := l.block("task.lab.a")
	defer release()
	r.check("task.lab.a")
	r.untilNoted("plan task.lab.a", 2) // it hangs
	if diff := cmp.Diff(map[string]int{"started": 1, "joined": 99}, r.checkOften("task.lab.a")); diff != "" {
		t.Errorf("the answers (-want +got):\n%s", diff)
	}
	release()
	r.untilRun("task.lab.a", "3")
	if n := l.count("plan task.lab.a"); n != 3 {
		t.Errorf("it was planned %d times in all", n)
	}
	if code, state := r.check("task.lab.a"); code != http.StatusAccepted || state != "started" {
		t.Errorf("once all is done: %d %s", code, state)
	}
}

func TestAHundredRequestsWhileACheckWaitsAreThatOne(t *testing.T) {
	l := newLab()
	r := startAgentAs(t, l, `
agent {
  listen       = "127.0.0.1:0"
  max_parallel = 1
}
task "lab" "a" { interval = "1h" }
task "lab" "b" { interval = "1h" }
`)
	r.untilRun("task.lab.a", "1")
	r.untilRun("task.lab.b", "1")
	release := l.block("task.lab.b")
	defer release()
	r.check("task.lab.b")
	r.untilNoted("plan task.lab.b", 2) // it hangs, and has the only slot
	r.until("the metrics say that it runs", func() bool { return r.metric(`driftless_task_running{task="task.lab.b"}`) == "1" })
	if code, state := r.check("task.lab.a"); code != http.StatusAccepted || state != "started" {
		t.Errorf("got %d %s", code, state)
	}
	r.until("the other waits", func() bool { return r.metric(`driftless_task_queued{task="task.lab.a"}`) == "1" })
	if diff := cmp.Diff(map[string]int{"joined": 100}, r.checkOften("task.lab.a")); diff != "" {
		t.Errorf("the answers (-want +got):\n%s", diff)
	}
	release()
	r.untilRun("task.lab.a", "2")
	r.untilRun("task.lab.b", "2")
	if n := l.count("plan task.lab.a"); n != 2 {
		t.Errorf("it was planned %d times in all", n)
	}
	if got := r.metric(`driftless_task_queued{task="task.lab.a"}`); got != "0" {
		t.Errorf("the metrics say that it still waits: %q", got)
	}
}

func TestTasksThatCantBeChecked(t *testing.T) {
	r := startAgent(t, newLab(), `
task "lab" "network" { interval = "1h" }
task "lab" "off" { enforcement = "off" }
source "value" "v" {}
`)
	for _, tt := range []struct {
		name, task string
		code       int
		want       string
	}{
		{"one that nearly is there", "task.lab.netwrok", 404, "there is no such task as task.lab.netwrok; did you mean task.lab.network?"},
		{"one that is nothing like it", "all", 404, "there is no such task as all; /v1/status lists them"},
		{"a source", "source.value.v", 404, "there is no such task"},
		{"one that is off", "task.lab.off", 409, `the enforcement of task.lab.off is "off"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if code, got := r.check(tt.task); code != tt.code || !strings.Contains(got, tt.want) {
				t.Errorf("got %d %s, want %d %s", code, got, tt.code, tt.want)
			}
		})
	}
}

const rarely = `task "lab" "a" { interval = "1h" }`

// TestAStackIsCheckedAlone leaves the others as they were, and their task due
// when it was.
func TestAStackIsCheckedAlone(t *testing.T) {
	l := newLab()
	l.watch("db", "net", "web")
	r := startAgent(t, l, rarely)
	r.untilRun("task.lab.a", "1")
	r.until("it is known when the task is due", func() bool { return r.block("task.lab.a").NextRun != nil })
	next := r.block("task.lab.a").NextRun
	of := func(name string) api.Stack {
		for _, s := range r.stacks().Stacks {
			if s.Name == name {
				return s
			}
		}
		t.Fatalf("there is no stack %s", name)
		return api.Stack{}
	}
	before := of("db")
	l.say("net", "drifted")
	l.say("db", "drifted")
	if code, state := r.check("task.lab.a", "net"); code != http.StatusAccepted || state != "started" {
		t.Errorf("got %d %s", code, state)
	}
	r.untilKnown(map[string]string{"db": "clean", "net": "drifted", "web": "clean"})
	r.until("the run is over", func() bool { return r.metric(`driftless_task_runs_total{task="task.lab.a",result="unchanged"}`) == "2" })
	if diff := cmp.Diff(before, of("db")); diff != "" {
		t.Errorf("the other stack (-before +after):\n%s", diff)
	}
	for stack, want := range map[string]int{"db": 1, "net": 2, "web": 1} {
		if n := l.count("look task.lab.a " + stack); n != want {
			t.Errorf("%s was looked at %d times, want %d", stack, n, want)
		}
	}
	if after := r.block("task.lab.a").NextRun; !after.Equal(*next) {
		t.Errorf("the task is due at %s, before it was %s", after, next)
	}
	for _, stack := range []string{"ent", "nothing like it"} {
		if code, got := r.check("task.lab.a", stack); code != http.StatusNotFound || !strings.Contains(got, "there is no such stack as "+stack+" of task.lab.a") {
			t.Errorf("got %d %s", code, got)
		}
	}
}

func TestRequestsForStacksJoin(t *testing.T) {
	l := newLab()
	l.watch("db", "net", "web")
	r := startAgent(t, l, rarely)
	r.untilRun("task.lab.a", "1")
	release := l.block("task.lab.a")
	defer release()
	r.check("task.lab.a")
	r.untilNoted("plan task.lab.a", 2) // it hangs
	for _, tt := range []struct {
		stacks []string
		want   string
	}{
		{[]string{"net"}, "started"},
		{[]string{"net"}, "joined"},
		{[]string{"net", "web"}, "started"}, // one more in the same run
		{[]string{"web"}, "joined"},
	} {
		if _, state := r.check("task.lab.a", tt.stacks...); state != tt.want {
			t.Errorf("%v is %s", tt.stacks, state)
		}
	}
	release()
	r.untilRun("task.lab.a", "3")
	for stack, want := range map[string]int{"db": 2, "net": 3, "web": 3} {
		if n := l.count("look task.lab.a " + stack); n != want {
			t.Errorf("%s was looked at %d times, want %d", stack, n, want)
		}
	}
}

func TestAStackThatIsAskedForWithAllIsOneOfAll(t *testing.T) {
	c, task := newChecks(), infra
	for _, tt := range []struct {
		name   string
		add    func() bool
		joined bool
		want   plan.Look
	}{
		{"a stack, then all", func() bool { c.add(task, "net"); return c.add(task) }, false, plan.Look{Asked: true}},
		{"all, then a stack", func() bool { c.add(task); return c.add(task, "net") }, true, plan.Look{Asked: true}},
		{"a stack, then others", func() bool { c.add(task, "net"); return c.add(task, "db", "net") }, false, plan.Look{Asked: true, Only: []string{"db", "net"}}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if joined := tt.add(); joined != tt.joined {
				t.Errorf("joined is %t", joined)
			}
			if diff := cmp.Diff(map[addr.Addr]plan.Look{task: tt.want}, c.begin([]addr.Addr{task})); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if looks := c.begin([]addr.Addr{task}); len(looks) > 0 {
				t.Errorf("after it began there is still %v", looks)
			}
		})
	}
}
