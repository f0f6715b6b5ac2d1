package pluginhost

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin/protocol"
)

// service is what the methods of the protocol begin with. What go-plugin calls
// beside them is its own affair.
var service = "/" + protocol.Provider_ServiceDesc.ServiceName + "/"

// dialOptions has every call of the protocol go through the generation.
func (g *generation) dialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithChainUnaryInterceptor(g.unary), grpc.WithChainStreamInterceptor(g.stream)}
}

// unary bounds a call, and says what is the matter when it fails.
func (g *generation) unary(ctx context.Context, method string, req, reply any, conn *grpc.ClientConn, invoke grpc.UnaryInvoker, options ...grpc.CallOption) error {
	name, ours := strings.CutPrefix(method, service)
	if !ours {
		return invoke(ctx, method, req, reply, conn, options...)
	}
	if err := g.lost(); err != nil {
		return err
	}
	bounded, limit, cancel := g.bound(ctx, name)
	defer cancel()
	err := invoke(bounded, method, req, reply, conn, options...)
	if err == nil {
		return nil
	}
	if status.Code(err) == codes.DeadlineExceeded && ctx.Err() == nil {
		err = g.late(name, limit)
	}
	return g.explain(name, err)
}

// bound gives a call that does nothing outside the process a limit of its own.
// What a task, a sink, a collector or a source does takes as long as the
// configuration lets it.
func (g *generation) bound(ctx context.Context, name string) (context.Context, time.Duration, context.CancelFunc) {
	limit := g.limits.answer
	switch name {
	case "Plan", "Apply", "Read", "Collect", "Write":
		return ctx, 0, func() {}
	case "Process":
		limit = g.limits.process
	}
	ctx, cancel := context.WithTimeout(ctx, limit)
	return ctx, limit, cancel
}

// late is the error of a call that was not answered in time. A stage that
// hangs holds up a pipeline that nothing else can free, so its process ends.
func (g *generation) late(name string, limit time.Duration) error {
	err := fmt.Errorf("it did not answer within %s", limit)
	if name == "Process" {
		g.end(fmt.Errorf("it hangs: a stage did not answer within %s", limit))
		return status.Error(codes.Unavailable, err.Error())
	}
	return status.Error(codes.DeadlineExceeded, err.Error())
}

// lost returns the error of all calls once the process is gone.
func (g *generation) lost() error {
	select {
	case <-g.gone:
		return &lostError{g.reason().Error()}
	default:
		return nil
	}
}

// goneTime is how long a process whose connection has broken may take to end.
const goneTime = 2 * time.Second

// explain counts an error of a call, and tells those that are due to the end of
// the process from the others.
func (g *generation) explain(name string, err error) error {
	g.failed(name)
	if lost := g.lost(); lost != nil {
		return lost
	}
	switch status.Code(err) {
	case codes.ResourceExhausted:
		return status.Errorf(codes.ResourceExhausted, "what was to be sent, or the answer, is too large: %s", status.Convert(err).Message())
	case codes.Unavailable:
		return g.awaitEnd(err)
	}
	return err
}

// awaitEnd returns why the process has ended, and ends it where only its
// connection has.
func (g *generation) awaitEnd(err error) error {
	wait := time.NewTimer(goneTime)
	defer wait.Stop()
	select {
	case <-g.gone:
	case <-wait.C:
		g.end(fmt.Errorf("its connection broke: %s", status.Convert(err).Message()))
		<-g.gone
	}
	return g.lost()
}

func (g *generation) stream(ctx context.Context, desc *grpc.StreamDesc, conn *grpc.ClientConn, method string, open grpc.Streamer, options ...grpc.CallOption) (grpc.ClientStream, error) {
	s, err := open(ctx, desc, conn, method, options...)
	if !strings.HasPrefix(method, service) {
		return s, err
	}
	if err != nil {
		return nil, g.explain(path.Base(method), err)
	}
	return &watched{s, g, path.Base(method)}, nil
}

// watched is a stream whose errors say what is the matter.
type watched struct {
	grpc.ClientStream
	generation *generation
	name       string
}

// RecvMsg implements [grpc.ClientStream].
func (w *watched) RecvMsg(m any) error {
	err := w.ClientStream.RecvMsg(m)
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return w.generation.explain(w.name, err)
}
