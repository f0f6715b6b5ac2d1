package bus

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

func TestCloseAcknowledgesWhatRemainsWithAnError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 2 * (overhead + lines("a").Size())})
		configure(t, b, chain)
		var a acks
		emit(t, b, "source", &a, "a")
		var blocked error
		worker(t, func(ctx context.Context) error {
			blocked = b.Emitter("source").Emit(ctx, lines("b"), a.ack)
			return nil
		})
		synctest.Wait()
		b.Close()
		b.Close()
		synctest.Wait()
		equal(t, "acknowledged", a.String(), "0 good, 1 failed")
		equal(t, "error of the emitter that waited", blocked, ErrClosed)
		equal(t, "error of a later Emit", b.Emitter("source").Emit(t.Context(), lines("c"), a.ack), ErrClosed)
		if err := b.RunSink(t.Context(), "sink", &memory{}, SinkOptions{}); !errors.Is(err, ErrClosed) {
			t.Errorf("RunSink after Close: %v", err)
		}
		if err := b.Configure(chain); !errors.Is(err, ErrClosed) {
			t.Errorf("Configure after Close: %v", err)
		}
	})
}

// An error of Emit says that the batch was not taken: then there must be no
// acknowledgement, though one pipeline has the batch already.
func TestCloseDuringEmitAnswersOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10})
		configure(t, b, Topology{
			Emitters:  map[string][]string{"source": {"free", "full"}, "other": {"full"}},
			Pipelines: map[string][]string{"free": {"sink"}, "full": {"sink"}},
		})
		var a, ignored acks
		emit(t, b, "other", &ignored, "a")
		var err error
		stop := worker(t, func(ctx context.Context) error {
			err = b.Emitter("source").Emit(ctx, lines("b"), a.ack)
			return nil
		})
		synctest.Wait()
		b.Close()
		stop()
		if answers := a.String(); (err == nil) != (answers == "0 good, 1 failed") {
			t.Errorf("Emit returned %v and there were these acknowledgements: %s", err, answers)
		}
	})
}

func TestCloseEndsWorkersThatAreBusy(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		m := memory{answer: func(context.Context, *event.Batch) error { return errDown }}
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{})
		emit(t, b, "source", &a, "a")
		synctest.Wait()
		b.Close() // the cleanup of the workers, and goleak, tell if one stays
		synctest.Wait()
		equal(t, "acknowledged", a.String(), "0 good, 1 failed")
		equal(t, "bytes left", b.used, 0)
	})
}

func TestDrainGivesUpWhenItsTimeIsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		if err := b.Drain(t.Context()); err != nil {
			t.Fatalf("draining an empty bus: %v", err)
		}
		var a acks
		emit(t, b, "source", &a, "a")
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if err := b.Drain(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Fatalf("got %v, want that the deadline was exceeded", err)
		}
		var m memory
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: time.Hour}})
		synctest.Wait()
		equal(t, "delivered once no one drains any more", m.got(), "")
	})
}

func TestHastenEndsTheWaitForMoreForGood(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var a acks
		var m memory
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: time.Hour}})
		emit(t, b, "source", &a, "a")
		synctest.Wait()
		equal(t, "delivered before", m.got(), "")
		b.Hasten()
		synctest.Wait()
		equal(t, "delivered at once", m.got(), "a")
		emit(t, b, "source", &a, "b")
		synctest.Wait()
		equal(t, "acknowledged", a.String(), "2 good, 0 failed")
	})
}
