package view

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"sync"
	"syscall"
)

// Output is a stream that remembers what went wrong with it, so that a command
// whose results got lost doesn't end as if they had arrived. It is safe for
// concurrent use.
type Output struct {
	w      io.Writer
	unread chan struct{}

	mu  sync.Mutex
	err error
}

// NewOutput returns an output that writes to w.
func NewOutput(w io.Writer) *Output { return &Output{w: w, unread: make(chan struct{})} }

// Write implements [io.Writer].
func (o *Output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, err := o.w.Write(p)
	if err != nil && o.err == nil {
		o.err = err
		if o.isUnread() {
			close(o.unread)
		}
	}
	return n, err
}

// Err returns the error of the first write that failed, or nil.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.err
}

// IsUnread reports whether a write failed because nobody reads any more.
func (o *Output) IsUnread() bool {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.isUnread()
}

func (o *Output) isUnread() bool { return errors.Is(o.err, syscall.EPIPE) }

// Unread is closed when nobody reads any more.
func (o *Output) Unread() <-chan struct{} { return o.unread }

var _ io.Writer = (*Output)(nil)

// Undelivered says that results didn't get to the standard output: in text, and
// to the standard error, as that is the stream that is left.
func (v *View) Undelivered(err error) {
	if path, ok := errors.AsType[*fs.PathError](err); ok {
		err = path.Err
	}
	d := Diagnostic{Severity: "error", Summary: "Output lost", Detail: sentence(fmt.Sprintf("write to the standard output: %s", err))}
	v.mu.Lock()
	defer v.mu.Unlock()
	fmt.Fprint(v.Err, v.Hidden.String(v.diagnosticText(d)))
}
