package runner

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"github.com/driftless-hq/driftless/plugin"
)

// State is what a unit is doing.
type State string

// The states. A failed unit has met an error that no restart can cure; a
// stopped one has done its work.
const (
	Starting   State = "starting"
	Running    State = "running"
	BackingOff State = "backing off"
	Failed     State = "failed"
	Stopped    State = "stopped"
)

// UnitStatus is the state of one unit.
type UnitStatus struct {
	Name     string
	State    State
	Since    time.Time // when it came into the state
	Err      error     // why it last failed; nil: it has not
	Restarts int       // after failures, since it was started or changed
}

// job is a unit with the goroutine that runs it.
type job struct {
	runner *Runner
	name   string
	ctx    context.Context
	cancel context.CancelFunc
	after  <-chan struct{} // closed when the predecessor has ended; nil: there is none
	tried  chan struct{}   // closed when Start has returned once
	try    func()          // closes tried
	ended  chan struct{}

	// The mutex of the runner guards these.
	unit    Unit
	service Service // nil unless it runs
	status  UnitStatus
	doomed  bool // it was told to stop
}

func newJob(r *Runner, u Unit) *job {
	ctx, cancel := context.WithCancel(context.Background())
	j := &job{
		runner: r,
		name:   u.Name,
		ctx:    ctx,
		cancel: cancel,
		tried:  make(chan struct{}),
		ended:  make(chan struct{}),
		unit:   u,
		status: UnitStatus{Name: u.Name, State: Starting, Since: r.now()},
	}
	j.try = sync.OnceFunc(func() { close(j.tried) })
	return j
}

// supervise runs the unit again and again until it is stopped or has ended
// for good.
func (j *job) supervise() {
	defer j.runner.forget(j) // does nothing unless it was left behind
	defer close(j.ended)
	defer j.cancel()
	if j.after != nil {
		<-j.after // two of one name must never run at once
	}
	for failures := 1; j.ctx.Err() == nil; failures++ {
		stable, err := j.once()
		if j.ctx.Err() != nil {
			return
		}
		if err == nil {
			j.become(Stopped, nil)
			j.runner.log.Info("a unit has done its work", "unit", j.name)
			return
		}
		if plugin.IsPermanent(err) {
			j.become(Failed, err)
			j.runner.log.Error("a unit failed for good; it starts again when its configuration changes", "unit", j.name, "error", err)
			return
		}
		if stable {
			failures = 1
		}
		j.backOff(pause(failures), err)
	}
}

// once starts and runs the service. It reports whether the service ran long
// enough for its failure to be the first of a series.
func (j *job) once() (stable bool, err error) {
	var service Service
	err = j.guard(func() (err error) {
		service, err = j.current().Start(j.ctx)
		if service == nil && err == nil {
			err = errors.New("it gave neither a service nor an error")
		}
		return err
	})
	j.try()
	if err != nil {
		return false, fmt.Errorf("starting %s: %w", j.name, err)
	}
	began := j.runner.now()
	j.become(Running, nil)
	j.serve(service)
	defer j.serve(nil)
	err = j.guard(func() error { return service.Run(j.ctx) })
	if err != nil {
		err = fmt.Errorf("running %s: %w", j.name, err)
	}
	return j.runner.now().Sub(began) >= stableAfter, err
}

func (j *job) backOff(wait time.Duration, err error) {
	j.become(BackingOff, err)
	j.runner.log.Error("a unit failed and is started again", "unit", j.name, "next", wait, "error", err)
	if sleep(j.ctx, wait) {
		j.become(Starting, nil)
	}
}

// guard calls foreign code and turns a panic of it into an error.
func (j *job) guard(call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			j.runner.log.Error("a unit panicked, which is a defect of its provider",
				"unit", j.name, "panic", r, "stack", string(debug.Stack()))
			err = fmt.Errorf("it panicked, which is a defect of its provider: %v", r)
		}
	}()
	return call()
}

// become notes a new state, and the error that led to it if there was one.
func (j *job) become(s State, err error) {
	j.runner.mu.Lock()
	defer j.runner.mu.Unlock()
	if j.status.State == BackingOff {
		j.status.Restarts++
	}
	j.status.State, j.status.Since = s, j.runner.now()
	if err != nil {
		j.status.Err = err
	}
}

// serve notes the service that runs now.
func (j *job) serve(s Service) {
	j.runner.mu.Lock()
	defer j.runner.mu.Unlock()
	j.service = s
}

// adopt takes on a unit that is started the same way.
func (j *job) adopt(u Unit) {
	j.runner.mu.Lock()
	defer j.runner.mu.Unlock()
	j.unit = u
}

func (j *job) current() Unit {
	j.runner.mu.Lock()
	defer j.runner.mu.Unlock()
	return j.unit
}

func (j *job) fingerprint() string { return j.current().Fingerprint }

// doom tells the job to stop.
func (j *job) doom() {
	j.runner.mu.Lock()
	j.doomed = true
	j.runner.mu.Unlock()
	j.cancel()
}

func (j *job) hasEnded() bool {
	select {
	case <-j.ended:
		return true
	default:
		return false
	}
}

// reconfigure turns the running service into the unit u, if it can do that.
func (j *job) reconfigure(ctx context.Context, u Unit) bool {
	j.runner.mu.Lock()
	service, ok := j.service.(Reconfigurer)
	j.runner.mu.Unlock()
	if !ok {
		return false
	}
	err := j.guard(func() error { return service.Reconfigure(ctx, u) })
	if err != nil {
		j.runner.log.Info("a unit can't take on its new configuration while it runs; it is restarted", "unit", j.name, "reason", err)
		return false
	}
	j.adopt(u)
	return true
}
