package plugin

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/driftless-hq/driftless/plugin/protocol"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// maxQuestions is how many questions of a provider are answered at once. One
// that asks faster waits.
const maxQuestions = 32

// answerAll answers what the provider asks, until one of the two is gone.
func (c *Client) answerAll() {
	stream, err := c.wire.Attend(c.ctx)
	if err != nil {
		return // the connection is gone, as the next call says
	}
	a := &attendant{stream: stream}
	turns := make(chan struct{}, maxQuestions)
	for {
		call, err := stream.Recv()
		if err != nil {
			return
		}
		turns <- struct{}{}
		go func() {
			defer func() { <-turns }()
			a.send(call.GetId(), c.reply(call))
		}()
	}
}

// attendant is the host's end of the stream of questions.
type attendant struct {
	stream grpc.BidiStreamingClient[protocol.HostReply, protocol.HostCall]
	mu     sync.Mutex // held while something is sent
}

// send sends a reply. One that is too large would end the stream, and with it
// the answers to all that is asked later.
func (a *attendant) send(id uint64, reply *protocol.HostReply) {
	if size := proto.Size(reply); size > maxPayload {
		reply = withError(&protocol.HostReply{}, tooLarge("the answer", size))
	}
	reply.Id = id
	a.mu.Lock()
	defer a.mu.Unlock()
	_ = a.stream.Send(reply) // when it fails, so does the next Recv
}

// reply answers one question. A provider can ask what it wants: a panic over it
// is its answer, and not the end of the host.
func (c *Client) reply(call *protocol.HostCall) (reply *protocol.HostReply) {
	defer func() {
		if p := recover(); p != nil {
			reply = withError(&protocol.HostReply{}, fmt.Errorf("the host panicked: %v", p))
		}
	}()
	switch q := call.GetCall().(type) {
	case *protocol.HostCall_LoadCheckpoint:
		return c.loadCheckpoint(q.LoadCheckpoint)
	case *protocol.HostCall_SaveCheckpoint:
		return c.saveCheckpoint(q.SaveCheckpoint)
	case *protocol.HostCall_EvaluateSelf:
		return c.evaluateSelf(q.EvaluateSelf)
	case *protocol.HostCall_AskHost:
		c.mu.Lock()
		host, ok := c.hosts[q.AskHost.GetHost()]
		c.mu.Unlock()
		if !ok {
			return withError(&protocol.HostReply{}, errors.New("the plan that this host was given to is over"))
		}
		return answer(host, q.AskHost)
	case *protocol.HostCall_ReportFinding:
		return c.reportFinding(q.ReportFinding)
	}
	return withError(&protocol.HostReply{}, errors.New("the host doesn't know what is asked of it"))
}

// instance returns one that is open or being opened.
func (c *Client) instance(id uint64) (*remote, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if r, ok := c.instances[id]; ok {
		return r, nil
	}
	return nil, fmt.Errorf("the provider has no instance %d open", id)
}

// checkpoints returns those that an instance was given.
func (c *Client) checkpoints(id uint64) (Checkpoints, error) {
	r, err := c.instance(id)
	if err == nil && r.checkpoints == nil {
		err = fmt.Errorf("%s was given no checkpoints", r.address)
	}
	if err != nil {
		return nil, err
	}
	return r.checkpoints, nil
}

func (c *Client) loadCheckpoint(q *protocol.LoadCheckpoint) *protocol.HostReply {
	checkpoints, err := c.checkpoints(q.GetInstance())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	value, err := checkpoints.Load(c.ctx, string(q.GetKey()))
	return withError(&protocol.HostReply{Value: value, Present: value != nil}, err)
}

func (c *Client) saveCheckpoint(q *protocol.SaveCheckpoint) *protocol.HostReply {
	checkpoints, err := c.checkpoints(q.GetInstance())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	value := present(q.GetValue(), !q.GetRemove())
	// The position is what has been delivered, whether or not the client is
	// closed meanwhile.
	return withError(&protocol.HostReply{}, checkpoints.Save(context.WithoutCancel(c.ctx), string(q.GetKey()), value))
}

func (c *Client) evaluateSelf(q *protocol.EvaluateSelf) *protocol.HostReply {
	r, err := c.instance(q.GetInstance())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	if int(q.GetExpression()) >= len(r.expressions) {
		return withError(&protocol.HostReply{}, errors.New("there is no such expression"))
	}
	self, isSelf := r.expressions[q.GetExpression()].(schema.Self)
	if !isSelf {
		return withError(&protocol.HostReply{}, errors.New("the expression is not one over self"))
	}
	v, err := protocol.UnpackTyped(q.GetSelf(), q.GetSelfType())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	result, err := self.Eval(v)
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	result, _ = result.UnmarkDeep()
	packed, typ, err := protocol.PackTyped(result)
	return withError(&protocol.HostReply{Value: packed, ValueType: typ}, err)
}

func (c *Client) reportFinding(q *protocol.ReportFinding) *protocol.HostReply {
	r, err := c.instance(q.GetInstance())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	f, err := unpackFinding(q.GetFinding())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	r.report(f, int(q.GetTotal()))
	return &protocol.HostReply{}
}
