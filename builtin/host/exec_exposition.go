package host

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"strconv"

	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"

	"github.com/driftless-hq/driftless/plugin/event"
)

// parseExecExposition reads the text exposition format. Samples with a time
// of their own are refused, as Prometheus would not notice when they end.
func parseExecExposition(_ string, output []byte) ([]execSample, error) {
	if len(output) > 0 && output[len(output)-1] != '\n' {
		output = append(output, '\n')
	}
	parser := expfmt.NewTextParser(model.LegacyValidation)
	families, err := parser.TextToMetricFamilies(bytes.NewReader(output))
	if err != nil {
		return nil, fmt.Errorf("it is not the text exposition format: %w", err)
	}
	var samples []execSample
	for _, name := range slices.Sorted(maps.Keys(families)) {
		family := families[name]
		for _, m := range family.Metric {
			if m.TimestampMs != nil {
				return nil, fmt.Errorf("a sample of %s has a timestamp: leave it out, the time is when it was read", name)
			}
			samples = appendExposed(samples, family, m)
		}
	}
	return samples, nil
}

// appendExposed adds the series of one metric. Those of a histogram or a
// summary become metrics of their own, whose names and labels Prometheus sees
// as it would have.
func appendExposed(samples []execSample, family *dto.MetricFamily, m *dto.Metric) []execSample {
	labels := exposedLabels(m.GetLabel())
	add := func(suffix string, kind event.MetricType, value float64, more ...string) {
		samples = append(samples, execSample{
			name: family.GetName() + suffix, help: family.GetHelp(), kind: kind, value: value,
			labels: slices.Concat(labels, more),
		})
	}
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		add("", event.Counter, m.GetCounter().GetValue())
	case dto.MetricType_GAUGE:
		add("", event.Gauge, m.GetGauge().GetValue())
	case dto.MetricType_SUMMARY:
		s := m.GetSummary()
		for _, q := range s.GetQuantile() {
			add("", event.Untyped, q.GetValue(), "quantile", formatBound(q.GetQuantile()))
		}
		add("_sum", event.Untyped, s.GetSampleSum())
		add("_count", event.Untyped, float64(s.GetSampleCount()))
	case dto.MetricType_HISTOGRAM:
		h := m.GetHistogram()
		for _, b := range h.GetBucket() {
			add("_bucket", event.Untyped, float64(b.GetCumulativeCount()), "le", formatBound(b.GetUpperBound()))
		}
		add("_sum", event.Untyped, h.GetSampleSum())
		add("_count", event.Untyped, float64(h.GetSampleCount()))
	default:
		add("", event.Untyped, m.GetUntyped().GetValue())
	}
	return samples
}

func exposedLabels(pairs []*dto.LabelPair) []string {
	labels := make([]string, 0, 2*len(pairs))
	for _, p := range pairs {
		labels = append(labels, p.GetName(), p.GetValue())
	}
	return labels
}

func formatBound(bound float64) string { return strconv.FormatFloat(bound, 'g', -1, 64) }
