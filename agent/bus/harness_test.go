package bus

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// at is the time of all events: that of a test doesn't matter.
var at = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

// lines makes a batch of one log event per line.
func lines(all ...string) *event.Batch {
	var b event.Builder
	for _, line := range all {
		b.Log(at, []byte(line))
	}
	return b.Batch()
}

// bodies is the inverse of lines.
func bodies(batch *event.Batch) []string {
	all := make([]string, batch.Len())
	for i := range all {
		body, _ := batch.Body(i)
		all[i] = string(body)
	}
	return all
}

// memory is a sink that keeps what it gets. Its answer, if there is one,
// decides whether it takes a batch.
type memory struct {
	mu     sync.Mutex
	writes [][]string
	answer func(ctx context.Context, batch *event.Batch) error
}

func (*memory) Close(context.Context) error { return nil }

func (m *memory) Write(ctx context.Context, batch *event.Batch) error {
	if m.answer != nil {
		if err := m.answer(ctx, batch); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.writes = append(m.writes, bodies(batch))
	return nil
}

// got returns all that was written, a word per event and a bar between writes.
func (m *memory) got() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	all := make([]string, len(m.writes))
	for i, w := range m.writes {
		all[i] = strings.Join(w, " ")
	}
	return strings.Join(all, " | ")
}

// stageFunc is a stage made of a function.
type stageFunc func(ctx context.Context, batch *event.Batch) error

func (stageFunc) Close(context.Context) error { return nil }

func (f stageFunc) Process(ctx context.Context, batch *event.Batch) error { return f(ctx, batch) }

var (
	_ plugin.Sink  = (*memory)(nil)
	_ plugin.Stage = (stageFunc)(nil)
)

// suffix is a stage that appends to every body.
func suffix(s string) plugin.Stage {
	return stageFunc(func(_ context.Context, batch *event.Batch) error {
		for i := range batch.Len() {
			body, _ := batch.Body(i)
			batch.SetBody(i, []byte(string(body)+s))
		}
		return nil
	})
}

// chain is the topology source → pipeline → sink.
var chain = Topology{
	Emitters:  map[string][]string{"source": {"pipeline"}},
	Pipelines: map[string][]string{"pipeline": {"sink"}},
}

func configure(t testing.TB, b *Bus, topology Topology) {
	t.Helper()
	if err := b.Configure(topology); err != nil {
		t.Fatal(err)
	}
}

// worker starts run and returns a function that ends it and waits.
func worker(t testing.TB, run func(context.Context) error) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	wg.Go(func() {
		if err := run(ctx); err != nil {
			t.Error(err)
		}
	})
	stop = func() { cancel(); wg.Wait() }
	t.Cleanup(stop)
	return stop
}

func pipeline(t testing.TB, b *Bus, addr string, stages ...plugin.Stage) (stop func()) {
	t.Helper()
	return worker(t, func(ctx context.Context) error { return b.RunPipeline(ctx, addr, stages) })
}

func sink(t testing.TB, b *Bus, addr string, s plugin.Sink, o SinkOptions) (stop func()) {
	t.Helper()
	return worker(t, func(ctx context.Context) error { return b.RunSink(ctx, addr, s, o) })
}

// acks counts acknowledgements.
type acks struct {
	mu     sync.Mutex
	good   int
	failed int
}

func (a *acks) ack(err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if err == nil {
		a.good++
	} else {
		a.failed++
	}
}

func (a *acks) String() string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return fmt.Sprintf("%d good, %d failed", a.good, a.failed)
}

// emit emits a batch of lines and counts its acknowledgement.
func emit(t testing.TB, b *Bus, addr string, a *acks, all ...string) {
	t.Helper()
	if err := b.Emitter(addr).Emit(t.Context(), lines(all...), a.ack); err != nil {
		t.Fatal(err)
	}
}

func equal[T comparable](t testing.TB, what string, got, want T) {
	t.Helper()
	if got != want {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// busy is an error that asks for a pause.
type busy time.Duration

func (busy) Error() string               { return "too many requests" }
func (e busy) RetryAfter() time.Duration { return time.Duration(e) }

var errDown = errors.New("connection refused")
