package runner

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/plugin"
)

// reconfigurable is a service that takes on some configurations as it runs.
type reconfigurable struct {
	service
	reconfigure func(next Unit) error
}

func (s reconfigurable) Reconfigure(_ context.Context, next Unit) error { return s.reconfigure(next) }

var _ Reconfigurer = reconfigurable{}

func TestReconfigure(t *testing.T) {
	tests := []struct {
		name        string
		reconfigure func(next Unit) error
		want        Report
		journal     string
	}{
		{"a service that can goes on", func(Unit) error { return nil }, Report{Reconfigured: []string{"a"}}, ""},
		{"a service that can't is restarted", func(Unit) error { return errors.New("the listener has changed") }, Report{Restarted: []string{"a"}}, "-a:1, +a:2"},
		{"a service that panics is restarted", func(Unit) error { panic("nil pointer") }, Report{Restarted: []string{"a"}}, "-a:1, +a:2"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var j journal
				r := newRunner(t, Options{})
				one := j.unit("a:1")
				plain := one.Start
				one.Start = func(ctx context.Context) (Service, error) {
					s, err := plain(ctx)
					return reconfigurable{s.(service), test.reconfigure}, err
				}
				syncUnits(t, r, one)
				synctest.Wait()
				j.take()
				if diff := cmp.Diff(test.want, syncUnits(t, r, j.unit("a:2"))); diff != "" {
					t.Errorf("report (-want +got):\n%s", diff)
				}
				synctest.Wait()
				equal(t, "journal", j.take(), test.journal)
				if diff := cmp.Diff(Report{Kept: []string{"a"}}, syncUnits(t, r, j.unit("a:2"))); diff != "" {
					t.Errorf("report of the same again (-want +got):\n%s", diff)
				}
			})
		})
	}
}

func TestServiceThatHasFailedIsNotReconfigured(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := newRunner(t, Options{})
		dead := reconfigurable{
			service:     func(context.Context) error { return errors.New("connection lost") },
			reconfigure: func(Unit) error { return nil },
		}
		syncUnits(t, r, Unit{Name: "a", Fingerprint: "1", Start: func(context.Context) (Service, error) { return dead, nil }})
		synctest.Wait()
		if diff := cmp.Diff(Report{Restarted: []string{"a"}}, syncUnits(t, r, j.unit("a:2"))); diff != "" {
			t.Errorf("report (-want +got):\n%s", diff)
		}
	})
}

func TestContextOfAUnitEndsWithItsWork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t, Options{})
		var started context.Context
		syncUnits(t, r, Unit{Name: "a", Start: func(ctx context.Context) (Service, error) {
			started = ctx
			return service(func(context.Context) error { return nil }), nil
		}})
		synctest.Wait()
		equal(t, "error of the context", started.Err(), context.Canceled)
	})
}

func TestUnitsThatEnd(t *testing.T) {
	down := errors.New("connection refused")
	fails := func(err error) func(context.Context) (Service, error) {
		return func(context.Context) (Service, error) { return nil, err }
	}
	runs := func(run service) func(context.Context) (Service, error) {
		return func(context.Context) (Service, error) { return run, nil }
	}
	tests := []struct {
		name  string
		start func(context.Context) (Service, error)
		want  State
		err   string
	}{
		{"a Start that fails", fails(down), BackingOff, "starting a: connection refused"},
		{"a Start that panics", func(context.Context) (Service, error) { panic("oh") }, BackingOff, "starting a: it panicked, which is a defect of its provider: oh"},
		{"a Start that returns nothing", fails(nil), BackingOff, "starting a: it gave neither a service nor an error"},
		{"a Run that fails", runs(func(context.Context) error { return down }), BackingOff, "running a: connection refused"},
		{"a Run that panics", runs(func(context.Context) error { panic("oh") }), BackingOff, "running a: it panicked, which is a defect of its provider: oh"},
		{"a Run that has done its work", runs(func(context.Context) error { return nil }), Stopped, ""},
		{"a permanent error of Start", fails(plugin.Permanent(down)), Failed, "starting a: connection refused"},
		{"a permanent error of Run", runs(func(context.Context) error { return plugin.Permanent(down) }), Failed, "running a: connection refused"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r := newRunner(t, Options{})
				syncUnits(t, r, Unit{Name: "a", Start: test.start})
				synctest.Wait()
				got := r.Status()[0]
				equal(t, "state", got.State, test.want)
				equal(t, "since", got.Since, time.Now())
				text := ""
				if got.Err != nil {
					text = got.Err.Error()
				}
				equal(t, "error", text, test.err)
				before := got.Restarts
				time.Sleep(time.Second)
				synctest.Wait()
				equal(t, "restarted within a second", r.Status()[0].Restarts > before, test.want == BackingOff)
			})
		})
	}
}

func TestBackOffGrowsAndIsResetByStability(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t, Options{})
		var stable atomic.Bool
		starts := make(chan time.Time, 1000)
		syncUnits(t, r, Unit{Name: "a", Start: func(context.Context) (Service, error) {
			starts <- time.Now()
			return service(func(ctx context.Context) error {
				if stable.Load() {
					sleep(ctx, time.Minute)
				}
				return errors.New("connection lost")
			}), nil
		}})
		last := <-starts
		next := func() time.Duration {
			started := <-starts
			defer func() { last = started }()
			return started.Sub(last)
		}
		for bound := firstPause; bound < lastPause; bound = min(2*bound, lastPause) {
			if d := next(); d < bound/2 || d > bound {
				t.Errorf("a pause took %v, want between %v and %v", d, bound/2, bound)
			}
		}
		for range 5 {
			if d := next(); d < lastPause/2 || d > lastPause {
				t.Errorf("a late pause took %v, want between %v and %v", d, lastPause/2, lastPause)
			}
		}
		synctest.Wait()
		stable.Store(true)
		next() // the start that follows is the first to run for a stable minute
		if d := next() - time.Minute; d < firstPause/2 || d > firstPause {
			t.Errorf("the pause after a stable minute took %v, want between %v and %v", d, firstPause/2, firstPause)
		}
		if n := r.Status()[0].Restarts; n != 15 {
			t.Errorf("it has been restarted %d times, want 15", n)
		}
	})
}

func TestUnitThatBacksOffStopsAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newRunner(t, Options{})
		syncUnits(t, r, Unit{Name: "a", Start: func(context.Context) (Service, error) { return nil, errors.New("no") }})
		time.Sleep(time.Minute)
		began := time.Now()
		syncUnits(t, r)
		equal(t, "time to stop", time.Since(began), 0)
	})
}

// A Start that has acquired something is followed by Run, even when the unit
// was stopped between both: Run is what cleans up.
func TestRunFollowsEveryStart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var j journal
		r := newRunner(t, Options{Timeout: time.Second})
		u := j.unit("a:1")
		quick := u.Start
		u.Start = func(ctx context.Context) (Service, error) {
			<-ctx.Done()
			return quick(context.WithoutCancel(ctx))
		}
		syncUnits(t, r, u)
		syncUnits(t, r)
		equal(t, "journal", j.take(), "+a:1, -a:1")
	})
}
