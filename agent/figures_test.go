package agent

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestWhatASourceMeasuresIsAddedUpOverItsPolls(t *testing.T) {
	l := newLab()
	l.say("source.value.v", "one")
	r := startAgent(t, l, `
source "value" "v" { poll_interval = "10ms" }
task "lab" "a" { text = source.value.v.said }
`)
	r.until("three polls are counted", func() bool {
		var polls int
		for line := range strings.Lines(r.get("/metrics")) {
			if _, err := fmt.Sscanf(line, `lab_reads_total{source="source.value.v",kind="value"} %d`, &polls); err == nil {
				break
			}
		}
		return polls >= 3
	})
	l.fail("source.value.v", true)
	r.untilState("source.value.v", "failed")
	r.mustReload(`task "lab" "a" { text = "none" }`)
	if text := r.get("/metrics"); strings.Contains(text, "lab_reads_total") {
		t.Error("there are figures of a source that is gone")
	}
}

func TestFiguresAreBounded(t *testing.T) {
	t.Parallel()
	counts := &event.Family{Name: "a_total", Type: event.Counter}
	gauges := &event.Family{Name: "b", Type: event.Gauge}
	var f figures
	for poll := range 3 {
		var b event.Builder
		for i := range maxFigures {
			b.Metric(counts, time.Time{}, 1, "n", fmt.Sprint(poll, i))
		}
		b.Metric(gauges, time.Time{}, float64(poll))
		f = f.after(b.Batch())
	}
	if len(f) > maxFigures {
		t.Errorf("there are %d series", len(f))
	}
}

func TestAGaugeIsWhatItIsNow(t *testing.T) {
	t.Parallel()
	measured := func(metrics ...any) *event.Batch {
		var b event.Builder
		for i := 0; i < len(metrics); i += 2 {
			b.Metric(metrics[i].(*event.Family), time.Time{}, metrics[i+1].(float64), "result", "ok")
		}
		return b.Batch()
	}
	counts := &event.Family{Name: "a_total", Type: event.Counter}
	gauges := &event.Family{Name: "b", Type: event.Gauge}
	other := &event.Family{Name: "c", Type: event.Gauge}
	first := figures(nil).after(measured(counts, 1.0, gauges, 5.0, other, 7.0))
	second := first.after(measured(counts, 2.0, gauges, 6.0))
	source := addr.Addr{Kind: addr.Source, Type: "git", Name: "x"}
	var b event.Builder
	figureMetrics(&b, map[addr.Addr]taskState{source: {figures: second}}, time.Time{})
	text, problems := exposition.Append(nil, b.Batch())
	want := "# TYPE a_total counter\na_total{source=\"source.git.x\",result=\"ok\"} 3\n# TYPE b gauge\nb{source=\"source.git.x\",result=\"ok\"} 6\n"
	if string(text) != want || len(problems) > 0 {
		t.Errorf("problems %v, metrics:\n%s", problems, text)
	}
	if n := len(first); n != 3 {
		t.Errorf("the figures of the first poll were changed: there are %d", n)
	}
}
