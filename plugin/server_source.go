package plugin

import (
	"context"
	"errors"
	"maps"
	"slices"
	"sync"

	"google.golang.org/grpc"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
)

// Run implements [protocol.ProviderServer].
func (s *server) Run(stream grpc.BidiStreamingServer[protocol.RunRequest, protocol.RunResponse]) error {
	first, err := stream.Recv()
	if err != nil {
		return err
	}
	_, source, err := opened[Source](s, first.GetInstance())
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(stream.Context())
	defer stop()
	out := newRemoteEmitter(stream, guard{s.log})
	received := make(chan struct{})
	go func() {
		defer close(received)
		out.receive(stop)
	}()
	err = source.Run(ctx, out)
	if err := out.send(&protocol.RunResponse{Ended: true, Error: packError(err)}); err != nil {
		return err
	}
	<-received // until the host, which has all batches settled, closes the stream
	<-out.settled
	return nil
}

// remoteEmitter hands batches over to the host.
type remoteEmitter struct {
	stream  grpc.BidiStreamingServer[protocol.RunRequest, protocol.RunResponse]
	guard   guard
	sending sync.Mutex
	settled chan struct{} // closed when the acks so far have returned; of [remoteEmitter.receive]

	mu   sync.Mutex
	last uint64
	open map[uint64]*emitted // nil once the host is gone
}

// emitted is a batch that is not settled.
type emitted struct {
	answer chan error // what Emit returns; it has room for the one answer there is
	taken  bool       // Emit has its answer, and ack is still to be called
	ack    func(error)
}

var _ Emitter = (*remoteEmitter)(nil)

func newRemoteEmitter(stream grpc.BidiStreamingServer[protocol.RunRequest, protocol.RunResponse], g guard) *remoteEmitter {
	e := &remoteEmitter{stream: stream, guard: g, settled: make(chan struct{}), open: make(map[uint64]*emitted)}
	close(e.settled)
	return e
}

// Emit implements [Emitter].
func (e *remoteEmitter) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	events := batch.AppendBinary(nil)
	if len(events) > maxPayload {
		return tooLarge("the batch of events", len(events)) // sent, it would be the last one
	}
	one := &emitted{answer: make(chan error, 1), ack: ack}
	id, err := e.register(one)
	if err != nil {
		return err
	}
	if err := e.send(&protocol.RunResponse{Batch: id, Events: events}); err != nil {
		e.forget(id)
		return errHostGone
	}
	// The host has the batch now, or is about to: only it can tell. It gives
	// the batch back when ctx, which ends with the stop of the host, ends.
	err = <-one.answer
	if err != nil && ctx.Err() != nil {
		return ctx.Err()
	}
	return err
}

func (e *remoteEmitter) register(one *emitted) (uint64, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.open == nil {
		return 0, errHostGone
	}
	e.last++
	e.open[e.last] = one
	return e.last, nil
}

func (e *remoteEmitter) forget(id uint64) {
	e.mu.Lock()
	defer e.mu.Unlock()
	delete(e.open, id)
}

func (e *remoteEmitter) send(r *protocol.RunResponse) error {
	e.sending.Lock()
	defer e.sending.Unlock()
	return e.stream.Send(r)
}

// receive takes the answers of the host until it closes the stream.
func (e *remoteEmitter) receive(stop func()) {
	defer e.abandon()
	defer stop()
	for {
		req, err := e.stream.Recv()
		if err != nil {
			return
		}
		switch {
		case req.GetStop():
			stop()
		case req.GetTaken() != nil:
			e.taken(req.GetTaken())
		case req.GetSettled() != nil:
			e.settle(req.GetSettled())
		}
	}
}

// taken answers the Emit of a batch.
func (e *remoteEmitter) taken(t *protocol.Taken) {
	err := unpackError(t.GetError())
	e.mu.Lock()
	defer e.mu.Unlock()
	one, ok := e.open[t.GetBatch()]
	if !ok || one.taken {
		return
	}
	one.taken = true
	if err != nil {
		delete(e.open, t.GetBatch())
	}
	one.answer <- err
}

// settle acknowledges a batch. One that was not taken can't be settled.
func (e *remoteEmitter) settle(s *protocol.Settled) {
	e.mu.Lock()
	one, ok := e.open[s.GetBatch()]
	if ok = ok && one.taken; ok {
		delete(e.open, s.GetBatch())
	}
	e.mu.Unlock()
	if ok {
		e.ack(one, unpackError(s.GetError()))
	}
}

// ack calls an ack after those before it. What it waits for, such as a lock
// that is held over an Emit, holds up no answer of the host.
func (e *remoteEmitter) ack(one *emitted, err error) {
	before, after := e.settled, make(chan struct{})
	e.settled = after
	go func() {
		defer close(after)
		<-before
		var panicked error // which the guard logs; nobody else waits for it
		defer e.guard.recover("ack", &panicked)
		one.ack(err)
	}()
}

// errUnsettled is what became of a batch that the host had taken when it went.
var errUnsettled = errors.New("the host was gone before the events were delivered")

// abandon settles all that nobody will settle any more.
func (e *remoteEmitter) abandon() {
	e.mu.Lock()
	open := e.open
	e.open = nil
	e.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(open)) {
		if one := open[id]; one.taken {
			e.ack(one, errUnsettled)
		} else {
			one.answer <- errHostGone // Emit still waits: the batch was not taken
		}
	}
}
