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

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/exposition"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin/event"
)

func gauge(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Gauge}
}

func counter(name, help string) *event.Family {
	return &event.Family{Name: name, Help: help, Type: event.Counter}
}

// The agent's own metrics.
var (
	buildInfo     = gauge("driftless_build_info", "A constant 1, labelled with what was built.")
	reloadSuccess = gauge("driftless_config_last_reload_successful", "Whether the last attempt to read the configuration succeeded.")
	reloadTime    = gauge("driftless_config_last_reload_success_timestamp_seconds", "When the configuration was last read with success.")

	taskRuns    = counter("driftless_task_runs_total", "Runs of a task, by what became of them.")
	taskDrifts  = counter("driftless_task_drifts_total", "Runs of a task that found drift, corrected or not.")
	taskDrifted = gauge("driftless_task_drifted", "Whether the host is not as the task declares, as far as its last run could tell.")
	taskLastRun = gauge("driftless_task_last_run_timestamp_seconds", "When the task was last run.")
	taskRunning = gauge("driftless_task_running", "Whether the task is just being run.")
	taskQueued  = gauge("driftless_task_queued", "Whether the task is due and waits for its turn.")

	sourceSuccess = gauge("driftless_source_success", "Whether the source of values could be read when it was last tried.")
	sourceTime    = gauge("driftless_source_last_success_timestamp_seconds", "When the source of values was last read.")

	flowReceived  = counter("driftless_component_received_events_total", "Events that came to a block.")
	flowSent      = counter("driftless_component_sent_events_total", "Events that a block handed on or delivered.")
	flowDiscarded = counter("driftless_component_discarded_events_total", "Events that a block discarded, by reason.")
	flowRetries   = counter("driftless_component_retries_total", "Deliveries that a sink repeated.")
	bufferBytes   = gauge("driftless_buffer_bytes", "Memory held by the events that wait for a block.")
	bufferEvents  = gauge("driftless_buffer_events", "Events that wait for a block.")

	secretLeases   = gauge("driftless_secret_leases", "Leases of Vault that are kept alive.")
	secretRenewals = counter("driftless_secret_renewals_total", "Leases and tokens of Vault that were renewed.")
	secretErrors   = counter("driftless_secret_errors_total", "Secrets that Vault didn't give, and leases and tokens that could not be renewed.")

	collectorSuccess  = gauge("driftless_collector_success", "Whether the collector's last measurement succeeded.")
	collectorDuration = gauge("driftless_collector_duration_seconds", "How long the collector's last measurement took.")
)

// Metrics implements [api.Backend]: the agent's own metrics, and what the
// collectors measure.
func (a *Agent) Metrics(ctx context.Context) []byte {
	batches := []*event.Batch{a.ownMetrics()}
	samples := a.collectors.gather(ctx)
	for _, s := range samples {
		if s.batch != nil {
			batches = append(batches, s.batch)
		}
	}
	batches = append(batches, collectorMetrics(samples, a.Now()))
	text, problems := exposition.Append(a.processMetrics(), batches...)
	for _, p := range problems {
		a.Log.Debug("a metric was left out", "reason", p.Error())
	}
	return text
}

// processMetrics are those of the Go runtime and the process, and the
// histograms.
func (a *Agent) processMetrics() []byte {
	registry := prometheus.NewRegistry()
	registry.MustRegister(process.NewGoCollector(), process.NewProcessCollector(process.ProcessCollectorOpts{}), a.board.phases)
	families, err := registry.Gather()
	if err != nil {
		a.Log.Warn("gather the metrics of the process", "error", err)
	}
	var out bytes.Buffer
	encoder := expfmt.NewEncoder(&out, expfmt.NewFormat(expfmt.TypeTextPlain))
	for _, f := range families {
		if err := encoder.Encode(f); err != nil {
			a.Log.Warn("encode a metric of the process", "metric", f.GetName(), "error", err)
		}
	}
	return out.Bytes()
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
	var b event.Builder
	now, p := a.Now(), a.board.picture()
	b.Metric(buildInfo, now, 1,
		"version", version.Number, "revision", version.Commit(), "goversion", runtime.Version(), "goos", runtime.GOOS, "goarch", runtime.GOARCH)
	b.Metric(reloadSuccess, now, number(p.reload.ok))
	b.Metric(reloadTime, now, seconds(p.reload.at))
	taskMetrics(&b, p.tasks, now)
	sourceMetrics(&b, p.tasks, now)
	figureMetrics(&b, p.tasks, now)
	a.stackInfos(&b, p, now)
	if a.current().DriftMonitorAgent {
		deploymentMetrics(&b, deploymentsOf(p, now), now)
	}
	a.driftMetrics(&b, p.tasks, now)
	a.flowMetrics(&b, now)
	a.secretMetrics(&b, now)
	absenceMetrics(&b, p.absent, now)
	a.stages.measure(&b, now)
	pluginMetrics(&b, a.processes(), now)
	return b.Batch()
}

