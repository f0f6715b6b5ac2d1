package runner

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// Report says what a [Runner.Sync] did, by name, sorted.
type Report struct {
	Kept         []string // unchanged, not touched
	Reconfigured []string // changed while running on
	Restarted    []string // changed
	Started      []string // new
	Stopped      []string // no longer wanted
}

// Sync makes the running units those that are wanted. It returns an error
// and changes nothing when the set is not valid, see [Validate], or the runner
// has been stopped.
//
// Sync first stops what is gone or changed, dependents first, and then starts
// what is new or changed, dependencies first; units that don't depend on each
// other do so at the same time. It waits until each stopped unit has ended and
// each started one has once returned from Start, whether well or not. When ctx
// ends, or that takes longer than the options allow, the change is completed
// without waiting. In no case does a unit run before its predecessor of the
// same name has ended.
func (r *Runner) Sync(ctx context.Context, units []Unit) (Report, error) {
	if err := Validate(units); err != nil {
		return Report{}, err
	}
	r.turn.Lock()
	defer r.turn.Unlock()
	if r.stopped {
		return Report{}, ErrStopped
	}
	depth := r.depths() // as the units are now: those that are kept may change it
	report, doomed, fresh := r.compare(ctx, units)

	stopping, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	r.stop(stopping, layers(doomed, depth))

	starting, cancel := context.WithTimeout(ctx, r.timeout)
	defer cancel()
	r.start(starting, layers(r.newJobs(fresh), depths(units)))
	return report, nil
}

// Stop ends all units, dependents first, and the runner with them. It returns
// an error that names those which had not ended when ctx did.
func (r *Runner) Stop(ctx context.Context) error {
	r.turn.Lock()
	defer r.turn.Unlock()
	r.stopped = true
	late := r.stop(ctx, layers(r.all(), r.depths()))
	if len(late) > 0 {
		return fmt.Errorf("stopping all units: these have not ended in time and are left behind: %s", strings.Join(late, ", "))
	}
	return nil
}

// compare sorts the units by what has to happen to them, and lets those that
// can take on their new configuration while they run.
func (r *Runner) compare(ctx context.Context, units []Unit) (report Report, doomed []*job, fresh []Unit) {
	live := r.live()
	for _, u := range units {
		j, ok := live[u.Name]
		delete(live, u.Name)
		switch {
		case !ok:
			report.Started = append(report.Started, u.Name)
			fresh = append(fresh, u)
		case j.fingerprint() == u.Fingerprint:
			report.Kept = append(report.Kept, u.Name)
			j.adopt(u)
		case j.reconfigure(ctx, u):
			report.Reconfigured = append(report.Reconfigured, u.Name)
		default:
			report.Restarted = append(report.Restarted, u.Name)
			doomed = append(doomed, j)
			fresh = append(fresh, u)
		}
	}
	for name, j := range live {
		report.Stopped = append(report.Stopped, name)
		doomed = append(doomed, j)
	}
	for _, names := range [][]string{report.Kept, report.Reconfigured, report.Restarted, report.Started, report.Stopped} {
		slices.Sort(names)
	}
	return report, doomed, fresh
}

// stop ends the jobs, the highest layer first, and returns the names of those
// that had not ended when ctx did. These stay in sight until they have.
func (r *Runner) stop(ctx context.Context, groups [][]*job) []string {
	var late []string
	for _, layer := range slices.Backward(groups) {
		for _, j := range layer {
			j.doom()
		}
		for _, j := range layer {
			select {
			case <-j.ended:
			case <-ctx.Done():
			}
			if j.hasEnded() {
				r.forget(j)
				continue
			}
			r.log.Warn("a unit has not stopped in time; it is left behind", "unit", j.name)
			late = append(late, j.name)
		}
	}
	slices.Sort(late)
	return late
}

// start runs the jobs, the lowest layer first, and waits for the Start of each.
func (r *Runner) start(ctx context.Context, groups [][]*job) {
	for _, layer := range groups {
		for _, j := range layer {
			r.add(j)
			go j.supervise()
		}
		for _, j := range layer {
			select {
			case <-j.tried:
			case <-ctx.Done():
				r.log.Warn("a unit takes long to start; it is not waited for", "unit", j.name)
			}
		}
	}
}
