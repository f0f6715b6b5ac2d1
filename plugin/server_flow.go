package plugin

import (
	"context"
	"errors"
	"sync"

	"google.golang.org/grpc"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
)

// Collect implements [protocol.ProviderServer].
func (s *server) Collect(ctx context.Context, req *protocol.CollectRequest) (*protocol.CollectResponse, error) {
	_, collector, err := opened[Collector](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	var batch event.Batch
	err = collector.Collect(ctx, event.NewBuilder(&batch))
	return &protocol.CollectResponse{Events: batch.AppendBinary(nil), Error: packError(err)}, nil
}

// Process implements [protocol.ProviderServer].
func (s *server) Process(ctx context.Context, req *protocol.ProcessRequest) (*protocol.ProcessResponse, error) {
	one, stage, err := opened[Stage](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	batch, err := one.receive(req.GetEvents(), req.GetColumns())
	if err != nil {
		return nil, badRequest(err)
	}
	err = stage.Process(ctx, batch)
	return &protocol.ProcessResponse{Events: batch.AppendBinary(nil), Error: packError(err)}, nil
}

// Write implements [protocol.ProviderServer].
func (s *server) Write(ctx context.Context, req *protocol.WriteRequest) (*protocol.WriteResponse, error) {
	one, sink, err := opened[Sink](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	batch, err := one.receive(req.GetEvents(), req.GetColumns())
	if err != nil {
		return nil, badRequest(err)
	}
	return &protocol.WriteResponse{Error: packError(sink.Write(ctx, batch))}, nil
}

// receive reads a batch and what the expressions of the instance come to.
func (one *served) receive(events []byte, columns []*protocol.Column) (*event.Batch, error) {
	if err := one.columns.set(columns); err != nil {
		return nil, err
	}
	return event.Decode(events)
}

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
	out := &remoteEmitter{stream: stream, open: make(map[uint64]*emitted)}
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
	return nil
}

// remoteEmitter hands batches over to the host.
type remoteEmitter struct {
	stream grpc.BidiStreamingServer[protocol.RunRequest, protocol.RunResponse]
	sendMu sync.Mutex

	mu   sync.Mutex
	last uint64
	open map[uint64]*emitted // nil once the host is gone
}

// emitted is a batch that is not settled.
type emitted struct {
	taken chan error
	ack   func(error)
}

var _ Emitter = (*remoteEmitter)(nil)

// Emit implements [Emitter].
func (e *remoteEmitter) Emit(ctx context.Context, batch *event.Batch, ack func(error)) error {
	one := &emitted{taken: make(chan error, 1), ack: ack}
	e.mu.Lock()
	if e.open == nil {
		e.mu.Unlock()
		return errHostGone
	}
	e.last++
	id := e.last
	e.open[id] = one
	e.mu.Unlock()
	if err := e.send(&protocol.RunResponse{Batch: id, Events: batch.AppendBinary(nil)}); err != nil {
		e.forget(id)
		return err
	}
	// The host has the batch now, or is about to: only it can tell. It gives
	// the batch back when ctx, which ends with the stop of the host, ends.
	return <-one.taken
}

func (e *remoteEmitter) send(r *protocol.RunResponse) error {
	e.sendMu.Lock()
	defer e.sendMu.Unlock()
	return e.stream.Send(r)
}

func (e *remoteEmitter) forget(id uint64) (*emitted, bool) {
	e.mu.Lock()
	defer e.mu.Unlock()
	one, ok := e.open[id]
	delete(e.open, id)
	return one, ok
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
		switch taken, settled := req.GetTaken(), req.GetSettled(); {
		case req.GetStop():
			stop()
		case taken != nil:
			e.taken(taken)
		case settled != nil:
			if one, ok := e.forget(settled.GetBatch()); ok {
				one.ack(unpackError(settled.GetError()))
			}
		}
	}
}

func (e *remoteEmitter) taken(t *protocol.Taken) {
	err := unpackError(t.GetError())
	e.mu.Lock()
	one, ok := e.open[t.GetBatch()]
	if err != nil {
		delete(e.open, t.GetBatch())
	}
	e.mu.Unlock()
	if ok {
		one.taken <- err
	}
}

// errUnsettled is what became of a batch that the host had taken when it went.
var errUnsettled = errors.New("the host was gone before the events were delivered")

// abandon settles all that nobody will settle any more.
func (e *remoteEmitter) abandon() {
	e.mu.Lock()
	open := e.open
	e.open = nil
	e.mu.Unlock()
	for _, one := range open {
		select {
		case one.taken <- errHostGone: // Emit still waits: the batch was not taken
		default:
			one.ack(errUnsettled)
		}
	}
}
