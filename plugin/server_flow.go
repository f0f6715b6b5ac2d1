package plugin

import (
	"context"

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
