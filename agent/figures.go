package agent

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// maxFigures bounds the series of one source: counters stay once they are there.
const maxFigures = 1000

// figure is one series that a source of values measured.
type figure struct {
	family *event.Family
	labels []string // names and values by turns
	value  float64
}

// figureKey tells one series from another.
type figureKey struct{ name, labels string }

// figures are what a source measured at its polls so far. They are never
// changed, but replaced.
type figures map[figureKey]figure

// after returns the figures with those of one more poll: counters go on from
// where they were, and other series are what they are now.
func (f figures) after(batch *event.Batch) figures {
	next := make(figures, len(f))
	for key, one := range f {
		if one.family.Type == event.Counter {
			next[key] = one
		}
	}
	for i := range batch.Len() {
		family, value := batch.Metric(i)
		if family == nil {
			continue
		}
		labels := labelsOf(batch, i)
		key := figureKey{family.Name, fmt.Sprintf("%q", labels)}
		before, known := next[key]
		if !known && len(next) >= maxFigures {
			continue
		}
		if known && family.Type == event.Counter {
			value += before.value
		}
		next[key] = figure{family, labels, value}
	}
	return next
}

func labelsOf(batch *event.Batch, i int) []string {
	var labels []string
	for j := range batch.NumFields(i) {
		name, value := batch.FieldAt(i, j)
		labels = append(labels, batch.Name(name), string(value.Text()))
	}
	return labels
}

// measure notes what a source tells of the read that has just been.
func (i *island) measure(ctx context.Context, a addr.Addr, data plugin.Data) {
	measurer, ok := data.(plugin.Measurer)
	if !ok {
		return
	}
	var batch event.Batch
	if err := measurer.Measure(ctx, event.NewBuilder(&batch)); err != nil {
		i.Log.Named(a.String()).Warn("the figures of the source could not be had", "error", err)
	}
	i.board.update(a, func(t *taskState) { t.figures = t.figures.after(&batch) })
}

// figureMetrics are those that sources of values measured.
func figureMetrics(b *event.Builder, sources map[addr.Addr]taskState, now time.Time) {
	for _, a := range slices.SortedFunc(maps.Keys(sources), addr.Compare) {
		known := sources[a].figures
		for _, key := range slices.SortedFunc(maps.Keys(known), compareFigures) {
			one := known[key]
			b.Metric(one.family, now, one.value, append([]string{"source", a.String()}, one.labels...)...)
		}
	}
}

func compareFigures(a, b figureKey) int {
	return cmp.Or(cmp.Compare(a.name, b.name), cmp.Compare(a.labels, b.labels))
}
