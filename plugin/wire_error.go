package plugin

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/driftless-hq/driftless/plugin/protocol"
)

// maxMessage bounds one message of the protocol, in bytes. The largest holds a
// file before and after a change.
const maxMessage = 64 << 20

// maxPayload is what a message may hold beside the few bytes around it.
const maxPayload = maxMessage - 1<<10

func tooLarge(what string, size int) error {
	return fmt.Errorf("%s is too large for the protocol between the host and a provider: it takes %d bytes, and %d are allowed", what, size, maxPayload)
}

// callError says what a provider was doing when a call of it failed.
func callError(doing string, err error) error {
	return fmt.Errorf("the provider failed while it was %s: %w", doing, plainError{err})
}

// failed is [callError] as diagnostics.
func failed(doing string, err error) Diagnostics {
	return Error(nil, "Provider failed", "%s.", callError(doing, err))
}

// plainError shows an error of gRPC without the words of gRPC. It is what the
// same call of a provider within the process would fail with where its context
// has ended.
type plainError struct{ error }

func (e plainError) Error() string {
	s := status.Convert(e.error)
	if s.Code() == codes.ResourceExhausted {
		return fmt.Sprintf("a message is too large for the protocol between the host and a provider, which allows %d bytes: %s", maxMessage, s.Message())
	}
	return s.Message()
}

func (e plainError) Unwrap() error { return e.error }

// Is implements the interface of [errors.Is].
func (e plainError) Is(target error) bool {
	switch status.Code(e.error) {
	case codes.Canceled:
		return target == context.Canceled
	case codes.DeadlineExceeded:
		return target == context.DeadlineExceeded
	}
	return false
}

// waiting is an error that says how long to wait before another attempt.
type waiting interface{ RetryAfter() time.Duration }

// contextKinds are the ends of a context, by their names on the wire.
func contextKinds() map[string]error {
	return map[string]error{"canceled": context.Canceled, "deadline": context.DeadlineExceeded}
}

// packError packs an error. Nil stays nil.
func packError(err error) *protocol.Error {
	if err == nil {
		return nil
	}
	out := &protocol.Error{Text: protocol.ValidText(err.Error()), Permanent: IsPermanent(err)}
	for name, kind := range contextKinds() {
		if errors.Is(err, kind) {
			out.Kind = name
		}
	}
	var w waiting
	if errors.As(err, &w) {
		out.RetryAfter = int64(w.RetryAfter())
	}
	return out
}

// remoteError is an error of the other side.
type remoteError struct {
	text  string
	after time.Duration
	kind  error // nil for none
}

func (e remoteError) Error() string { return e.text }

func (e remoteError) Unwrap() error { return e.kind }

// RetryAfter says how long to wait at least before another attempt.
func (e remoteError) RetryAfter() time.Duration { return e.after }

func unpackError(packed *protocol.Error) error {
	if packed == nil {
		return nil
	}
	err := error(remoteError{
		text: packed.GetText(), after: time.Duration(max(packed.GetRetryAfter(), 0)), kind: contextKinds()[packed.GetKind()],
	})
	if packed.GetPermanent() {
		return Permanent(err)
	}
	return err
}

// errorKinds are the errors of a host that providers tell apart, by their names
// on the wire.
func errorKinds() map[string]error {
	return map[string]error{"not exist": fs.ErrNotExist, "permission": fs.ErrPermission, "unknown": ErrUnknown}
}

// withError adds an error to a reply, nil for none.
func withError(r *protocol.HostReply, err error) *protocol.HostReply {
	if err == nil {
		return r
	}
	r.Error = protocol.ValidText(err.Error())
	if r.Error == "" {
		r.Error = "it doesn't say why"
	}
	for name, kind := range errorKinds() {
		if errors.Is(err, kind) {
			r.ErrorKind = name
		}
	}
	return r
}

// replyError returns the error of a reply, nil for none.
func replyError(r *protocol.HostReply) error {
	if kind, ok := errorKinds()[r.GetErrorKind()]; ok {
		return hostError{r.GetError(), kind}
	}
	if r.GetError() != "" {
		return errors.New(r.GetError())
	}
	return nil
}

// hostError is an error of the host that is of a kind.
type hostError struct {
	text string
	kind error
}

func (e hostError) Error() string { return e.text }

func (e hostError) Unwrap() error { return e.kind }
