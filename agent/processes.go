package agent

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/pluginhost"
	"github.com/driftless-hq/driftless/plugin/event"
)

// The metrics of providers that are processes.
var (
	pluginUp       = gauge("driftless_plugin_up", "Whether the process of the provider runs.")
	pluginRestarts = counter("driftless_plugin_restarts_total", "How often a process of the provider was started again.")
	pluginCrashes  = counter("driftless_plugin_crashes_total", "How often a process of the provider ended, or did not start.")
	pluginStart    = gauge("driftless_plugin_start_seconds", "How long the last start of the provider took.")
	pluginErrors   = counter("driftless_plugin_rpc_errors_total", "Calls that the process of the provider did not answer, by method.")
)

func (a *Agent) processes() []pluginhost.Status {
	if a.Processes == nil {
		return nil
	}
	return a.Processes()
}

func pluginMetrics(b *event.Builder, all []pluginhost.Status, now time.Time) {
	for _, s := range all {
		b.Metric(pluginUp, now, number(s.Up), "provider", s.Name)
		b.Metric(pluginRestarts, now, float64(s.Starts-1), "provider", s.Name)
		b.Metric(pluginCrashes, now, float64(s.Crashes), "provider", s.Name)
		b.Metric(pluginStart, now, s.StartTime.Seconds(), "provider", s.Name)
		for _, method := range slices.Sorted(maps.Keys(s.Failed)) {
			b.Metric(pluginErrors, now, float64(s.Failed[method]), "provider", s.Name, "method", method)
		}
	}
}

func describeProviders(all []pluginhost.Status) []api.Provider {
	var out []api.Provider
	for _, s := range all {
		p := api.Provider{Name: s.Name, Version: s.Version, Up: s.Up, Restarts: s.Starts - 1, Crashes: s.Crashes}
		if !s.Up {
			p.Next = stamp(s.Next)
		}
		if s.Problem != nil {
			p.Error = s.Problem.Error()
		}
		out = append(out, p)
	}
	return out
}

// downProviders says which providers don't run.
func downProviders(all []pluginhost.Status) []string {
	var out []string
	for _, s := range all {
		if !s.Up {
			out = append(out, fmt.Sprintf("provider %s doesn't run: %v", s.Name, s.Problem))
		}
	}
	return out
}
