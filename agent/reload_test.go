package agent

import (
	"slices"
	"strings"
	"testing"

	"github.com/driftless-hq/driftless/agent/api"
)

const flow = `
source "stream" "s" { text = "hello" }
pipeline "p" {
  from = [source.stream.s]
  stage "lab" { text = "a" }
  to   = [sink.lab.out]
}
sink "lab" "out" {}
collector "lab" "c" {}
task "lab" "a" { interval = "1h" }
task "lab" "gone" { interval = "1h" }
`

func TestAReloadTouchesOnlyWhatChanged(t *testing.T) {
	tests := []struct {
		name     string
		old, new string   // a replacement in the flow
		changed  []string // blocks whose unit must start anew
	}{
		{name: "the same text"},
		{"a comment and the layout", `source "stream"`, "# a comment\n\n  source   \"stream\"", nil},
		{"an argument of a source", `"hello"`, `"good day"`, []string{"source.stream.s"}},
		{"an argument of a stage", `stage "lab" { text = "a" }`, `stage "lab" { text = "b" }`, []string{"pipeline.p"}},
		{"the batches of a sink", `sink "lab" "out" {}`, "sink \"lab\" \"out\" {\n batch { max_events = 1 }\n}", []string{"sink.lab.out"}},
		{"the interval of a collector", `collector "lab" "c" {}`, `collector "lab" "c" { interval = "1s" }`, []string{"collector.lab.c"}},
		{"a task", `task "lab" "a" { interval = "1h" }`, `task "lab" "a" { interval = "2h" }`, []string{"task.lab.a"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			l := newLab()
			r := startAgent(t, l, flow)
			r.untilNoted("plan task.lab.a", 1)
			r.untilNoted("plan task.lab.gone", 1)
			before := r.status()
			r.mustReload(strings.Replace(flow, tt.old, tt.new, 1))
			for _, changed := range tt.changed {
				if strings.HasPrefix(changed, "task.") {
					r.untilNoted("plan "+changed, 2)
				}
			}
			for i, b := range r.status().Blocks {
				if b.Kind == "task" {
					continue
				}
				was := before.Blocks[i]
				if changed := slices.Contains(tt.changed, b.Address); changed == b.Since.Equal(*was.Since) {
					t.Errorf("%s runs since %s, before since %s; changed: %t", b.Address, b.Since, was.Since, changed)
				}
			}
			if n := l.count("plan task.lab.gone"); n != 1 {
				t.Errorf("a task that didn't change ran %d times", n)
			}
		})
	}
}

func TestAReloadFollowsDefaultsAndVariables(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
variable "every" { default = "1h" }
collector "lab" "default" {}
collector "lab" "own" { interval = var.every }
`)
	before := r.status()
	if err := r.reload(`
agent {
  listen = "127.0.0.1:0"
  defaults {
    collect_interval = "1s"
  }
}
variable "every" { default = "2h" }
collector "lab" "default" {}
collector "lab" "own" { interval = var.every }
`); err != nil {
		t.Fatal(err)
	}
	for i, b := range r.status().Blocks {
		if b.Since.Equal(*before.Blocks[i].Since) {
			t.Errorf("%s goes on with the old interval", b.Address)
		}
	}
}

func TestAReloadStartsAndStops(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, flow)
	r.untilState("task.lab.gone", api.StateOK)
	r.mustReload(`
source "stream" "new" { text = "new" }
task "lab" "a" {
  interval    = "1h"
  enforcement = "off"
}
`)
	if n := l.count("stop source.stream.s"); n != 1 {
		t.Errorf("the removed source was stopped %d times", n)
	}
	r.untilNoted("start source.stream.new new", 1)
	var all []string
	for _, b := range r.status().Blocks {
		all = append(all, b.Address+" "+b.State)
	}
	if got := strings.Join(all, ", "); got != "source.stream.new running, task.lab.a off" {
		t.Errorf("the status lists: %s", got)
	}
	if metrics := r.get("/metrics"); strings.Contains(metrics, "task.lab.gone") {
		t.Error("there are metrics of a task that is gone")
	}
	r.mustReload(flow)
	r.untilState("task.lab.a", api.StateOK)
	r.untilNoted("start source.stream.s hello", 2)
}

func TestAReloadThatCantBeChangesNothingAndSaysWhy(t *testing.T) {
	l := newLab()
	l.say("task.lab.a", "many")
	r := startAgent(t, l, flow)
	r.untilNoted("plan task.lab.gone", 1)
	r.until("the task has told its value", func() bool { return r.block("task.lab.a").State == api.StateOK })
	before := r.status()
	for _, tt := range []struct{ name, text, want string }{
		{"no HCL", `source "stream" {`, "not valid"},
		{"an unknown argument", settings + `source "stream" "s" { txt = "" }`, "txt"},
		{"two errors", settings + "source \"stream\" \"s\" { txt = \"\" }\nsink \"nothing\" \"n\" {}\n", "the first of 2 errors"},
		{"a value that doesn't fit what a task said", settings + flow + `sink "lab" "new" { number = task.lab.a.said }`, "number"},
		{"another data directory", strings.Replace(settings, "listen", "data_dir = \"/nowhere\"\n  listen", 1), `data_dir in the agent block changed from "" to "/nowhere", which takes a restart`},
		{"other files of TLS", "agent {\n  listen = \"127.0.0.1:0\"\n  tls {\n    cert_file = \"/a\"\n    key_file = \"/b\"\n  }\n}\n", "the block tls in the agent block changed, which takes a restart"},
		{"another address", `agent { listen = "127.0.0.1:1" }`, "listen in the agent block changed"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			err := r.reload(tt.text)
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the answer is %v, want %q in it", err, tt.want)
			}
			after := r.status()
			if after.Config.LastReloadSuccessful || !strings.Contains(after.Config.Error, tt.want) {
				t.Errorf("the status says of the reload: %+v", after.Config)
			}
			if len(after.Blocks) != len(before.Blocks) {
				t.Fatalf("there are %d blocks, there were %d", len(after.Blocks), len(before.Blocks))
			}
			for i, b := range after.Blocks {
				if was := before.Blocks[i]; b.Kind != "task" && !b.Since.Equal(*was.Since) {
					t.Errorf("%s was restarted", b.Address)
				}
			}
			if got := r.metric("driftless_config_last_reload_successful"); got != "0" {
				t.Errorf("driftless_config_last_reload_successful is %q", got)
			}
		})
	}
	r.mustReload(flow)
	if c := r.status().Config; !c.LastReloadSuccessful || c.Error != "" {
		t.Errorf("after a good reload the status says: %+v", c)
	}
}

func TestAnEventThatIsWaitingSurvivesAReloadOfItsSink(t *testing.T) {
	l := newLab()
	release := l.block("task.lab.slow")
	defer release()
	// The sink waits for the task, so the event waits for the sink.
	r := startAgent(t, l, flow+`
task "lab" "slow" { interval = "1h" }
pipeline "slow" {
  from = [source.stream.s]
  to   = [sink.lab.slow]
}
sink "lab" "slow" { text = "old ${task.lab.slow.said}" }
`)
	r.until("the event waits", func() bool { return r.block("sink.lab.slow").Flow.Waiting == 1 })
	release()
	r.until("the event is delivered", func() bool { return r.block("sink.lab.slow").Flow.Sent == 1 })
}
