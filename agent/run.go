package agent

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/config/lang"
	"github.com/driftless-hq/driftless/internal/history"
	"github.com/driftless-hq/driftless/internal/plan"
)

// run plans and applies the targets with all that they depend on. It goes by
// what the sources have said when it began, whatever they say meanwhile.
func (i *island) run(ctx context.Context, graph *eval.Graph, sources, targets []addr.Addr, wants map[addr.Addr]want) ran {
	used := i.readings.of(sources)
	tasks := i.involved(graph, targets)
	i.board.queue(tasks, true)
	defer i.board.queue(tasks, false)
	release, ok := i.takeLock(ctx, graph, tasks)
	if !ok {
		i.checks.begin(tasks) // which is all that comes of it
		return ran{used: used}
	}
	defer release()
	parallel := i.slots.take(ctx, len(tasks))
	if parallel == 0 {
		return ran{used: used}
	}
	defer i.slots.give(parallel)
	used = i.readings.of(sources) // there may be something new since it began to wait
	free, err := i.hold(ctx, used)
	if err != nil {
		i.checks.begin(tasks)
		i.fail(ctx, tasks, err)
		return ran{used: used}
	}
	defer free()

	looks := i.looks(tasks, wants)
	i.board.queue(tasks, false)
	i.board.become(tasks, api.StateRunning, "")
	seen := i.witness(ctx, tasks)
	s := plan.NewSession(graph, i.catalog.Load(), plan.Options{
		DataDir: i.dataDir, Parallel: parallel, Part: plan.Selection{Targets: targets},
		Log: i.Log, Now: i.Now, Planned: i.Now(), Observer: seen,
		Records: i.records, Redact: i.Redact, Sources: used.value,
		Audit: i.audit.Append, Key: i.key, Looks: looks,
		Approved: func(a addr.Addr) []string { return i.approvals.Of(a.String()) },
	})
	results, diags := i.atWork.converge(ctx, s)
	seen.close()
	if ctx.Err() != nil {
		// What was stopped halfway says nothing about the host; what was
		// changed before that has to be told.
		i.finish(seen.run, slices.DeleteFunc(results, func(r plan.Result) bool { return r.Outcome != plan.Changed }), nil)
	} else {
		_, others := lang.SplitAbsent(diags) // which the log has once, and not with each run
		logDiagnostics(i.Log, others)
		i.learn(s, results)
		i.finish(seen.run, results, diags)
		i.settle(tasks, results, diags)
	}
	seen.end()
	if err := s.Close(context.WithoutCancel(ctx)); err != nil {
		i.Log.Warn("close the tasks", "error", err)
	}
	whole := slices.DeleteFunc(slices.Clone(tasks), func(a addr.Addr) bool { return looks[a].Only != nil })
	return ran{used, whole}
}

// fail says why tasks were not run, but not at the end.
func (i *island) fail(ctx context.Context, tasks []addr.Addr, err error) {
	if ctx.Err() == nil {
		i.Log.Error("the tasks were not run", "task", tasks[0].String(), "error", err)
		i.board.become(tasks, api.StateFailed, err.Error())
	}
}

// looks say how tasks are looked at. One that is neither due nor asked for is
// looked at because of something that it refers to. What is run for another
// reason than that somebody wants some stacks of it is looked at as a whole, also
// where these were asked for while the run waited to begin.
func (i *island) looks(tasks []addr.Addr, wants map[addr.Addr]want) map[addr.Addr]plan.Look {
	looks := i.checks.begin(tasks)
	for _, a := range tasks {
		_, isAsked := looks[a]
		switch {
		case isAsked && wants[a] > wantParts:
			looks[a] = plan.Look{Asked: true}
		case !isAsked && wants[a] != wantDue:
			looks[a] = plan.Look{Early: true}
		}
	}
	return looks
}

// involved returns the tasks that a run of the targets looks at.
func (i *island) involved(graph *eval.Graph, targets []addr.Addr) []addr.Addr {
	needed := graph.Dependencies().Closure(targets...)
	return slices.DeleteFunc(slices.Clone(i.addrs), func(a addr.Addr) bool {
		return a.Kind != addr.Task || !slices.Contains(needed, a)
	})
}

// takeLock takes the lock of the host for an island that may change it.
func (i *island) takeLock(ctx context.Context, graph *eval.Graph, tasks []addr.Addr) (release func(), ok bool) {
	if !i.mayChange(graph) {
		return func() {}, true
	}
	err := i.lock.acquire(ctx, func(err error) {
		i.Log.Warn("the tasks wait for the lock of the host", "task", tasks[0].String(), "reason", err)
		i.board.become(tasks, api.StateWaiting, err.Error())
	})
	if err != nil {
		i.fail(ctx, tasks, err)
	}
	return func() {
		if err := i.lock.unlock(); err != nil {
			i.Log.Error("release the lock of the host", "error", err)
		}
	}, err == nil
}

// mayChange reports whether a task of the island is enforced.
func (i *island) mayChange(graph *eval.Graph) bool {
	return slices.ContainsFunc(i.addrs, func(a addr.Addr) bool {
		n, ok := graph.Node(a)
		return ok && n.Addr.Kind == addr.Task && n.Meta.Enforcement == eval.Enforce
	})
}

