package bus

import (
	"context"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestBatchesAreJoinedUpToTheLimits(t *testing.T) {
	size := lines("aaa").Size()
	tests := []struct {
		name  string
		limit Batch
		want  string
	}{
		{"without limits all that lies there is written at once", Batch{}, "aaa bbb ccc ddd eee"},
		{"up to so many events", Batch{MaxEvents: 2}, "aaa bbb | ccc ddd | eee"},
		{"up to so many bytes", Batch{MaxBytes: 3*size + 1}, "aaa bbb ccc | ddd eee"},
		{"a batch larger than the limit is written alone", Batch{MaxBytes: 1}, "aaa | bbb | ccc | ddd | eee"},
		{"the incomplete rest waits for its age", Batch{MaxEvents: 3, MaxAge: time.Minute}, "aaa bbb ccc"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := New(Options{})
				configure(t, b, chain)
				var a acks
				for _, line := range []string{"aaa", "bbb", "ccc", "ddd", "eee"} {
					emit(t, b, "source", &a, line)
				}
				pipeline(t, b, "pipeline")
				synctest.Wait()
				var m memory
				sink(t, b, "sink", &m, SinkOptions{Batch: test.limit})
				synctest.Wait()
				equal(t, "written", m.got(), test.want)
			})
		})
	}
}

func TestTheOldestEventWaitsForItsAgeAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var m memory
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: 10 * time.Second}})
		for _, line := range []string{"a", "b", "c"} {
			emit(t, b, "source", &a, line)
			time.Sleep(4 * time.Second)
			synctest.Wait()
		}
		equal(t, "written after 12 s", m.got(), "a b c")
		emit(t, b, "source", &a, "d")
		time.Sleep(9 * time.Second)
		synctest.Wait()
		equal(t, "written 9 s later", m.got(), "a b c")
		time.Sleep(time.Second)
		synctest.Wait()
		equal(t, "written 10 s later", m.got(), "a b c | d")
	})
}

func TestBackPressureEndsTheWaitForMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{MaxBytes: 10 * (overhead + lines("0").Size())})
		configure(t, b, chain)
		var m memory
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: time.Hour}})
		began := time.Now()
		for range 100 {
			emit(t, b, "source", &a, "x")
		}
		equal(t, "time for ten times the budget", time.Since(began), 0)
	})
}

func TestFailedWrites(t *testing.T) {
	panics := func() error { panic("nil pointer") }
	down := func() error { return errDown }
	tests := []struct {
		name      string
		answers   []func() error // of the first attempts; the next succeeds
		attempts  int
		delivered string
		retries   uint64
		discarded map[string]uint64
		atLeast   time.Duration
		atMost    time.Duration
	}{
		{name: "a write that succeeds is not repeated", delivered: "a"},
		{name: "pauses grow up to their limit", answers: []func() error{down, down, down, down, down, down}, delivered: "a", retries: 6,
			atMost: (1 + 2 + 4 + 5 + 5 + 5) * time.Second},
		{name: "a panic is an error of that write", answers: []func() error{panics}, delivered: "a", retries: 1, atMost: time.Second},
		{name: "the far end says when to come back", answers: []func() error{func() error { return fmt.Errorf("posting: %w", busy(40*time.Second)) }},
			delivered: "a", retries: 1, atLeast: 40 * time.Second, atMost: 40 * time.Second},
		{name: "the far end can't silence the sink for days", answers: []func() error{func() error { return busy(1000 * time.Hour) }},
			delivered: "a", retries: 1, atLeast: time.Hour, atMost: time.Hour},
		{name: "a permanent error is not repeated", answers: []func() error{func() error { return plugin.Permanent(errDown) }},
			discarded: map[string]uint64{"permanent error": 1}},
		{name: "attempts can be limited", answers: []func() error{down, down, down}, attempts: 3, retries: 2,
			discarded: map[string]uint64{"attempts exhausted": 1}, atMost: 3 * time.Second},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := New(Options{})
				configure(t, b, chain)
				calls := 0
				m := memory{answer: func(context.Context, *event.Batch) error {
					calls++
					if calls <= len(test.answers) {
						return test.answers[calls-1]()
					}
					return nil
				}}
				began := time.Now()
				var took time.Duration
				done := make(chan error, 1)
				pipeline(t, b, "pipeline")
				sink(t, b, "sink", &m, SinkOptions{Retry: Retry{Attempts: test.attempts, Delay: time.Second, MaxDelay: 5 * time.Second}})
				err := b.Emitter("source").Emit(t.Context(), lines("a"), func(err error) {
					took = time.Since(began)
					done <- err
				})
				if err != nil {
					t.Fatal(err)
				}
				equal(t, "acknowledged with", <-done, nil)
				synctest.Wait()
				equal(t, "delivered", m.got(), test.delivered)
				if took < test.atLeast || took > test.atMost {
					t.Errorf("took %v, want between %v and %v", took, test.atLeast, test.atMost)
				}
				stats := b.Stats()["sink"]
				equal(t, "retries", stats.Retries, test.retries)
				if diff := cmp.Diff(test.discarded, stats.Discarded); diff != "" {
					t.Errorf("discarded (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestPauseIsSpreadOverItsWholeRange(t *testing.T) {
	r := Retry{Delay: time.Second, MaxDelay: 8 * time.Second}
	var low, high bool
	for range 1000 {
		p := r.pause(10, errDown)
		if p < 0 || p > 8*time.Second {
			t.Fatalf("a pause of %v is not between 0 and 8 s", p)
		}
		low = low || p < 2*time.Second
		high = high || p > 6*time.Second
	}
	if !low || !high {
		t.Error("a thousand pauses left out the lowest or the highest quarter of their range")
	}
}

func TestWriteIsBoundByItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		calls := 0
		m := memory{answer: func(ctx context.Context, _ *event.Batch) error {
			if calls++; calls > 1 {
				return nil
			}
			<-ctx.Done()
			return ctx.Err()
		}}
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Timeout: 3 * time.Second})
		emit(t, b, "source", &a, "a")
		time.Sleep(3*time.Second + DefaultDelay)
		synctest.Wait()
		equal(t, "written", m.got(), "a")
		equal(t, "retries", b.Stats()["sink"].Retries, 1)
	})
}

func TestStatsOfASink(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := New(Options{})
		configure(t, b, chain)
		var m memory
		var a acks
		pipeline(t, b, "pipeline")
		sink(t, b, "sink", &m, SinkOptions{Batch: Batch{MaxAge: time.Minute}})
		emit(t, b, "source", &a, "a", "b")
		synctest.Wait()
		size := uint64(lines("a", "b").Size())
		if diff := cmp.Diff(map[string]Stats{
			"source":   {Received: 2, Sent: 2, Bytes: size},
			"pipeline": {Received: 2, Sent: 2, Bytes: size},
			"sink":     {Received: 2, MailboxBytes: int(size) + overhead, MailboxEvents: 2},
		}, b.Stats()); diff != "" {
			t.Errorf("before the write (-want +got):\n%s", diff)
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		want := Stats{Received: 2, Sent: 2, Bytes: size, LastSent: time.Now()}
		if diff := cmp.Diff(want, b.Stats()["sink"]); diff != "" {
			t.Errorf("after the write (-want +got):\n%s", diff)
		}
	})
}
