package plugin

import (
	"context"

	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
)

// Collect implements [protocol.ProviderServer]: also of a source of values, of
// which not every one measures anything.
func (s *server) Collect(ctx context.Context, req *protocol.CollectRequest) (*protocol.CollectResponse, error) {
	_, instance, err := opened[Instance](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	var batch event.Batch
	switch one := instance.(type) {
	case Collector:
		err = one.Collect(ctx, event.NewBuilder(&batch))
	case Measurer:
		err = one.Measure(ctx, event.NewBuilder(&batch))
	case Data:
	default:
		_, _, err := opened[Collector](s, req.GetInstance())
		return nil, err
	}
	return &protocol.CollectResponse{Events: batch.AppendBinary(nil), Error: packError(err)}, nil
}

// Process implements [protocol.ProviderServer].
func (s *server) Process(ctx context.Context, req *protocol.ProcessRequest) (*protocol.ProcessResponse, error) {
	one, stage, err := opened[Stage](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	batch, err := one.take(ctx, req.GetEvents(), req.GetColumns())
	if err != nil {
		return nil, err
	}
	defer one.release()
	err = stage.Process(ctx, batch)
	return &protocol.ProcessResponse{Events: batch.AppendBinary(nil), Error: packError(err)}, nil
}

// Write implements [protocol.ProviderServer].
func (s *server) Write(ctx context.Context, req *protocol.WriteRequest) (*protocol.WriteResponse, error) {
	one, sink, err := opened[Sink](s, req.GetInstance())
	if err != nil {
		return nil, err
	}
	batch, err := one.take(ctx, req.GetEvents(), req.GetColumns())
	if err != nil {
		return nil, err
	}
	defer one.release()
	return &protocol.WriteResponse{Error: packError(sink.Write(ctx, batch))}, nil
}

// take reads a batch and what the expressions of the instance come to, once
// the call before has returned: a host that gave up waiting for that one may
// have begun the next.
func (one *served) take(ctx context.Context, events []byte, columns []*protocol.Column) (*event.Batch, error) {
	select {
	case one.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	err := one.columns.set(columns)
	if err == nil {
		err = one.batch.Decode(events)
	}
	if err != nil {
		one.release()
		return nil, badRequest(err)
	}
	return &one.batch, nil
}

func (one *served) release() { <-one.turn }
