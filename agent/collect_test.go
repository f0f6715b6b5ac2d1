package agent

import (
	"strings"
	"testing"
	"time"
)

func TestACollectorThatHangsHoldsUpOneScrape(t *testing.T) {
	l := newLab()
	release := l.block("collector.lab.hangs")
	defer release()
	r := startAgent(t, l, `
collector "lab" "hangs" { timeout = "300ms" }
collector "lab" "well" {}
`)
	scrape := func() time.Duration {
		began := time.Now()
		text := r.get("/metrics")
		for _, want := range []string{
			`lab_value{collector="collector.lab.well"} 1`,
			`driftless_collector_success{collector="collector.lab.hangs"} 0`,
			`driftless_collector_success{collector="collector.lab.well"} 1`,
		} {
			if !strings.Contains(text, want+"\n") {
				t.Errorf("the metrics lack %s", want)
			}
		}
		return time.Since(began)
	}
	if took := scrape(); took < 300*time.Millisecond {
		t.Errorf("the first scrape took %s, the timeout of the collector is 300ms", took)
	}
	if took := scrape(); took > 250*time.Millisecond {
		t.Errorf("the second scrape waited %s for a collector that is known to hang", took)
	}
	if n := l.count("collect collector.lab.hangs"); n != 1 {
		t.Errorf("a collector that hangs was asked %d times", n)
	}
	release()
	r.until("it measures again", func() bool {
		return r.metric(`driftless_collector_success{collector="collector.lab.hangs"}`) == "1"
	})
}

func TestACollectorThatFailsIsSeen(t *testing.T) {
	l := newLab()
	l.fail("collector.lab.c", true)
	r := startAgent(t, l, `collector "lab" "c" {}`)
	if got := r.metric(`driftless_collector_success{collector="collector.lab.c"}`); got != "0" {
		t.Errorf("success is %q", got)
	}
	if got := r.metric(`lab_value{collector="collector.lab.c"}`); got != "1" {
		t.Errorf("what it measured before the error is %q", got)
	}
}

func TestACollectorFeedsPipelines(t *testing.T) {
	l := newLab()
	r := startAgent(t, l, `
collector "lab" "c" { interval = "100ms" }
pipeline "p" {
  from = [collector.lab.c]
  to   = [sink.lab.out]
}
sink "lab" "out" {}
`)
	r.until("two samples have arrived", func() bool { return r.block("sink.lab.out").Flow.Sent >= 2 })
}

func TestWhatStagesCountIsAMetric(t *testing.T) {
	r := startAgent(t, newLab(), flow)
	const series = `driftless_stage_events_total{component="pipeline.p",stage="1",type="lab",outcome="parse_errors"}`
	if got := r.metric(series); got != "7" {
		t.Errorf("%s is %q", series, got)
	}
}
