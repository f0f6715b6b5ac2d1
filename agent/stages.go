package agent

import (
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// counted is a stage that counts what it does with events, since it was
// opened and while it is at work.
type counted interface {
	Counts() map[string]uint64
}

// stages are those of the running pipelines that count.
type stages struct {
	mu   sync.Mutex
	open map[string][]countedStage // by pipeline
}

type countedStage struct {
	position string // counted from 1
	kind     string
	counted
}

func newStages() *stages { return &stages{open: make(map[string][]countedStage)} }

func (s *stages) add(pipeline string, nodes []*eval.Stage, instances []plugin.Stage) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, one := range instances {
		if c, ok := one.(counted); ok {
			s.open[pipeline] = append(s.open[pipeline], countedStage{strconv.Itoa(i + 1), nodes[i].Type.Ref.Name, c})
		}
	}
}

func (s *stages) remove(pipeline string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, pipeline)
}

var stageEvents = counter("driftless_stage_events_total", "Events that a stage of a pipeline did something worth counting with, such as parse_errors, since the pipeline was started.")

func (s *stages) measure(b *event.Builder, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, pipeline := range slices.Sorted(maps.Keys(s.open)) {
		for _, stage := range s.open[pipeline] {
			counts := stage.Counts()
			for _, outcome := range slices.Sorted(maps.Keys(counts)) {
				b.Metric(stageEvents, now, float64(counts[outcome]),
					"component", pipeline, "stage", stage.position, "type", stage.kind, "outcome", outcome)
			}
		}
	}
}