func (a *Agent) secretMetrics(b *event.Builder, now time.Time) {
	if a.Secrets == nil {
		return
	}
	s := a.Secrets()
	b.Metric(secretLeases, now, float64(s.Leases))
	b.Metric(secretRenewals, now, float64(s.Renewals))
	b.Metric(secretErrors, now, float64(s.Errors))
	b.Metric(vaultAway, now, number(s.Away))
}

func taskMetrics(b *event.Builder, tasks map[addr.Addr]taskState, now time.Time) {
	for _, a := range slices.SortedFunc(maps.Keys(tasks), addr.Compare) {
		if a.Kind != addr.Task {
			continue
		}
		name, t := a.String(), tasks[a]
		for _, result := range slices.Sorted(maps.Keys(t.runs)) {
			b.Metric(taskRuns, now, float64(t.runs[result]), "task", name, "result", result)
		}
		if t.lost > 0 {
			b.Metric(flowDiscarded, now, float64(t.lost), "component", name, "reason", "busy")
		}
		b.Metric(taskRunning, now, number(t.state == api.StateRunning), "task", name)
		b.Metric(taskQueued, now, number(t.queued), "task", name)
		if !t.lastRun.IsZero() {
			b.Metric(taskDrifted, now, number(t.drifted), "task", name)
			b.Metric(taskDrifts, now, float64(t.drifts), "task", name)
			b.Metric(taskLastRun, now, seconds(t.lastRun), "task", name)
		}
		if a.Type == "terraform" {
			stackMetrics(b, name, t, now)
		}
	}
}

func sourceMetrics(b *event.Builder, sources map[addr.Addr]taskState, now time.Time) {
	for _, a := range slices.SortedFunc(maps.Keys(sources), addr.Compare) {
		s := sources[a]
		if a.Kind != addr.Source || s.lastRun.IsZero() {
			continue
		}
		b.Metric(sourceSuccess, now, number(s.state == api.StateOK), "source", a.String())
		if !s.success.IsZero() {
			b.Metric(sourceTime, now, seconds(s.success), "source", a.String())
		}
	}
}

func (a *Agent) flowMetrics(b *event.Builder, now time.Time) {
	stats := a.bus.Stats()
	for _, name := range slices.Sorted(maps.Keys(stats)) {
		s := stats[name]
		b.Metric(flowReceived, now, float64(s.Received), "component", name)
		b.Metric(flowSent, now, float64(s.Sent), "component", name)
		if isDownstream(name) {
			b.Metric(flowRetries, now, float64(s.Retries), "component", name)
			b.Metric(bufferBytes, now, float64(s.MailboxBytes), "component", name)
			b.Metric(bufferEvents, now, float64(s.MailboxEvents), "component", name)
		}
		for _, reason := range slices.Sorted(maps.Keys(s.Discarded)) {
			b.Metric(flowDiscarded, now, float64(s.Discarded[reason]), "component", name, "reason", reason)
		}
	}
}

func collectorMetrics(samples []sample, now time.Time) *event.Batch {
	var b event.Builder
	for _, s := range samples {
		b.Metric(collectorSuccess, now, number(s.err == nil), "collector", s.name)
		b.Metric(collectorDuration, now, s.took.Seconds(), "collector", s.name)
	}
	return b.Batch()
}
