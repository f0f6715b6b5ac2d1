package bus

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

func TestRestartedSinkBeginsWhereItStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		pipeline(t, b, "pipeline")
		down := memory{answer: func(context.Context, *event.Batch) error { return errDown }}
		stop := sink(t, b, "sink", &down, SinkOptions{Batch: Batch{MaxEvents: 2}})
		for _, line := range []string{"a", "b", "c"} {
			emit(t, b, "source", &a, line)
		}
		synctest.Wait()
		stop()
		emit(t, b, "source", &a, "d")
		synctest.Wait()
		equal(t, "acknowledged while the sink is away", a.String(), "0 good, 0 failed")

		var up memory
		sink(t, b, "sink", &up, SinkOptions{Batch: Batch{MaxEvents: 2}})
		synctest.Wait()
		equal(t, "written in the old order", up.got(), "a b | c d")
		equal(t, "acknowledged", a.String(), "4 good, 0 failed")
		equal(t, "received, each event once", b.Stats()["sink"].Received, 4)
	})
}

func TestSinkStoppedWhileItGathersLosesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		var m memory
		pipeline(t, b, "pipeline")
		stop := sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: time.Hour}})
		emit(t, b, "source", &a, "a")
		emit(t, b, "source", &a, "b")
		synctest.Wait()
		stop()
		equal(t, "written by the first", m.got(), "")
		sink(t, b, "sink", &m, SinkOptions{})
		synctest.Wait()
		equal(t, "written by the second", m.got(), "a b")
		equal(t, "acknowledged", a.String(), "2 good, 0 failed")
	})
}

func TestWriteThatAStopCutsShortIsNoAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		hangs := memory{answer: func(ctx context.Context, _ *event.Batch) error {
			<-ctx.Done()
			return ctx.Err()
		}}
		pipeline(t, b, "pipeline")
		stop := sink(t, b, "sink", &hangs, SinkOptions{Retry: Retry{Attempts: 1}})
		emit(t, b, "source", &a, "a")
		synctest.Wait()
		stop()
		var m memory
		sink(t, b, "sink", &m, SinkOptions{})
		synctest.Wait()
		equal(t, "written by the next", m.got(), "a")
	})
}

// A pipeline that is stopped while one sink has the batch and another has no
// room for it must not give it to the first again, nor run the stages again.
func TestPipelineStoppedHalfwayGoesOnThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10})
		configure(t, b, Topology{
			Emitters:  map[string][]string{"source": {"pipeline"}},
			Pipelines: map[string][]string{"pipeline": {"fast", "slow"}},
		})
		var a acks
		var fast, slow memory
		sink(t, b, "fast", &fast, SinkOptions{})
		stop := pipeline(t, b, "pipeline", suffix("!"))
		emit(t, b, "source", &a, "a")
		emit(t, b, "source", &a, "b")
		synctest.Wait()
		equal(t, "at the fast sink", fast.got(), "a! | b!")

		stop()
		pipeline(t, b, "pipeline", suffix("?"))
		sink(t, b, "slow", &slow, SinkOptions{})
		emit(t, b, "source", &a, "c")
		synctest.Wait()
		equal(t, "at the fast sink", fast.got(), "a! | b! | c?")
		equal(t, "at the slow sink", slow.got(), "a! | b! | c?")
		equal(t, "acknowledged", a.String(), "3 good, 0 failed")
	})
}

func TestStageIsNotInterruptedByAStop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		var m memory
		slow := stageFunc(func(ctx context.Context, batch *event.Batch) error {
			if !sleep(ctx, time.Second) {
				return ctx.Err()
			}
			return suffix("!").(stageFunc)(ctx, batch)
		})
		stop := pipeline(t, b, "pipeline", slow)
		sink(t, b, "sink", &m, SinkOptions{})
		emit(t, b, "source", &a, "a")
		synctest.Wait()
		stop()
		synctest.Wait()
		equal(t, "written", m.got(), "a!")
		equal(t, "acknowledged", a.String(), "1 good, 0 failed")
	})
}

func TestEmitThatIsCancelledIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10})
		configure(t, b, chain)
		var a acks
		emit(t, b, "source", &a, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Emitter("source").Emit(ctx, lines("b"), a.ack); err == nil {
			t.Error("Emit without room returned nil")
		}
		if err := b.Emitter("source").Emit(ctx, lines("c"), a.ack); err == nil {
			t.Error("Emit with a context that has ended returned nil")
		}
		var m memory
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{})
		synctest.Wait()
		equal(t, "written", m.got(), "a")
		equal(t, "acknowledged", a.String(), "1 good, 0 failed")
		equal(t, "received, without what was not taken", b.Stats()["source"].Received, 1)
	})
}

