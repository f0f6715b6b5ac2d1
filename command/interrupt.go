package command

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts are what asks a command to end: SIGINT, SIGTERM, a terminal that
// hangs up, and a reader of its results who has gone. The first ends its
// context, so that it can end in good order, and the next the process. A command
// can put something milder before that.
type interrupts struct {
	cancel context.CancelFunc

	mu       sync.Mutex
	next     []func() // what the signals do, the first to come first; one more ends the process
	detached bool     // whether only SIGINT and SIGTERM are heeded
}

// interrupted is the cause of a context that has ended, in words for those who
// ended it.
type interrupted struct{}

func (interrupted) Error() string { return "the run was interrupted" }

// Is has it be what else ends a context.
func (interrupted) Is(target error) bool { return target == context.Canceled }

// interruptible returns a context that ends with a signal or when unread is
// closed, and a function that stops listening.
func interruptible(parent context.Context, unread <-chan struct{}) (context.Context, *interrupts, func()) {
	ctx, cancelWith := context.WithCancelCause(parent)
	cancel := func() { cancelWith(interrupted{}) }
	signals := make(chan os.Signal, 3) // as many as there are meanings
	i := &interrupts{cancel: cancel, next: []func(){cancel}}
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) { // as under nohup
		signal.Notify(signals, syscall.SIGHUP)
	}
	done := make(chan struct{})
	go func() {
		for {
			select {
			case s := <-signals:
				i.arrived(s)
			case <-unread:
				unread = nil
				i.arrived(syscall.SIGPIPE)
			case <-done:
				return
			}
		}
	}()
	return ctx, i, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}

// arrived does what one more signal means.
func (i *interrupts) arrived(s os.Signal) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.detached && (s == syscall.SIGHUP || s == syscall.SIGPIPE) {
		return
	}
	if len(i.next) == 0 {
		os.Exit(exitInterrupted)
	}
	i.next[0]()
	i.next = i.next[1:]
}

// detach has the command go on without a terminal and without a reader.
func (i *interrupts) detach() {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.detached = true
}

// mild has the next signal call stop, and only the one after it end the
// context, before which end is called. Where a signal has ended the context
// already, that stays so.
func (i *interrupts) mild(stop, end func()) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.next) == 0 {
		return
	}
	i.next = []func(){stop, func() {
		end()
		i.cancel()
	}}
}
