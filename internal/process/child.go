package process

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

const (
	// drainTime is how long output is awaited once the program has exited and
	// someone else still holds its stdout or stderr.
	drainTime = 2 * time.Second
	// killTime is how long a program may take to die of SIGKILL.
	killTime = 5 * time.Second
	// pollTime is how often a group that was told to end is looked at. No
	// event tells when a process group has become empty.
	pollTime = 10 * time.Millisecond
)

// child is a started program that leads its own process group.
type child struct {
	cmd    *exec.Cmd
	exited chan error // what Wait returned, once
}

// start starts cmd on an operating system thread that stays until the program
// has exited: Linux sends the parent-death signal when the thread that forked
// ends, not the process, and the runtime ends threads as it likes.
func start(cmd *exec.Cmd, umask *uint32) (*child, error) {
	c := &child{cmd: cmd, exited: make(chan error, 1)}
	started := make(chan error, 1)
	if umask == nil {
		go func() {
			runtime.LockOSThread()
			defer runtime.UnlockOSThread()
			c.run(started)
		}()
		return c, <-started
	}
	go onOwnThread(func() {
		if err := setThreadUmask(*umask); err != nil {
			started <- err
			return
		}
		c.run(started)
	})
	return c, <-started
}

func (c *child) run(started chan<- error) {
	err := c.cmd.Start()
	started <- err
	if err == nil {
		c.exited <- c.cmd.Wait()
	}
}

// onOwnThread calls f on a thread that runs nothing else afterwards: it stays
// locked, and so ends with the goroutine. The first thread of the process
// would stay and be what /proc shows of it, so it only waits for another.
func onOwnThread(f func()) {
	runtime.LockOSThread()
	if !isFirstThread() {
		f()
		return
	}
	defer runtime.UnlockOSThread()
	done := make(chan struct{})
	go func() {
		defer close(done)
		onOwnThread(f)
	}()
	<-done
}

// wait returns when the program has exited, or has been ended with ctx.
func (c *child) wait(ctx context.Context, grace time.Duration, interrupt bool) (ended bool, err error) {
	select {
	case err := <-c.exited:
		return false, waitError(err)
	case <-ctx.Done():
	}
	if grace == 0 {
		grace = DefaultGrace
	}
	return true, c.end(grace, interrupt)
}

// end asks the group to end, and kills it when the grace is over. The leader
// going first takes no time from the others: a shell dies of SIGTERM at once
// while what it runs is still cleaning up. With interrupt the leader is asked
// first, alone, and what is left of the group once it is gone.
func (c *child) end(grace time.Duration, interrupt bool) error {
	group := c.cmd.Process.Pid
	if err := c.ask(interrupt); err != nil {
		return err
	}
	poll := time.NewTicker(pollTime)
	defer poll.Stop()
	kill := time.After(grace)
	giveUp := time.After(grace + drainTime + killTime)
	exited := c.exited
	for {
		select {
		case err := <-exited:
			if err := waitError(err); err != nil {
				return err
			}
			exited = nil
			if interrupt {
				if err := signalGroup(group, syscall.SIGTERM); err != nil {
					return err
				}
			}
		case <-poll.C:
		case <-kill:
			if err := signalGroup(group, syscall.SIGKILL); err != nil {
				return err
			}
		case <-giveUp:
			return errors.New("it, or a process of its group, is still there after SIGKILL: it hangs in the kernel, or belongs to another user")
		}
		if exited == nil && !groupExists(group) {
			return nil
		}
	}
}

// ask asks the group to end, or only its leader.
func (c *child) ask(interrupt bool) error {
	if interrupt {
		err := c.cmd.Process.Signal(os.Interrupt)
		if err == nil || errors.Is(err, os.ErrProcessDone) {
			return nil
		}
		// Not every system can do that.
	}
	return signalGroup(c.cmd.Process.Pid, syscall.SIGTERM)
}

// waitError drops the errors of Wait that say how the program ended: that is
// in its state. ErrWaitDelay says that someone else still held the output.
func waitError(err error) error {
	var exit *exec.ExitError
	if errors.As(err, &exit) || errors.Is(err, exec.ErrWaitDelay) {
		return nil
	}
	return err
}