func TestConfigureWhileEventsLieInMailboxes(t *testing.T) {
	both := Topology{
		Emitters:  map[string][]string{"source": {"pipeline"}},
		Pipelines: map[string][]string{"pipeline": {"sink", "other"}},
	}
	none := Topology{Pipelines: map[string][]string{"elsewhere": {"other"}}}
	tests := []struct {
		name      string
		from, to  Topology
		sink      string // what reaches it
		other     string
		acks      string
		discarded map[string]uint64 // "removed", by component
	}{
		{"the same again changes nothing", chain, chain, "a b", "", "2 good, 0 failed", nil},
		{"a new sink gets what follows", chain, both, "a b", "b", "2 good, 0 failed", nil},
		{"a sink that is removed waits for nothing", both, chain, "a b", "", "2 good, 0 failed", map[string]uint64{"other": 1}},
		{"a pipeline and a sink that are removed", chain, none, "", "", "2 good, 0 failed", map[string]uint64{"sink": 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := New(Options{})
				configure(t, b, test.from)
				var a acks
				stop := pipeline(t, b, "pipeline")
				emit(t, b, "source", &a, "a")
				synctest.Wait()
				stop()

				configure(t, b, test.to)
				worker(t, func(ctx context.Context) error {
					_ = b.RunPipeline(ctx, "pipeline", nil) // fails where it is gone
					return nil
				})
				emit(t, b, "source", &a, "b")
				synctest.Wait()
				var m, other memory
				for addr, to := range map[string]*memory{"sink": &m, "other": &other} {
					worker(t, func(ctx context.Context) error {
						_ = b.RunSink(ctx, addr, to, SinkOptions{})
						return nil
					})
				}
				synctest.Wait()
				equal(t, "at the sink", m.got(), test.sink)
				equal(t, "at the other sink", other.got(), test.other)
				equal(t, "acknowledged", a.String(), test.acks)
				for addr, s := range b.Stats() {
					equal(t, "discarded by "+addr, s.Discarded["removed"], test.discarded[addr])
				}
				equal(t, "bytes left", b.used, 0)
			})
		})
	}
}

func TestEventsBeforeAPipelineThatIsRemovedGoBackToTheirSource(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		emit(t, b, "source", &a, "a")
		configure(t, b, Topology{
			Emitters:  map[string][]string{"source": {"renamed"}},
			Pipelines: map[string][]string{"renamed": {"sink"}},
		})
		equal(t, "acknowledged", a.String(), "0 good, 1 failed")
		equal(t, "given up", b.Stats()["pipeline"].Discarded["removed"], 1)
		equal(t, "bytes left", b.used, 0)
	})
}

func TestRemovingASinkFreesThoseWhoWaitForIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10})
		two := Topology{
			Emitters:  map[string][]string{"source": {"pipeline"}},
			Pipelines: map[string][]string{"pipeline": {"sink", "dead"}},
		}
		configure(t, b, two)
		var a acks
		var m memory
		dead := memory{answer: func(context.Context, *event.Batch) error { return errDown }}
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{})
		sink(t, b, "dead", &dead, SinkOptions{})
		worker(t, func(ctx context.Context) error {
			for _, line := range []string{"a", "b", "c", "d"} {
				if err := b.Emitter("source").Emit(ctx, lines(line), a.ack); err != nil {
					return err
				}
			}
			return nil
		})
		synctest.Wait()
		equal(t, "acknowledged while the sink is down", a.String(), "0 good, 0 failed")
		configure(t, b, chain)
		synctest.Wait()
		equal(t, "at the sink", m.got(), "a | b | c | d")
		equal(t, "acknowledged", a.String(), "4 good, 0 failed")
		equal(t, "discarded: one was tried, one waited for room", b.Stats()["dead"].Discarded["removed"], 2)
	})
}

func TestInvalidTopologyChangesNothing(t *testing.T) {
	tests := []struct {
		name     string
		topology Topology
	}{
		{"an emitter feeds what is not a pipeline", Topology{Emitters: map[string][]string{"source": {"sink"}}, Pipelines: chain.Pipelines}},
		{"an emitter feeds a pipeline twice", Topology{Emitters: map[string][]string{"source": {"pipeline", "pipeline"}}, Pipelines: chain.Pipelines}},
		{"a pipeline feeds a pipeline", Topology{Pipelines: map[string][]string{"pipeline": {"sink", "next"}, "next": nil}}},
		{"a pipeline feeds a sink twice", Topology{Pipelines: map[string][]string{"pipeline": {"sink", "sink"}}}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := New(Options{})
				configure(t, b, chain)
				if err := b.Configure(test.topology); err == nil {
					t.Fatal("it was accepted")
				}
				var a acks
				var m memory
				pipeline(t, b, "pipeline")
				sink(t, b, "sink", &m, SinkOptions{})
				emit(t, b, "source", &a, "a")
				synctest.Wait()
				equal(t, "still written", m.got(), "a")
			})
		})
	}
}
