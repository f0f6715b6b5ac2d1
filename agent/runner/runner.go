// Package runner keeps long-lived services in step with a wanted set of
// units: it starts what is new, stops what is gone, restarts what has changed
// and does not touch the rest. A unit that fails is started again after a
// pause.
//
//	r := runner.New(runner.Options{Log: log})
//	report, err := r.Sync(ctx, []runner.Unit{
//		{Name: "sink.http.out", Fingerprint: "9f2c", Start: startSink},
//		{Name: "pipeline.web", Fingerprint: "11ab", DependsOn: []string{"sink.http.out"}, Start: startPipeline},
//	})
//	defer r.Stop(ctx)
package runner

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/go-hclog"
)

// DefaultTimeout is how long a Sync waits for units where nothing else is said.
const DefaultTimeout = 10 * time.Second

// ErrStopped says that the runner was stopped and starts nothing any more.
var ErrStopped = errors.New("the runner has been stopped")

// Unit is something that should run.
type Unit struct {
	Name string

	// Fingerprint stands for everything that the unit is made of. A unit
	// runs on untouched as long as it stays the same.
	Fingerprint string

	// DependsOn names units that are started before this one and stopped
	// after it.
	DependsOn []string

	// Start makes the service. It is called again for each restart. Its
	// context is that of the service's Run.
	Start func(ctx context.Context) (Service, error)
}

// Service is what a unit runs.
type Service interface {
	// Run blocks until ctx ends or the service can't go on, and cleans up
	// before it returns. It is called once. When it returns nil before ctx
	// ended, the service has done its work and is not started again. An
	// error that is marked with plugin.Permanent ends the unit too.
	Run(ctx context.Context) error
}

// Reconfigurer is a [Service] that can become another unit of the same name
// while it runs.
type Reconfigurer interface {
	Service
	// Reconfigure is called concurrently with Run. It may call next.Start for
	// a service made of the new configuration, which is not run, and take
	// over its parts. After an error the unit is restarted.
	Reconfigure(ctx context.Context, next Unit) error
}

// Options are the parts that a runner is made of.
type Options struct {
	Log hclog.Logger     // nil: nothing is logged
	Now func() time.Time // nil: [time.Now]

	// Timeout is how long one Sync waits for what it stops, and then again
	// for what it starts. 0: [DefaultTimeout].
	Timeout time.Duration
}

// Runner runs units. It is safe for concurrent use.
type Runner struct {
	log     hclog.Logger
	now     func() time.Time
	timeout time.Duration

	turn    sync.Mutex // held by Sync and Stop, which take turns
	stopped bool       // guarded by turn

	mu   sync.Mutex // guards what follows, and the state of each job
	jobs map[string]*job
}

// New returns a runner of nothing.
func New(o Options) *Runner {
	if o.Log == nil {
		o.Log = hclog.NewNullLogger()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Timeout <= 0 {
		o.Timeout = DefaultTimeout
	}
	return &Runner{log: o.Log, now: o.Now, timeout: o.Timeout, jobs: make(map[string]*job)}
}

// Status returns the state of every unit, sorted by name.
func (r *Runner) Status() []UnitStatus {
	r.mu.Lock()
	defer r.mu.Unlock()
	all := make([]UnitStatus, 0, len(r.jobs))
	for _, j := range r.jobs {
		all = append(all, j.status)
	}
	slices.SortFunc(all, func(a, b UnitStatus) int { return strings.Compare(a.Name, b.Name) })
	return all
}
