package plugin

import (
	"errors"
	"fmt"
	"sync"

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
		return // the next call fails of the same cause, and says so
	}
	var sending sync.Mutex
	turns := make(chan struct{}, maxQuestions)
	for {
		call, err := stream.Recv()
		if err != nil {
			return
		}
		turns <- struct{}{}
		go func() {
			defer func() { <-turns }()
			reply := c.reply(call)
			reply.Id = call.GetId()
			sending.Lock()
			defer sending.Unlock()
			_ = stream.Send(reply) // when it fails, so does the next Recv
		}()
	}
}

func (c *Client) reply(call *protocol.HostCall) *protocol.HostReply {
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
	}
	return withError(&protocol.HostReply{}, errors.New("the host doesn't know what is asked of it"))
}

// checkpoints returns those of an address that this provider has been given.
func (c *Client) checkpoints(address string) (Checkpoints, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if checkpoints, ok := c.addresses[address]; ok && checkpoints != nil {
		return checkpoints, nil
	}
	return nil, fmt.Errorf("the provider has nothing open at %q", address)
}

func (c *Client) loadCheckpoint(q *protocol.LoadCheckpoint) *protocol.HostReply {
	checkpoints, err := c.checkpoints(q.GetAddress())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	value, err := checkpoints.Load(c.ctx, string(q.GetKey()))
	return withError(&protocol.HostReply{Value: value, Present: value != nil}, err)
}

func (c *Client) saveCheckpoint(q *protocol.SaveCheckpoint) *protocol.HostReply {
	checkpoints, err := c.checkpoints(q.GetAddress())
	if err != nil {
		return withError(&protocol.HostReply{}, err)
	}
	value := present(q.GetValue(), !q.GetRemove())
	return withError(&protocol.HostReply{}, checkpoints.Save(c.ctx, string(q.GetKey()), value))
}

func (c *Client) evaluateSelf(q *protocol.EvaluateSelf) *protocol.HostReply {
	c.mu.Lock()
	r, ok := c.instances[q.GetInstance()]
	c.mu.Unlock()
	if !ok || int(q.GetExpression()) >= len(r.expressions) {
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
