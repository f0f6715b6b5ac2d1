package plugin

import (
	"context"
	"errors"
	"sync"

	"github.com/zclconf/go-cty/cty"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/driftless-hq/driftless/plugin/event"
	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// errHostGone says that there is nobody left to ask.
var errHostGone = errors.New("the host has closed the connection")

// hostCalls are the calls of the host that wait for their reply.
type hostCalls struct {
	attached chan struct{} // closed as soon as the host attends

	// sending is held while a call is sent, which takes as long as the host is
	// busy. Nothing that takes a reply may wait for that: a host that can't
	// get rid of its replies takes no more calls.
	sending sync.Mutex

	mu      sync.Mutex
	stream  grpc.BidiStreamingServer[protocol.HostReply, protocol.HostCall]
	last    uint64
	waiting map[uint64]chan *protocol.HostReply // closed when the host is gone
}

func newHostCalls() *hostCalls {
	return &hostCalls{attached: make(chan struct{}), waiting: make(map[uint64]chan *protocol.HostReply)}
}

// Attend implements [protocol.ProviderServer].
func (s *server) Attend(stream grpc.BidiStreamingServer[protocol.HostReply, protocol.HostCall]) error {
	h := s.host
	h.mu.Lock()
	if h.stream != nil {
		h.mu.Unlock()
		return errors.New("the host attends already")
	}
	h.stream = stream
	close(h.attached)
	h.mu.Unlock()
	for {
		reply, err := stream.Recv()
		if err != nil {
			h.abandon()
			return nil
		}
		h.deliver(reply)
	}
}

func (h *hostCalls) deliver(reply *protocol.HostReply) {
	h.mu.Lock()
	waiting, ok := h.waiting[reply.GetId()]
	delete(h.waiting, reply.GetId())
	h.mu.Unlock()
	if ok {
		waiting <- reply
	}
}

func (h *hostCalls) abandon() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for id, waiting := range h.waiting {
		delete(h.waiting, id)
		close(waiting)
	}
	h.waiting = nil // no more calls
}

// call asks the host and waits for its reply.
func (h *hostCalls) call(ctx context.Context, c *protocol.HostCall) (*protocol.HostReply, error) {
	select {
	case <-h.attached:
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
	if size := proto.Size(c); size > maxPayload {
		return nil, tooLarge("a question to the host", size) // sent, it would be the last one
	}
	reply, err := h.register(c)
	if err != nil {
		return nil, err
	}
	defer h.forget(c.GetId())
	if err := h.send(c); err != nil {
		return nil, errHostGone
	}
	select {
	case r, ok := <-reply:
		if !ok {
			return nil, errHostGone
		}
		return r, replyError(r)
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// register gives a call its number.
func (h *hostCalls) register(c *protocol.HostCall) (<-chan *protocol.HostReply, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.waiting == nil {
		return nil, errHostGone
	}
	h.last++
	c.Id = h.last
	reply := make(chan *protocol.HostReply, 1)
	h.waiting[c.Id] = reply
	return reply, nil
}

func (h *hostCalls) forget(id uint64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.waiting, id)
}

func (h *hostCalls) send(c *protocol.HostCall) error {
	h.sending.Lock()
	defer h.sending.Unlock()
	return h.stream.Send(c)
}

// remoteCheckpoints are the checkpoints of an instance, which the host keeps.
type remoteCheckpoints struct {
	host     *hostCalls
	instance uint64
}

// Load implements [Checkpoints].
func (c remoteCheckpoints) Load(ctx context.Context, key string) ([]byte, error) {
	r, err := c.host.call(ctx, &protocol.HostCall{Call: &protocol.HostCall_LoadCheckpoint{
		LoadCheckpoint: &protocol.LoadCheckpoint{Instance: c.instance, Key: []byte(key)},
	}})
	if err != nil {
		return nil, err
	}
	return present(r.GetValue(), r.GetPresent()), nil
}

// Save implements [Checkpoints].
func (c remoteCheckpoints) Save(ctx context.Context, key string, value []byte) error {
	_, err := c.host.call(ctx, &protocol.HostCall{Call: &protocol.HostCall_SaveCheckpoint{
		SaveCheckpoint: &protocol.SaveCheckpoint{Instance: c.instance, Key: []byte(key), Value: value, Remove: value == nil},
	}})
	return err
}

// columns are what the expressions of an instance come to over the events of
// the batch that it works on.
type columns struct{ values [][]event.Value }

func (c *columns) set(packed []*protocol.Column) error {
	c.values = c.values[:0]
	for _, p := range packed {
		values, err := event.DecodeValues(p.GetValues())
		if err != nil {
			return err
		}
		c.values = append(c.values, values)
	}
	return nil
}

// expr returns the expression of a column. It is about the events as they came.
func (c *columns) expr(column int, text string) event.Expr {
	return event.Expr{Text: text, Eval: func(_ *event.Batch, i int) event.Value {
		if column >= len(c.values) || i >= len(c.values[column]) {
			return event.Value{}
		}
		return c.values[column][i]
	}}
}

// unpackConfig reads the configuration of an instance and binds its
// expressions to the host.
func (s *server) unpackConfig(one *served, packed *protocol.Config) (cty.Value, error) {
	column := 0
	return protocol.UnpackConfig(one.schema, packed, func(i int, t cty.Type, e *protocol.Expression) cty.Value {
		switch t {
		case schema.EventExpr:
			expr := one.columns.expr(column, e.GetText())
			column++
			return cty.CapsuleVal(t, &expr)
		case schema.EventExprs:
			var members event.ExprMap
			for _, name := range e.GetNames() {
				members = append(members, event.NamedExpr{Name: string(name), Expr: one.columns.expr(column, e.GetText())})
				column++
			}
			return cty.CapsuleVal(t, &members)
		default:
			return cty.CapsuleVal(t, &schema.Self{Text: e.GetText(), Eval: func(self cty.Value) (cty.Value, error) {
				return s.evaluateSelf(one.id, i, self)
			}})
		}
	})
}

func (s *server) evaluateSelf(instance uint64, expression int, self cty.Value) (cty.Value, error) {
	packed, typ, err := protocol.PackTyped(protocol.WithoutExpressions(self))
	if err != nil {
		return cty.DynamicVal, err
	}
	// An expression has no context. This ends at the latest with the host.
	r, err := s.host.call(context.Background(), &protocol.HostCall{Call: &protocol.HostCall_EvaluateSelf{
		EvaluateSelf: &protocol.EvaluateSelf{Instance: instance, Expression: uint32(expression), Self: packed, SelfType: typ},
	}})
	if err != nil {
		return cty.DynamicVal, err
	}
	return protocol.UnpackTyped(r.GetValue(), r.GetValueType())
}

// report hands a finding of an instance to the host. Where that fails, such as
// because the host is older and knows no such call, the finding comes with all
// others when the plan ends.
func (s *server) report(instance uint64, f Finding, total int) {
	packed, err := packFinding(f)
	if err == nil {
		// A report has no context. This ends at the latest with the host.
		_, err = s.host.call(context.Background(), &protocol.HostCall{Call: &protocol.HostCall_ReportFinding{
			ReportFinding: &protocol.ReportFinding{Instance: instance, Finding: packed, Total: int64(total)},
		}})
	}
	if err != nil {
		s.log.Debug("a finding is not told before the plan ends", "finding", f.Name, "error", err)
	}
}
