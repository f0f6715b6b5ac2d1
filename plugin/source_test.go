package plugin_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

// acks notes what becomes of batches, in the order in which it is told.
type acks struct {
	mu    sync.Mutex
	order []string
	all   chan struct{} // closed with the last that is expected
	want  int
}

func newAcks(want int) *acks { return &acks{all: make(chan struct{}), want: want} }

func (a *acks) of(name string) func(error) {
	return func(err error) {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.order = append(a.order, fmt.Sprint(name, " ", err))
		if len(a.order) == a.want {
			close(a.all)
		}
	}
}

func (a *acks) told() []string {
	a.mu.Lock()
	defer a.mu.Unlock()
	return slices.Clone(a.order)
}

func wantAcks(t *testing.T, a *acks, want ...string) {
	t.Helper()
	<-a.all
	if got := a.told(); !slices.Equal(got, want) {
		t.Errorf("acknowledged were %q, want %q", got, want)
	}
}

// emitting is a source that emits a batch for each name and ends.
func emitting(a *acks, names ...string) sourceStub {
	return sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		for _, name := range names {
			if err := out.Emit(ctx, lines(name), a.of(name)); err != nil {
				return err
			}
		}
		return nil
	}}
}

func TestAcknowledgementsKeepTheirOrder(t *testing.T) {
	a := newAcks(3)
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), emitting(a, "one", "two", "three"), plugin.Env{})
	var held []func(error)
	err := source.Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		held = append(held, ack)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	held[2](nil)
	held[0](errors.New("no room"))
	held[1](nil)
	wantAcks(t, a, "three <nil>", "one no room", "two <nil>")
}

func TestAnAcknowledgementMayComeBeforeEmitReturns(t *testing.T) {
	a := newAcks(2)
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), emitting(a, "one", "two"), plugin.Env{})
	err := source.Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		ack(nil)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	wantAcks(t, a, "one <nil>", "two <nil>")
}

func TestAnAcknowledgementMayWaitForWhatIsHeldOverAnEmit(t *testing.T) {
	var held sync.Mutex
	acked := make(chan struct{})
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		held.Lock()
		defer held.Unlock()
		first := out.Emit(ctx, lines("one"), func(error) {
			held.Lock()
			defer held.Unlock()
			close(acked)
		})
		return errors.Join(first, out.Emit(ctx, lines("two"), func(error) {}))
	}}, plugin.Env{})
	err := source.Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		ack(nil)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	<-acked
}

func TestABatchThatIsNotTakenIsNotSettled(t *testing.T) {
	a := newAcks(1)
	var refused error
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		refused = out.Emit(ctx, lines("one"), a.of("one"))
		return out.Emit(ctx, lines("two"), a.of("two"))
	}}, plugin.Env{})
	first := true
	err := source.Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		if first {
			first = false
			return plugin.Permanent(errors.New("not this one"))
		}
		ack(nil)
		return nil
	}))
	if err != nil || refused == nil || refused.Error() != "not this one" || !plugin.IsPermanent(refused) {
		t.Errorf("run %v, refused %v", err, refused)
	}
	wantAcks(t, a, "two <nil>")
}

// blocking is an emitter that is busy until its context ends.
type blocking struct{ entered chan struct{} }

func (b blocking) Emit(ctx context.Context, _ *event.Batch, _ func(error)) error {
	close(b.entered)
	<-ctx.Done()
	return ctx.Err()
}

func TestASourceIsStoppedWhileItsHostIsBusy(t *testing.T) {
	a := newAcks(1)
	var emitted error
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		emitted = out.Emit(ctx, lines("one"), a.of("one"))
		return ctx.Err() // which has ended by now
	}}, plugin.Env{})
	ctx, stop := context.WithCancel(t.Context())
	out := blocking{make(chan struct{})}
	go func() {
		<-out.entered
		stop()
	}()
	if err := source.Run(ctx, out); err == nil || err.Error() != context.Canceled.Error() {
		t.Errorf("run: %v", err)
	}
	if !errors.Is(emitted, context.Canceled) || len(a.told()) > 0 {
		t.Errorf("emit: %v; acknowledged %q", emitted, a.told())
	}
}

func TestABatchIsSettledOnceWhenTheHostGoes(t *testing.T) {
	a := newAcks(2)
	waiting := make(chan error, 1)
	source, c := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		err := errors.Join(out.Emit(ctx, lines("one"), a.of("one")), out.Emit(ctx, lines("two"), a.of("two")))
		waiting <- out.Emit(context.WithoutCancel(ctx), lines("three"), a.of("three"))
		return err
	}}, plugin.Env{})
	var third error
	taken := 0
	err := source.Run(t.Context(), emitter(func(*event.Batch, func(error)) error {
		if taken++; taken == 3 {
			_ = c.Close() // the connection ends while this batch is being taken
			third = <-waiting
		}
		return nil
	}))
	if err == nil {
		t.Error("the run ended without an error")
	}
	const gone = "the host was gone before the events were delivered"
	wantAcks(t, a, "one "+gone, "two "+gone)
	if third == nil {
		t.Error("the last batch was taken")
	}
}

func TestAPanicInAnAcknowledgementEndsNothing(t *testing.T) {
	a := newAcks(1)
	source, _ := remote[plugin.Source](t, stubRef(plugin.KindSource), sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
		first := out.Emit(ctx, lines("one"), func(error) { panic("no position") })
		return errors.Join(first, out.Emit(ctx, lines("two"), a.of("two")))
	}}, plugin.Env{})
	err := source.Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		ack(nil)
		return nil
	}))
	if err != nil {
		t.Fatal(err)
	}
	wantAcks(t, a, "two <nil>")
}

func TestAPositionIsSavedAfterTheSourceWasClosed(t *testing.T) {
	m := memory{make(chan string, 1)}
	var checkpoints plugin.Checkpoints
	c := connect(t, stub{open: func(_ context.Context, req plugin.OpenRequest) (plugin.Instance, plugin.Diagnostics) {
		checkpoints = req.Env.Checkpoints
		return sourceStub{run: func(ctx context.Context, out plugin.Emitter) error {
			return out.Emit(ctx, lines("one"), func(error) { _ = checkpoints.Save(context.Background(), "at\xff", []byte("1")) })
		}}, nil
	}})
	opened, diags := c.Open(t.Context(), plugin.OpenRequest{Type: stubRef(plugin.KindSource), Addr: "a", Config: stubConfig(), Env: plugin.Env{Checkpoints: m}})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	var settle func(error)
	err := opened.(plugin.Source).Run(t.Context(), emitter(func(_ *event.Batch, ack func(error)) error {
		settle = ack
		return nil
	}))
	if err := errors.Join(err, opened.Close(t.Context())); err != nil {
		t.Fatal(err)
	}
	settle(nil)
	if got := <-m.saved; got != "at\xff=1" {
		t.Errorf("saved %q", got)
	}
}
