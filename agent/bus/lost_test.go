package bus

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// perishable is a stage that is lost in the middle of its first batch.
type perishable struct {
	stageFunc
	lost chan struct{}
}

func (p perishable) Lost() <-chan struct{} { return p.lost }

var _ plugin.Perishable = perishable{}

var errLost = fmt.Errorf("exit status 2: %w", plugin.ErrLost)

func losing() plugin.Stage {
	return perishable{stageFunc: func(_ context.Context, batch *event.Batch) error {
		batch.SetBody(0, []byte("half done"))
		return errLost
	}, lost: make(chan struct{})}
}

func TestABatchOfAStageThatIsLostIsDoneAgainFromTheBeginning(t *testing.T) {
	b := New(Options{})
	configure(t, b, chain)
	var a acks
	var m memory
	emit(t, b, "source", &a, "a", "b")
	err := b.RunPipeline(t.Context(), "pipeline", []plugin.Stage{suffix("1"), losing()})
	if !errors.Is(err, plugin.ErrLost) {
		t.Fatalf("the pipeline ended with %v, want that a stage is lost", err)
	}
	equal(t, "acknowledged", a.String(), "0 good, 0 failed")
	delivered := make(chan struct{})
	m.answer = func(context.Context, *event.Batch) error { defer close(delivered); return nil }
	pipeline(t, b, "pipeline", suffix("1"), suffix("2"))
	stop := sink(t, b, "sink", &m, SinkOptions{})
	<-delivered
	stop()
	equal(t, "written", m.got(), "a12 b12")
	equal(t, "acknowledged", a.String(), "1 good, 0 failed")
	equal(t, "discarded", b.Stats()["pipeline"].Discarded["stage_error"], 0)
}

func TestABatchOfASinkThatIsLostWaitsForTheNextHoweverFewAttemptsThereAre(t *testing.T) {
	b := New(Options{})
	configure(t, b, chain)
	var a acks
	emit(t, b, "source", &a, "a")
	pipeline(t, b, "pipeline")
	gone := &memory{answer: func(context.Context, *event.Batch) error { return errLost }}
	if err := b.RunSink(t.Context(), "sink", gone, SinkOptions{Retry: Retry{Attempts: 1}}); !errors.Is(err, plugin.ErrLost) {
		t.Fatalf("the sink ended with %v, want that it is lost", err)
	}
	delivered := make(chan struct{})
	m := &memory{answer: func(context.Context, *event.Batch) error { defer close(delivered); return nil }}
	stop := sink(t, b, "sink", m, SinkOptions{Retry: Retry{Attempts: 1}})
	<-delivered
	stop()
	equal(t, "written", m.got(), "a")
	equal(t, "acknowledged", a.String(), "1 good, 0 failed")
}
