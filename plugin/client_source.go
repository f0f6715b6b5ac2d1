package plugin

import (
	"context"
	"fmt"
	"sync"

	"google.golang.org/grpc"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
)

// Run implements [Source]. Batches that were taken are settled after it has
// returned, too.
func (r remoteSource) Run(ctx context.Context, out Emitter) error {
	streamCtx, cancel := context.WithCancel(r.client.ctx)
	running := newRunning(r.address, cancel)
	var err error
	if running.stream, err = r.client.wire.Run(streamCtx); err != nil {
		cancel()
		return callError("running "+r.address, err)
	}
	if err := running.send(&protocol.RunRequest{Instance: r.id}); err != nil {
		cancel()
		return callError("running "+r.address, err)
	}
	stopped := context.AfterFunc(ctx, func() {
		_ = running.send(&protocol.RunRequest{Stop: true}) // when it fails, so does the next Recv
	})
	defer stopped()
	ended, err := running.receive(ctx, out)
	if !ended {
		cancel()
		return err
	}
	r.settling.Go(running.finish)
	return err
}

// running is a source that runs in another process.
type running struct {
	address string
	stream  grpc.BidiStreamingClient[protocol.RunRequest, protocol.RunResponse]
	cancel  context.CancelFunc
	sending sync.Mutex
	open    sync.WaitGroup // batches to be settled

	mu      sync.Mutex
	settled chan struct{} // closed when what is settled so far is told
}

func newRunning(address string, cancel context.CancelFunc) *running {
	r := &running{address: address, cancel: cancel, settled: make(chan struct{})}
	close(r.settled)
	return r
}

func (r *running) send(req *protocol.RunRequest) error {
	r.sending.Lock()
	defer r.sending.Unlock()
	return r.stream.Send(req)
}

// receive hands batches on until the source has ended. It reports false where
// the source is gone without having said how it ended.
func (r *running) receive(ctx context.Context, out Emitter) (ended bool, err error) {
	for {
		response, err := r.stream.Recv()
		if err != nil {
			return false, callError("running "+r.address, err)
		}
		if response.GetEnded() {
			return true, unpackError(response.GetError())
		}
		batch, err := event.Decode(response.GetEvents())
		if err != nil {
			return false, fmt.Errorf("the provider emitted what are no events: %w", err)
		}
		if err := r.take(ctx, out, response.GetBatch(), batch); err != nil {
			return false, callError("running "+r.address, err)
		}
	}
}

// take hands one batch on, and tells the source so.
func (r *running) take(ctx context.Context, out Emitter, id uint64, batch *event.Batch) error {
	r.open.Add(1)
	said := make(chan struct{}) // that the batch is taken, which comes before that it is settled
	defer close(said)
	err := out.Emit(ctx, batch, func(err error) { r.settle(id, said, err) })
	if err != nil {
		r.open.Done()
		if ctx.Err() != nil { // so that the source knows why when it learns of the error
			_ = r.send(&protocol.RunRequest{Stop: true}) // when it fails, so does what is sent next
		}
	}
	return r.send(&protocol.RunRequest{Taken: &protocol.Taken{Batch: id, Error: packError(err)}})
}

// settle tells the source what became of a batch, after those that were settled
// before. It may be called before Emit returns, and doesn't wait.
func (r *running) settle(id uint64, said <-chan struct{}, err error) {
	r.mu.Lock()
	before, after := r.settled, make(chan struct{})
	r.settled = after
	r.mu.Unlock()
	go func() {
		defer r.open.Done()
		defer close(after)
		<-before
		<-said
		_ = r.send(&protocol.RunRequest{Settled: &protocol.Settled{Batch: id, Error: packError(err)}}) // the source is gone otherwise
	}()
}

// finish closes the stream when all batches are settled.
func (r *running) finish() {
	defer r.cancel()
	r.open.Wait()
	r.sending.Lock()
	err := r.stream.CloseSend()
	r.sending.Unlock()
	for err == nil {
		_, err = r.stream.Recv() // until the other side has closed it too
	}
}
