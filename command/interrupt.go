package command

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts are the signals that ask a command to end, SIGINT and SIGTERM.
// The first ends its context, so that it can end in good order, and the next
// the process. A command can put something milder before that.
type interrupts struct {
	cancel context.CancelFunc

	mu   sync.Mutex
	next []func() // what the signals do, the first to come first; one more ends the process
}

// interruptible returns a context that ends with a signal, and a function that
// stops listening.
func interruptible(parent context.Context) (context.Context, *interrupts, func()) {
	ctx, cancel := context.WithCancel(parent)
	i := &interrupts{cancel: cancel, next: []func(){cancel}}
	signals := make(chan os.Signal, 3) // as many as there are meanings
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for {
			select {
			case <-signals:
				i.arrived()
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
func (i *interrupts) arrived() {
	i.mu.Lock()
	defer i.mu.Unlock()
	if len(i.next) == 0 {
		os.Exit(exitInterrupted)
	}
	i.next[0]()
	i.next = i.next[1:]
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
