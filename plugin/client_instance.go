package plugin

import (
	"context"
	"fmt"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
)

type remoteTask struct{ *remote }

type remoteData struct{ *remote }

type remoteCollector struct{ *remote }

type remoteStage struct{ *remote }

type remoteSink struct{ *remote }

type remoteSource struct{ *remote }

var (
	_ Task      = remoteTask{}
	_ Data      = remoteData{}
	_ Collector = remoteCollector{}
	_ Stage     = remoteStage{}
	_ Sink      = remoteSink{}
	_ Source    = remoteSource{}
	_ Counted   = remoteStage{}
)

// Plan implements [Task].
func (t remoteTask) Plan(ctx context.Context, host Host) (Change, Diagnostics) {
	doing := "planning " + t.address
	c := t.client
	c.mu.Lock()
	c.last++
	id := c.last
	c.hosts[id] = host
	c.mu.Unlock()
	defer func() {
		c.mu.Lock()
		delete(c.hosts, id)
		c.mu.Unlock()
	}()
	response, err := c.wire.Plan(ctx, &protocol.PlanRequest{Instance: t.id, Host: id})
	if err != nil {
		return Change{}, failed(doing, err)
	}
	diags := unpackDiagnostics(response.GetDiagnostics())
	if diags.HasErrors() {
		return Change{}, diags
	}
	change, err := unpackChange(response.GetChange(), t.schema, t.config)
	if err != nil {
		return Change{}, append(diags, failed(doing, err)...)
	}
	return change, diags
}

// Apply implements [Task].
func (t remoteTask) Apply(ctx context.Context, change Change) (cty.Value, Diagnostics) {
	doing := "applying " + t.address
	packed, err := packChange(change, t.schema)
	if err != nil {
		return cty.NilVal, failed(doing, err)
	}
	response, err := t.client.wire.Apply(ctx, &protocol.ApplyRequest{Instance: t.id, Change: packed})
	if err != nil {
		return cty.NilVal, failed(doing, err)
	}
	return t.value(response.GetValue(), response.GetDiagnostics(), doing)
}

// value reads the value that a method returned beside its diagnostics.
func (r *remote) value(packed []byte, packedDiags []*protocol.Diagnostic, doing string) (cty.Value, Diagnostics) {
	diags := unpackDiagnostics(packedDiags)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	v, err := unpackOptional(packed, r.schema, r.config)
	if err != nil {
		return cty.NilVal, append(diags, failed(doing, err)...)
	}
	return v, diags
}

// Read implements [Data].
func (d remoteData) Read(ctx context.Context) (cty.Value, Diagnostics) {
	doing := "reading " + d.address
	response, err := d.client.wire.Read(ctx, &protocol.ReadRequest{Instance: d.id})
	if err != nil {
		return cty.NilVal, failed(doing, err)
	}
	return d.value(response.GetValue(), response.GetDiagnostics(), doing)
}

// Collect implements [Collector].
func (r remoteCollector) Collect(ctx context.Context, out *event.Builder) error {
	response, err := r.client.wire.Collect(ctx, &protocol.CollectRequest{Instance: r.id})
	if err != nil {
		return callError("collecting "+r.address, err)
	}
	batch, err := event.Decode(response.GetEvents())
	if err != nil {
		return fmt.Errorf("the provider returned no events: %w", err)
	}
	out.Batch().Append(batch)
	return unpackError(response.GetError())
}

// Process implements [Stage].
func (r remoteStage) Process(ctx context.Context, batch *event.Batch) error {
	response, err := r.client.wire.Process(ctx, &protocol.ProcessRequest{
		Instance: r.id, Events: batch.AppendBinary(nil), Columns: r.expressions.Columns(batch),
	})
	if err != nil {
		return callError("working on events in "+r.address, err)
	}
	processed, err := event.Decode(response.GetEvents())
	if err != nil {
		return fmt.Errorf("the provider returned no events: %w", err)
	}
	*batch = *processed
	return unpackError(response.GetError())
}

// Write implements [Sink].
func (r remoteSink) Write(ctx context.Context, batch *event.Batch) error {
	response, err := r.client.wire.Write(ctx, &protocol.WriteRequest{
		Instance: r.id, Events: batch.AppendBinary(nil), Columns: r.expressions.Columns(batch),
	})
	if err != nil {
		return callError("writing events to "+r.address, err)
	}
	return unpackError(response.GetError())
}

// Run implements [Source]. Batches that were taken are settled after it has
// returned, too.
func (r remoteSource) Run(ctx context.Context, out Emitter) error {
	streamCtx, cancel := context.WithCancel(r.client.ctx)
	running := &running{address: r.address, cancel: cancel}
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
	if ended {
		go running.finish()
	} else {
		cancel()
	}
	return err
}

// running is a source that runs in another process.
type running struct {
	address string
	stream  grpc.BidiStreamingClient[protocol.RunRequest, protocol.RunResponse]
	cancel  context.CancelFunc
	sending sync.Mutex
	open    sync.WaitGroup // batches to be settled
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
	err := out.Emit(ctx, batch, func(err error) {
		go func() { // it may be called before Emit returns
			defer r.open.Done()
			<-said
			_ = r.send(&protocol.RunRequest{Settled: &protocol.Settled{Batch: id, Error: packError(err)}}) // the source is gone otherwise
		}()
	})
	if err != nil {
		r.open.Done()
	}
	return r.send(&protocol.RunRequest{Taken: &protocol.Taken{Batch: id, Error: packError(err)}})
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
