package agent

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/agent/api"
)

const followTask = `
task "lab" "a" {}
source "stream" "s" { text = "hello" }
pipeline "p" {
  from = [source.stream.s]
  to   = [sink.lab.out]
}
sink "lab" "out" { text = task.lab.a.said }
`

func TestASinkWaitsForWhatATaskLearnsAndFollowsIt(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "one")
	release := l.block("task.lab.a")
	defer release()
	r := startAgent(t, l, followTask)
	b := r.block("sink.lab.out")
	if b.State != api.StateWaiting || b.Error != "waits for task.lab.a" {
		t.Errorf("before the task has run the sink is %q, because %q", b.State, b.Error)
	}
	release()
	r.untilNoted("open sink.lab.out one", 1)
	r.untilState("sink.lab.out", "running")
	since := r.block("source.stream.s").Since
	l.say("task.lab.a", "two")
	r.untilNoted("open sink.lab.out two", 1)
	r.until("the event of the source has arrived", func() bool { return r.block("sink.lab.out").Flow.Sent == 1 })
	if got := r.block("source.stream.s").Since; !got.Equal(*since) {
		t.Errorf("the source was restarted at %s, though nothing of it changed", got)
	}
	if n := l.count("open sink.lab.out two"); n != 1 {
		t.Errorf("the sink was started %d times with one value", n)
	}
}

func TestATaskThatFailsLeavesItsLastValueInUse(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "one")
	r := startAgent(t, l, followTask)
	r.untilState("sink.lab.out", "running")
	since := r.block("sink.lab.out").Since
	l.fail("task.lab.a", true)
	r.untilState("task.lab.a", api.StateFailed)
	failures := l.count("plan task.lab.a")
	r.untilNoted("plan task.lab.a", failures+2)
	if b := r.block("sink.lab.out"); b.State != "running" || !b.Since.Equal(*since) {
		t.Errorf("after its task failed the sink is %q since %s, it was running since %s", b.State, b.Since, since)
	}
	if problem := r.block("task.lab.a").Error; !strings.Contains(problem, "the lab was told to fail") {
		t.Errorf("the status says of the task: %q", problem)
	}
}

func TestAValueThatIsNoGoodLeavesASinkAsItWas(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "1")
	r := startAgent(t, l, `
task "lab" "a" {}
source "stream" "s" { text = "hello" }
pipeline "p" {
  from = [source.stream.s]
  to   = [sink.lab.out, sink.lab.other]
}
sink "lab" "out" { number = task.lab.a.said }
sink "lab" "other" { text = task.lab.a.said }
`)
	r.untilState("sink.lab.out", "running")
	since := r.block("sink.lab.out").Since
	l.say("task.lab.a", "many")
	r.untilNoted("open sink.lab.other many", 1)
	b := r.block("sink.lab.out")
	if b.State != "running" || !b.Since.Equal(*since) || !strings.Contains(b.Error, "number") {
		t.Errorf("the sink is %q since %s with the error %q; it was running since %s", b.State, b.Since, b.Error, since)
	}
	if ready := r.get("/-/ready"); !strings.Contains(ready, "sink.lab.out") {
		t.Errorf("the readiness says nothing of it: %q", ready)
	}
	l.say("task.lab.a", "2")
	r.until("the sink is well again", func() bool { return r.block("sink.lab.out").Error == "" })
}

func TestATaskThatCannotBeEvaluatedHoldsUpNoOthers(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "one")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("first"), 0o600); err != nil {
		t.Fatal(err)
	}
	r := startAgent(t, l, followTask+fmt.Sprintf("task \"lab\" \"b\" { text = file(%q) }\n", secret))
	r.untilNoted("open sink.lab.out one", 1)
	r.untilState("task.lab.b", api.StateOK)
	if err := os.Remove(secret); err != nil {
		t.Fatal(err)
	}
	r.untilState("task.lab.b", api.StateFailed)
	l.say("task.lab.a", "two")
	r.untilNoted("open sink.lab.out two", 1)
	if err := os.WriteFile(secret, []byte("second"), 0o600); err != nil {
		t.Fatal(err)
	}
	r.untilState("task.lab.b", api.StateOK)
}

func TestABlockThatDependsOnATaskStartsAfterIt(t *testing.T) {
	l := newLab()
	release := l.block("task.lab.a")
	defer release()
	r := startAgent(t, l, `
task "lab" "a" {}
source "stream" "s" {
  text       = "hello"
  depends_on = [task.lab.a]
}
`)
	if b := r.block("source.stream.s"); b.State != api.StateWaiting {
		t.Errorf("before the task has run the source is %q", b.State)
	}
	release()
	r.untilNoted("start source.stream.s hello", 1)
}

func TestASourceOfValuesOutsideOfTasksIsFollowed(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "100ms" }
source "stream" "s" { text = source.value.v.said }
`)
	r.untilNoted("start source.stream.s one", 1)
	l.say("source.value.v", "two")
	r.untilNoted("start source.stream.s two", 1)
	l.fail("source.value.v", true)
	r.untilState("source.value.v", api.StateFailed)
	if b := r.block("source.stream.s"); b.State != "running" {
		t.Errorf("after the source of its value failed it is %q", b.State)
	}
}

func TestABlockMayReferToATaskThatIsOff(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
task "lab" "a" {
  text        = "one"
  enforcement = "off"
}
source "stream" "s" { text = task.lab.a.text }
`)
	r.untilNoted("start source.stream.s one", 1)
	if b := r.block("task.lab.a"); b.State != api.StateOff {
		t.Errorf("the task is %q", b.State)
	}
}

func TestASinkThatNoPipelineLeadsToIsNotStarted(t *testing.T) {
	r := startAgent(t, newLab(), `sink "lab" "out" {}`)
	if b := r.block("sink.lab.out"); b.State != api.StateUnused {
		t.Errorf("the sink is %q: %s", b.State, b.Error)
	}
	if ready := r.get("/-/ready"); ready != "ready\n" {
		t.Errorf("the readiness is %q", ready)
	}
}
