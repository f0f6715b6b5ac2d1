package terraform

import (
	"context"
	"errors"
	"os"
	"time"
)

// result is what a check says of one stack.
type result struct {
	stack   stack
	verdict verdict
	entries []entry // without the ignored ones

	drifted, pending, managed int // resources
	ignored, ignoredByFile    int // entries that a rule matched
	ignoredParts              []ignored
	// accepted are resources that moved but need no change: the code ignores
	// the change or agrees with it.
	accepted int
	noise    int // resources of which only the notation differs
	moved    int // resources that only got a new address
	imported int // resources that the code takes over
	outputs  int // that an apply would change
	checks   int // check blocks that don't hold

	problem   *problem
	commit    string // that was checked, where there is a source
	code      string // digest of what was checked, see [task.codeOf]; empty: it can't be told
	held      bool   // it was not checked, see [backoffs]
	kept      bool   // it was not checked, because nobody wanted to know or it was missed: this is what was found before
	missed    string // why its turn didn't come, empty where it did
	checked   time.Time
	succeeded time.Time // the last check that told something
	unproven  bool      // drift that the last check did not see
	unused    bool      // nothing was ever applied, as far as is known
	usage     *usage

	intent   intent   // what a remedy would do
	attempts attempts // the remedies before
	remedy   *remedy  // nil: there is none
}

// fail drops all that was found: half of a check says nothing of the other.
func (r *result) fail(p *problem, taint taint) {
	*r = result{stack: r.stack, verdict: p.verdict, commit: r.commit, checked: r.checked, succeeded: r.succeeded, unused: r.unused, usage: r.usage}
	hidden := *p
	hidden.summary, hidden.detail = taint.String(p.summary), shorten(taint.String(p.detail), maxDetail)
	r.problem = &hidden
}

// recall takes over what the last checks of the stack have told.
func (r *result) recall(rec record, now time.Time) {
	r.succeeded, r.unused, r.attempts = rec.Succeeded, rec.Unapplied, rec.Remedies
	if r.succeeded.After(now) {
		r.succeeded = now // the clock was wrong, and the stack would never be stale
	}
}

// checkStack compares one stack. Once it is the stack's turn, that never takes
// longer than stack_timeout and a few seconds. Drift is announced where it is
// proven, or was before.
func (t *task) checkStack(ctx context.Context, binary program, s stack, turn *turn, proven bool) result {
	res := result{stack: s, verdict: errored, commit: t.commit(), usage: newUsage()}
	taint := newTaint(s)
	began := t.now()
	if err := turn.wait(ctx); err != nil {
		return t.missed(s, err)
	}
	res.usage.phases[phaseQueue] = t.now().Sub(began)
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.StackTimeout, overdue{"check", "stack_timeout", t.cfg.StackTimeout})
	defer cancel()
	err := t.compareStack(ctx, binary, s, &res, taint, proven)
	res.checked, turn.took = t.now(), res.usage.memory
	if err != nil {
		res.fail(problemOf(ctx, err), taint)
	}
	return res
}

