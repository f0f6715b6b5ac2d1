package bus

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestEventsPassThroughStagesToEverySink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, Topology{
			Emitters:  map[string][]string{"source": {"p1", "p2"}},
			Pipelines: map[string][]string{"p1": {"s1", "s2"}, "p2": {"s2"}},
		})
		var s1, s2 memory
		var a acks
		pipeline(t, b, "p1", suffix("-one"), suffix("!"))
		sink(t, b, "s1", &s1, SinkOptions{})
		emit(t, b, "source", &a, "a", "b")
		synctest.Wait()
		equal(t, "s1", s1.got(), "a-one! b-one!")
		equal(t, "acknowledged before p2 and s2 have finished", a.String(), "0 good, 0 failed")

		sink(t, b, "s2", &s2, SinkOptions{})
		synctest.Wait()
		pipeline(t, b, "p2", suffix("-two"))
		synctest.Wait()
		equal(t, "s2", s2.got(), "a-one! b-one! | a-two b-two")
		equal(t, "acknowledged", a.String(), "1 good, 0 failed")
	})
}

func TestWhatNobodyWantsIsCountedAndAcknowledged(t *testing.T) {
	failing := stageFunc(func(context.Context, *event.Batch) error { return errors.New("no such field") })
	panicking := stageFunc(func(context.Context, *event.Batch) error { panic("index out of range") })
	dropping := stageFunc(func(_ context.Context, batch *event.Batch) error {
		batch.Keep(func(i int) bool { return i > 0 })
		return nil
	})
	dropAll := stageFunc(func(_ context.Context, batch *event.Batch) error {
		batch.Keep(func(int) bool { return false })
		return nil
	})
	tests := []struct {
		name      string
		topology  Topology
		stage     plugin.Stage
		component string
		want      map[string]uint64
		delivered string
	}{
		{"an emitter without a pipeline", Topology{Pipelines: map[string][]string{"pipeline": {"sink"}}}, suffix(""), "source", map[string]uint64{"unrouted": 3}, ""},
		{"a pipeline without a sink", Topology{
			Emitters:  map[string][]string{"source": {"pipeline"}},
			Pipelines: map[string][]string{"pipeline": nil, "other": {"sink"}},
		}, suffix(""), "pipeline", map[string]uint64{"unrouted": 3}, ""},
		{"a stage that fails", chain, failing, "pipeline", map[string]uint64{"stage error": 3}, ""},
		{"a stage that panics", chain, panicking, "pipeline", map[string]uint64{"stage error": 3}, ""},
		{"a stage that drops some", chain, dropping, "pipeline", map[string]uint64{"filtered": 1}, "b c"},
		{"a stage that drops all", chain, dropAll, "pipeline", map[string]uint64{"filtered": 3}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := New(Options{})
				configure(t, b, test.topology)
				var m memory
				var a acks
				pipeline(t, b, "pipeline", test.stage)
				sink(t, b, "sink", &m, SinkOptions{})
				emit(t, b, "source", &a, "a", "b", "c")
				synctest.Wait()
				equal(t, "acknowledged", a.String(), "1 good, 0 failed")
				equal(t, "delivered", m.got(), test.delivered)
				stats := b.Stats()
				if diff := cmp.Diff(test.want, stats[test.component].Discarded); diff != "" {
					t.Errorf("discarded by %s (-want +got):\n%s", test.component, diff)
				}
				equal(t, "bytes left in the mailbox", stats["pipeline"].MailboxBytes, 0)
			})
		})
	}
}

func TestEmptyBatchIsAcknowledgedAtOnce(t *testing.T) {
	b := New(Options{})
	configure(t, b, chain)
	var a acks
	emit(t, b, "source", &a)
	equal(t, "acknowledged", a.String(), "1 good, 0 failed")
}

func TestBatchThatLostMostEventsGivesBackTheirMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		pipeline(t, b, "pipeline", stageFunc(func(_ context.Context, batch *event.Batch) error {
			batch.Keep(func(i int) bool { return i == 3 })
			return nil
		}))
		emit(t, b, "source", &a, "aaa", "bbb", "ccc", "ddd")
		synctest.Wait()
		equal(t, "bytes at the sink", b.Stats()["sink"].MailboxBytes, lines("ddd").Size()+overhead)
		var m memory
		sink(t, b, "sink", &m, SinkOptions{})
		synctest.Wait()
		equal(t, "written", m.got(), "ddd")
	})
}

func TestLogTellsOfDiscardedEventsNowAndThen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		b := New(Options{Log: hclog.New(&hclog.LoggerOptions{Output: &log, DisableTime: true})})
		configure(t, b, chain)
		var a acks
		stop := pipeline(t, b, "pipeline", stageFunc(func(context.Context, *event.Batch) error { return errors.New("no such field") }))
		for range 150 {
			emit(t, b, "source", &a, "x", "y")
			time.Sleep(100 * time.Millisecond)
		}
		stop()
		const line = "[ERROR] events were discarded: component=pipeline reason=\"stage error\" events=%d error=\"stage 1: no such field\"\n"
		equal(t, "log of 15 s", log.String(), fmt.Sprintf(line+line, 2, 200))
		equal(t, "counted", b.Stats()["pipeline"].Discarded["stage error"], 300)
	})
}

func TestNilAcknowledgementIsAllowed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var m memory
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{})
		if err := b.Emitter("source").Emit(t.Context(), lines("a"), nil); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		equal(t, "delivered", m.got(), "a")
	})
}

func TestOneWorkerPerAddress(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		pipeline(t, b, "pipeline")
		synctest.Wait()
		if err := b.RunPipeline(t.Context(), "pipeline", nil); err == nil {
			t.Error("a second worker of one address was not refused")
		}
		if err := b.RunPipeline(t.Context(), "unheard-of", nil); err == nil {
			t.Error("a worker of an unknown address was not refused")
		}
	})
}
