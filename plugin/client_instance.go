package plugin

import (
	"context"
	"fmt"

	"github.com/zclconf/go-cty/cty"

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
	_ Reporter  = (*remoteReporter)(nil)
	_ Data      = remoteData{}
	_ Measurer  = remoteData{}
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
	id := c.last.Add(1)
	c.mu.Lock()
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
	response, diags := t.apply(ctx, change)
	if response == nil {
		return cty.NilVal, diags
	}
	return t.applied(response)
}

// apply returns no response where the call failed.
func (t remoteTask) apply(ctx context.Context, change Change) (*protocol.ApplyResponse, Diagnostics) {
	doing := t.applying()
	packed, err := packChange(change, t.schema)
	if err != nil {
		return nil, failed(doing, err)
	}
	response, err := t.client.wire.Apply(ctx, &protocol.ApplyRequest{Instance: t.id, Change: packed})
	if err != nil {
		return nil, failed(doing, err)
	}
	return response, nil
}

func (t remoteTask) applied(response *protocol.ApplyResponse) (cty.Value, Diagnostics) {
	return t.value(response.GetValue(), response.GetDiagnostics(), t.applying())
}

func (t remoteTask) applying() string { return "applying " + t.address }

// remoteReporter is a task that says with the outcome of an apply what it has
// found.
type remoteReporter struct {
	remoteTask
	found   []Finding
	changed bool
}

// Apply implements [Task].
func (t *remoteReporter) Apply(ctx context.Context, change Change) (cty.Value, Diagnostics) {
	// Where nothing is heard of an apply, it may have changed anything.
	t.found, t.changed = nil, true
	response, diags := t.apply(ctx, change)
	if response == nil {
		return cty.NilVal, diags
	}
	found, err := unpackFindings(response.GetFindings())
	if err != nil {
		return cty.NilVal, failed(t.applying(), err)
	}
	t.found, t.changed = found, response.GetChanged()
	return t.applied(response)
}

// Findings implements [Reporter].
func (t *remoteReporter) Findings() ([]Finding, bool) { return t.found, t.changed }

// value reads the value that a method returned beside its diagnostics.
func (r *remote) value(packed []byte, packedDiags []*protocol.Diagnostic, doing string) (cty.Value, Diagnostics) {
	diags := unpackDiagnostics(packedDiags)
	if diags.HasErrors() {
		return cty.NilVal, diags
	}
	v, err := protocol.UnpackBlock(r.schema, packed, r.config)
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

// Measure implements [Measurer].
func (d remoteData) Measure(ctx context.Context, out *event.Builder) error {
	return d.collect(ctx, out)
}

// Collect implements [Collector].
func (r remoteCollector) Collect(ctx context.Context, out *event.Builder) error {
	return r.collect(ctx, out)
}

func (r *remote) collect(ctx context.Context, out *event.Builder) error {
	response, err := r.client.wire.Collect(ctx, &protocol.CollectRequest{Instance: r.id})
	if err != nil {
		return callError("collecting "+r.address, err)
	}
	batch, err := event.Decode(response.GetEvents())
	if err != nil {
		return fmt.Errorf("the provider returned no events: %w", err)
	}
	out.Append(batch)
	return unpackError(response.GetError())
}

// maxKept bounds the memory that an instance keeps for its next batch.
const maxKept = 4 << 20

// pack packs a batch to be sent. Nobody else uses the instance meanwhile, and
// gRPC has copied what is sent when the call returns.
func (r *remote) pack(batch *event.Batch) []byte {
	packed := batch.AppendBinary(r.packed[:0])
	if r.packed = packed; cap(packed) > maxKept {
		r.packed = nil
	}
	return packed
}

// Process implements [Stage].
func (r remoteStage) Process(ctx context.Context, batch *event.Batch) error {
	response, err := r.client.wire.Process(ctx, &protocol.ProcessRequest{
		Instance: r.id, Events: r.pack(batch), Columns: r.expressions.Columns(batch),
	})
	if err != nil {
		return callError("working on events in "+r.address, err)
	}
	var processed event.Batch
	if err := processed.Decode(response.GetEvents()); err != nil {
		return fmt.Errorf("the provider returned no events: %w", err)
	}
	*batch = processed
	return unpackError(response.GetError())
}

// Write implements [Sink].
func (r remoteSink) Write(ctx context.Context, batch *event.Batch) error {
	response, err := r.client.wire.Write(ctx, &protocol.WriteRequest{
		Instance: r.id, Events: r.pack(batch), Columns: r.expressions.Columns(batch),
	})
	if err != nil {
		return callError("writing events to "+r.address, err)
	}
	return unpackError(response.GetError())
}
