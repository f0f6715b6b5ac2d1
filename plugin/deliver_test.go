package plugin_test

import (
	"context"
	"errors"
	"testing"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestDeliverSavesWhatWasAccepted(t *testing.T) {
	refused, full := errors.New("refused"), errors.New("full")
	for _, test := range []struct {
		name  string
		emit  emitter
		saved bool
		want  error
	}{
		{"accepted", func(_ *event.Batch, ack func(error)) error { go ack(nil); return nil }, true, nil},
		{"refused", func(_ *event.Batch, ack func(error)) error { go ack(refused); return nil }, false, refused},
		{"not taken", func(*event.Batch, func(error)) error { return full }, false, full},
	} {
		t.Run(test.name, func(t *testing.T) {
			saved := false
			err := plugin.Deliver(t.Context(), test.emit, lines("x"), func(context.Context) error { saved = true; return nil })
			if saved != test.saved || !errors.Is(err, test.want) {
				t.Errorf("saved %v, %v", saved, err)
			}
		})
	}
}

func TestDeliverSavesWhatIsAcceptedAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	var accept func(error)
	emit := emitter(func(_ *event.Batch, ack func(error)) error {
		accept = ack
		cancel()
		return nil
	})
	saving := errors.New("not saved")
	err := plugin.Deliver(ctx, emit, lines("x"), func(ctx context.Context) error { saving = ctx.Err(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	if accept(nil); saving != nil {
		t.Errorf("the position: %v", saving)
	}
	if plugin.Sleep(ctx, 1<<62) {
		t.Error("it slept though its context had ended")
	}
}
