package agent

import (
	"bytes"
	"context"
	"maps"
	"runtime"
	"slices"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	process "github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/common/expfmt"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin/event"
)

// Metrics implements [api.Backend]: the agent's own metrics, and behind them
// what the collectors measure.
func (a *Agent) Metrics(ctx context.Context) []byte {
	var out bytes.Buffer
	registry := prometheus.NewRegistry()
	registry.MustRegister(process.NewGoCollector(), process.NewProcessCollector(process.ProcessCollectorOpts{}))
	families, err := registry.Gather()
	if err != nil {
		a.Log.Warn("gather the metrics of the process", "error", err)
	}
	encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			a.Log.Warn("encode a metric", "metric", f.GetName(), "error", err)
		}
	}
	batches := []*event.Batch{a.ownMetrics()}
	samples := a.collect.gather(ctx)
	for _, s := range samples {
		if s.batch != nil {
			batches = append(batches, s.batch)
		}
	}
	batches = append(batches, a.collectorMetrics(samples))
	text, problems := exposition.Append(out.Bytes(), batches...)
	for _, p := range problems {
		a.Log.Debug("a metric was left out", "reason", p.Error())
	}
	return text
}

func gauge(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Gauge}
}

func counter(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Counter}
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

func seconds(t time.Time) float64 { return float64(t.UnixMilli()) / 1000 }

// ownMetrics are those of the agent itself.
func (a *Agent) ownMetrics() *event.Batch {
	a.mu.Lock()
	reload := a.reload
	a.mu.Unlock()
	var b event.Builder
	now := a.Now()
	b.Metric(gauge("driftless_build_info", "A constant 1, labelled with what was built."), now, 1,
		"version", version.Number, "revision", version.Commit(), "goversion", runtime.Version(), "goos", runtime.GOOS, "goarch", runtime.GOARCH)
	b.Metric(gauge("driftless_config_last_reload_successful", "Whether the last attempt to read the configuration succeeded."), now, number(reload.ok))
	b.Metric(gauge("driftless_config_last_reload_success_timestamp_seconds", "When the configuration was last read with success."), now, seconds(reload.at))
	a.taskMetrics(&b, now)
	a.flowMetrics(&b, now)
	return b.Batch()
}

func (a *Agent) taskMetrics(b *event.Builder, now time.Time) {
	runs := counter("driftless_task_runs_total", "Runs of a task, by what became of them.")
	drifted := gauge("driftless_task_drifted", "Whether the host is not as the task declares.")
	last := gauge("driftless_task_last_run_timestamp_seconds", "When the task was last run.")
	stacks := gauge("driftless_terraform_stack_state", "1 for the state that a stack is in, 0 for the others.")
	tasks := a.board.tasksCopy()
	for _, a := range slices.SortedFunc(maps.Keys(tasks), addr.Compare) {
		if a.Kind != addr.Task {
			continue
		}
		name, t := a.String(), tasks[a]
		for _, result := range slices.Sorted(maps.Keys(t.runs)) {
			b.Metric(runs, now, float64(t.runs[result]), "task", name, "result", result)
		}
		if t.lastRun.IsZero() {
			continue
		}
		b.Metric(drifted, now, number(t.drifted), "task", name)
		b.Metric(last, now, seconds(t.lastRun), "task", name)
		if a.Type != "terraform" {
			continue
		}
		for _, f := range t.findings {
			for _, state := range stackStates {
				b.Metric(stacks, now, number(f.Verdict == state), "task", name, "stack", f.Name, "workspace", "default", "state", state)
			}
		}
	}
}

// stackStates are the verdicts of a stack.
var stackStates = [...]string{"clean", "drifted", "pending", "drifted_pending", "unapplied", "error", "locked", "stale"}

func (a *Agent) flowMetrics(b *event.Builder, now time.Time) {
	received := counter("driftless_component_received_events_total", "Events that came to a block.")
	sent := counter("driftless_component_sent_events_total", "Events that a block handed on or delivered.")
	discarded := counter("driftless_component_discarded_events_total", "Events that a block discarded, by reason.")
	retries := counter("driftless_component_retries_total", "Deliveries that a sink repeated.")
	bufferBytes := gauge("driftless_buffer_bytes", "Memory held by the events that wait for a block.")
	bufferEvents := gauge("driftless_buffer_events", "Events that wait for a block.")
	stats := a.bus.Stats()
	for _, name := range slices.Sorted(maps.Keys(stats)) {
		s := stats[name]
		b.Metric(received, now, float64(s.Received), "component", name)
		b.Metric(sent, now, float64(s.Sent), "component", name)
		b.Metric(retries, now, float64(s.Retries), "component", name)
		b.Metric(bufferBytes, now, float64(s.MailboxBytes), "component", name)
		b.Metric(bufferEvents, now, float64(s.MailboxEvents), "component", name)
		for _, reason := range slices.Sorted(maps.Keys(s.Discarded)) {
			b.Metric(discarded, now, float64(s.Discarded[reason]), "component", name, "reason", reason)
		}
	}
}

func (a *Agent) collectorMetrics(samples []sample) *event.Batch {
	success := gauge("driftless_collector_success", "Whether the collector's last measurement succeeded.")
	duration := gauge("driftless_collector_duration_seconds", "How long the collector's last measurement took.")
	var b event.Builder
	now := a.Now()
	for _, s := range samples {
		if s.err != nil {
			a.Log.Named(s.name).Warn("measure", "error", s.err)
		}
		b.Metric(success, now, number(s.err == nil), "collector", s.name)
		b.Metric(duration, now, s.took.Seconds(), "collector", s.name)
	}
	return b.Batch()
}