// learn takes over the values of the tasks that came to an end. What a task that
// failed would have been is of no use, and one that nothing triggered has learnt
// nothing. What sources say is learnt where they are read: they may have moved
// since the run began.
func (i *island) learn(s *plan.Session, results []plan.Result) {
	values := eval.NewValues()
	s.CopyValues(values)
	useless := make(map[addr.Addr]bool)
	for _, r := range results {
		for _, a := range tasksOf(r.Step) {
			_, known := i.learned.value(a)
			hasFailed := r.Outcome == plan.Broken || r.Outcome == plan.Ignored || r.Outcome == plan.LeftOut
			useless[a] = hasFailed || r.Step.Idle && known
		}
	}
	news := false
	for _, a := range i.addrs {
		if v, ok := values.Value(a); ok && a.Kind == addr.Task && !useless[a] {
			news = i.learned.put(a, v) || news
		}
	}
	if news {
		i.requestSync()
	}
}

// finish tells everyone what became of a run, which the history knows by an id.
func (i *island) finish(run int64, results []plan.Result, diags hcl.Diagnostics) {
	records, err := i.records.Load()
	if err != nil {
		i.Log.Error("the records of the tasks could not be read, so drift can't be told from what is new", "error", err)
	}
	var runs []history.Run
	for _, r := range results {
		drifted, problem := r.Step.Drifted(records, i.key), cmp.Or(problems(diags, tasksOf(r.Step)), r.Error)
		for _, a := range tasksOf(r.Step) {
			i.board.finished(a, r, drifted, problem)
		}
		runs = append(runs, i.runsOf(run, r, drifted, problem)...)
		i.emitChange(r)
		logResult(i.Log, r, drifted)
	}
	i.remember(runs...)
	for _, r := range results {
		i.endApprovals(r)
	}
	if err := i.records.Save(plan.Records(records, results, i.key, i.Now())); err != nil {
		i.Log.Error("write the records of the tasks", "error", err)
	}
}

// settle notes what became of the tasks without a result: their condition was
// false, or there was no plan.
func (i *island) settle(tasks []addr.Addr, results []plan.Result, diags hcl.Diagnostics) {
	told := make(map[addr.Addr]bool)
	for _, r := range results {
		for _, a := range tasksOf(r.Step) {
			told[a] = true
		}
	}
	var failed []history.Run
	for _, a := range tasks {
		if told[a] {
			continue
		}
		if diags.HasErrors() {
			problem := diagnosticsError("it could not be planned", diags).Error()
			failed = append(failed, i.failedRun(a, problem))
			i.board.become([]addr.Addr{a}, api.StateFailed, problem)
			i.board.update(a, func(t *taskState) { t.dropOldStacks(a, true) })
		} else {
			i.board.become([]addr.Addr{a}, api.StateSkipped, "")
		}
	}
	i.remember(failed...)
}

// problems are the errors that are about some of the tasks, one per line.
func problems(diags hcl.Diagnostics, tasks []addr.Addr) string {
	var errs []error
	for _, d := range diags {
		origin, ok := d.Extra.(eval.Origin)
		if ok && d.Severity == hcl.DiagError && slices.Contains(tasks, origin.Addr) {
			errs = append(errs, fmt.Errorf("%s: %s", d.Summary, d.Detail))
		}
	}
	if err := errors.Join(errs...); err != nil {
		return err.Error()
	}
	return ""
}

func logResult(log hclog.Logger, r plan.Result, drifted bool) {
	log = log.Named(r.Step.Addr.String())
	switch r.Outcome {
	case plan.Changed:
		log.Info("changed", "action", string(r.Step.Change.Action), "because_of_drift", drifted, "took", r.Duration.Round(time.Millisecond))
	case plan.Reported:
		log.Warn("not as declared", "reasons", r.Step.Change.Reasons)
	}
	looked, _ := partKept(r.Findings())
	for _, f := range looked {
		if f.Remedy != nil {
			log.Info("a remedy", "of", f.Name, "strategy", f.Remedy.Strategy, "state", f.Remedy.State, "reason", f.Remedy.Reason, "id", f.Remedy.ID)
		}
	}
	switch r.Outcome {
	case plan.Broken:
		log.Error("failed", "error", r.Error)
	case plan.Ignored:
		log.Warn("failed, and the run went on", "error", r.Error)
	case plan.LeftOut:
		log.Warn("left out", "because_of", r.Cause.String())
	}
}

func logDiagnostics(log hclog.Logger, diags hcl.Diagnostics) {
	for _, d := range diags {
		log, where := log, ""
		if origin, ok := d.Extra.(eval.Origin); ok {
			log = log.Named(origin.Addr.String())
		}
		if d.Subject != nil {
			where = d.Subject.String()
		}
		if d.Severity == hcl.DiagError {
			log.Error(d.Summary, "detail", d.Detail, "at", where)
		} else {
			log.Warn(d.Summary, "detail", d.Detail, "at", where)
		}
	}
}