func (t *task) compareStack(ctx context.Context, binary program, s stack, res *result, taint taint, proven bool) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	r, err := t.newRun(ctx, binary, s, res.usage)
	if err != nil {
		res.recall(t.recordOf(s), t.now())
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	taint.addVariables(s, r.varFiles)
	rec := r.record
	res.recall(rec, t.now())
	rec.Succeeded = res.succeeded
	want, err := fingerprint(r) // of the stack's own files, without what is borrowed
	if err != nil {
		return err
	}
	restore, err := borrowLock(s.dir, r.dirs.keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	out, err := t.planStack(ctx, r, &rec, want)
	if err == nil {
		err = t.read(ctx, r, out, res, taint)
	}
	if err == nil {
		t.conclude(res, &rec, proven)
	}
	rec.measure(r.usage, err != nil)
	return errors.Join(err, r.saveRecord(context.WithoutCancel(ctx), rec))
}

// conclude notes what was found, for the next check to compare with.
func (t *task) conclude(res *result, rec *record, proven bool) {
	digest := driftDigest(res.entries)
	if digest != "" && digest != rec.Drift && !proven && t.cfg.ConfirmAfter > 0 {
		res.unproven = true
		return
	}
	rec.Drift, rec.Succeeded, rec.Unapplied = digest, t.now(), res.verdict == unapplied
	rec.Remedies.forgive(res.intent.changes)
	if res.verdict == clean {
		rec.Remedies.settle()
	}
	res.succeeded, res.unused = rec.Succeeded, rec.Unapplied
}

// planStack plans, and initialises first where it must: when the directory was
// never initialised with this code and this binary, or when the plan says so.
func (t *task) planStack(ctx context.Context, r *run, rec *record, want string) (*stream, error) {
	why := t.whyInit(r, *rec, want)
	for {
		if why != "" {
			if err := t.initStack(ctx, r, why); err != nil {
				return nil, err
			}
			rec.Initialised, rec.InitialisedAt = want, t.now()
		}
		out, err := r.plan(ctx)
		switch {
		case err == nil:
			return out, nil
		case why == "" && t.cfg.Init != initNever && ctx.Err() == nil && out.wantsInit():
			why = initDiagnostic
		default:
			return nil, r.explain(out, out.failed(phasePlan, err))
		}
	}
}

func (t *task) initStack(ctx context.Context, r *run, why string) error {
	r.usage.init = why
	out, err := r.init(ctx)
	if err != nil && ctx.Err() == nil && out.isDamaged() {
		if err := os.RemoveAll(r.dirs.data); err != nil {
			return err
		}
		out, err = r.init(ctx)
	}
	if err != nil {
		return r.explain(out, out.failed(phaseInit, err))
	}
	known, err := r.hasWorkspace(ctx)
	if err != nil {
		return (*stream)(nil).failed(phaseInit, err)
	}
	if !known {
		return reported{problem: &problem{verdict: errored, phase: phaseInit, kind: failedConfig, summary: "Workspace not found",
			detail: "the stack has no workspace " + r.stack.workspace + ": make it, or take it out of workspaces"}}
	}
	return nil
}

// read makes the result of a plan that succeeded.
func (t *task) read(ctx context.Context, r *run, out *stream, res *result, taint taint) error {
	res.verdict, res.managed, res.outputs, res.checks = clean, out.managed, out.outputs, out.failedChecks()
	res.moved, res.imported = out.moved, out.imported
	if out.changes > 0 || out.drift > 0 && r.mode == modeRefreshOnly {
		if err := t.compare(ctx, r, res, taint); err != nil {
			return err
		}
	} else {
		res.accepted = out.drift
	}
	if t.cfg.OnCheckFailure == "drift" && res.checks > 0 {
		res.verdict = res.verdict.and(drifted)
	}
	if t.cfg.CountOutputs && res.outputs > 0 {
		res.verdict = res.verdict.and(waiting)
	}
	return nil
}

// compare looks into a plan in which something differs.
func (t *task) compare(ctx context.Context, r *run, res *result, taint taint) error {
	plan, err := r.show(ctx)
	if err != nil {
		return (*stream)(nil).failed(phaseShow, err)
	}
	if plan.Complete != nil && !*plan.Complete {
		return reported{problem: &problem{verdict: errored, summary: "Incomplete plan", detail: "the plan leaves out a part of the stack, so nothing can be said of it", phase: phaseShow, kind: failedConfig}}
	}
	taint.addPlan(plan)
	found := classify(plan, taint, t.differ(taint))
	if r.mode == modeRefreshOnly {
		found = classifyRefresh(plan, taint, t.differ(taint))
	}
	res.noise = found.noise
	res.accepted = found.accepted
	first := neverApplied(plan, found.entries)
	file, err := readIgnoreFile(r.stack.dir)
	if err != nil {
		return err
	}
	left := applyIgnore(t.rules(), file, found.entries).hide(taint)
	res.entries, res.ignoredParts, res.ignored, res.ignoredByFile = left.entries, left.ignored, left.byRule, left.byFile
	t.intend(res, plan, left, taint)
	res.verdict, res.drifted, res.pending = judge(res.entries)
	if first && res.verdict == waiting {
		res.verdict = unapplied
	}
	return nil
}
