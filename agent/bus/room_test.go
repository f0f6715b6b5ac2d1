package bus

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/driftless-hq/driftless/plugin/event"
)

func TestEmitBlocksUntilThereIsRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 8 * (overhead + lines("0000").Size())})
		configure(t, b, chain)
		emitted := 0
		var a acks
		stop := worker(t, func(ctx context.Context) error {
			out := b.Emitter("source")
			for out.Emit(ctx, lines(fmt.Sprintf("%04d", emitted)), a.ack) == nil {
				emitted++
			}
			return nil
		})
		synctest.Wait()
		equal(t, "emitted into one mailbox, which gets half of the budget", emitted, 4)

		pipeline(t, b, "pipeline")
		synctest.Wait()
		if used := b.Stats()["sink"].MailboxEvents + b.Stats()["pipeline"].MailboxEvents; used > 8 {
			t.Errorf("the mailboxes hold %d events, the budget is for 8", used)
		}
		stop()
		took := emitted
		var m memory
		sink(t, b, "sink", &m, SinkOptions{})
		synctest.Wait()
		equal(t, "acknowledged", a.String(), fmt.Sprintf("%d good, 0 failed", took))
	})
}

func TestBatchLargerThanTheBudgetPassesAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10})
		configure(t, b, chain)
		var m memory
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{})
		for _, line := range []string{"a", "b", "c"} {
			emit(t, b, "source", &a, line)
		}
		synctest.Wait()
		equal(t, "delivered", m.got(), "a | b | c")
		equal(t, "acknowledged", a.String(), "3 good, 0 failed")
	})
}

func TestThoseWhoWaitForRoomKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := strings.Repeat("x", 4000)
		b := New(Options{MaxBytes: 4000})
		configure(t, b, chain)
		var a acks
		emit(t, b, "source", &a, "first")
		waiting := func(line string, patience time.Duration) {
			worker(t, func(ctx context.Context) error {
				ctx, cancel := context.WithTimeout(ctx, patience)
				defer cancel()
				_ = b.Emitter("source").Emit(ctx, lines(line), a.ack)
				return nil
			})
			synctest.Wait()
		}
		waiting(large, time.Second)
		waiting("small", time.Hour)
		equal(t, "a small batch doesn't overtake a large one", b.Stats()["pipeline"].MailboxEvents, 1)
		time.Sleep(time.Second)
		synctest.Wait()
		equal(t, "it moves up when the large one is withdrawn", b.Stats()["pipeline"].MailboxEvents, 2)
	})
}

func TestSinkThatIsDownLeavesRoomForTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 20 * (overhead + lines("0").Size())})
		configure(t, b, Topology{
			Emitters:  map[string][]string{"one": {"p1"}, "two": {"p2"}},
			Pipelines: map[string][]string{"p1": {"down"}, "p2": {"up"}},
		})
		down := memory{answer: func(context.Context, *event.Batch) error { return errDown }}
		var up memory
		pipeline(t, b, "p1")
		pipeline(t, b, "p2")
		sink(t, b, "down", &down, SinkOptions{})
		sink(t, b, "up", &up, SinkOptions{})
		var a1, a2 acks
		worker(t, func(ctx context.Context) error {
			for b.Emitter("one").Emit(ctx, lines("x"), a1.ack) == nil {
			}
			return nil
		})
		synctest.Wait()
		for range 100 {
			emit(t, b, "two", &a2, "y")
		}
		synctest.Wait()
		equal(t, "acknowledged beside the sink that is down", a2.String(), "100 good, 0 failed")
		equal(t, "acknowledged by the sink that is down", a1.String(), "0 good, 0 failed")
	})
}

func TestSlowAndFastSinkOnADiamond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 6 * (overhead + lines("000").Size())})
		configure(t, b, Topology{
			Emitters:  map[string][]string{"source": {"p1", "p2"}},
			Pipelines: map[string][]string{"p1": {"slow", "fast"}, "p2": {"fast", "slow"}},
		})
		slow := memory{answer: func(ctx context.Context, _ *event.Batch) error {
			sleep(ctx, time.Second)
			return nil
		}}
		var fast memory
		pipeline(t, b, "p1")
		pipeline(t, b, "p2")
		sink(t, b, "slow", &slow, SinkOptions{Batch: Batch{MaxEvents: 1}})
		sink(t, b, "fast", &fast, SinkOptions{Batch: Batch{MaxAge: time.Hour}})
		var a acks
		began := time.Now()
		for i := range 100 {
			emit(t, b, "source", &a, fmt.Sprintf("%03d", i))
		}
		// The last events lie at the fast sink, which waits for more of them.
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
		defer cancel()
		if err := b.Drain(ctx); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		equal(t, "acknowledged", a.String(), "100 good, 0 failed")
		equal(t, "time taken, a second for each event on each way", time.Since(began), 200*time.Second)
	})
}
