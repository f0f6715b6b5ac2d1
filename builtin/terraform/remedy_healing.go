package terraform

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"
)

// lockTimeout is how long a remedy waits for the lock of the state.
const lockTimeout = "10s"

// healing is the remedy of one stack under way. From its plan to its last look
// at the stack it has the stack's data to itself.
type healing struct {
	task    *task
	planned result
	id      string // with which it was planned
	stack   stack
	taint   taint

	run    *run
	record record
	want   string // fingerprint of what the stack is initialised with
}

// do makes the remedy, or refuses.
func (h *healing) do(ctx context.Context, binary program) result {
	used := newUsage()
	used.addAll(h.planned.usage)
	res := h.planned
	res.usage = used
	err := h.alone(ctx, binary, used, func() { res = h.begin(ctx, res) })
	if err == nil {
		return res
	}
	said := h.said(ctx, err)
	if res.remedy.state != proposed {
		// It is over; only its files were not put away.
		h.task.log.Warn("a remedy left something behind", "stack", h.stack.name(), "error", said)
		return res
	}
	res.remedy = res.remedy.with(refused, said)
	return res
}

// said is an error as it may be shown, on one line.
func (h *healing) said(ctx context.Context, err error) string {
	p := problemOf(ctx, err)
	return shorten(h.taint.String(told(p)), maxDetail)
}

// told is a problem on one line. What terraform says of a lock ends with the
// advice to do without, which is the last that a remedy needs.
func told(p *problem) string {
	detail := p.detail
	if last := strings.LastIndex(detail, "\n\n"); last > 0 && p.kind == failedLock {
		detail = detail[:last]
	}
	return because(p.summary, strings.Join(strings.Fields(detail), " "))
}

// alone calls work with the claim to the stack's data.
func (h *healing) alone(ctx context.Context, binary program, used *usage, work func()) (err error) {
	turn := h.task.turns.ask(h.task.demand(h.stack, h.task.now()))
	defer turn.leave()
	if err := turn.wait(ctx); err != nil {
		return err
	}
	if h.run, err = h.task.newRun(ctx, binary, h.stack, used); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, h.run.close()) }()
	h.taint.addVariables(h.stack, h.run.varFiles)
	h.record = h.run.record
	if h.want, err = fingerprint(h.run); err != nil {
		return err
	}
	restore, err := borrowLock(h.stack.dir, h.run.dirs.keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	work()
	return nil
}

// begin plans once more, this time with the lock of the state, and applies
// that plan where it is what was planned before.
func (h *healing) begin(ctx context.Context, res result) result {
	h.run.lock = lockTimeout
	if res.remedy.strategy == strategyAdopt {
		h.run.mode = modeRefreshOnly
	}
	fresh, err := h.check(ctx)
	if err != nil {
		res.remedy = res.remedy.with(refused, h.said(ctx, err))
		return res
	}
	now := h.task.propose(fresh)
	switch {
	case now == nil:
		res.remedy = res.remedy.with(refused, "it has changed since the plan: there is no drift any more")
		return res
	case now.id != h.id:
		res.remedy = res.remedy.with(refused, "it has changed since the plan")
		return res
	case !now.isDue():
		res.remedy = now
		return res
	}
	if left, may := timeLeft(ctx), h.run.limits.Apply; left < may {
		res.remedy = res.remedy.with(refused, fmt.Sprintf("only %s is left of the timeout of the task, and an apply may take %s", left.Round(time.Second), may))
		return res
	}
	res.attempts = fresh.attempts
	return h.apply(ctx, res, fresh.intent.changes)
}

// check plans the stack within the time of a check.
func (h *healing) check(ctx context.Context) (result, error) {
	limit := h.task.cfg.StackTimeout
	ctx, cancel := context.WithTimeoutCause(ctx, limit, overdue{"check", "stack_timeout", limit})
	defer cancel()
	fresh := result{stack: h.stack, commit: h.task.commit(), usage: h.run.usage, succeeded: h.record.Succeeded, attempts: h.record.Remedies}
	out, err := h.task.planStack(ctx, h.run, &h.record, h.want)
	if err == nil {
		err = h.task.read(ctx, h.run, out, &fresh, h.taint)
	}
	if err != nil {
		return fresh, reported{problemOf(ctx, err), err}
	}
	fresh.checked = h.task.now()
	return fresh, nil
}

// apply applies the plan that was just made. That it was tried is on the disk
// before terraform begins.
func (h *healing) apply(ctx context.Context, res result, changes []intended) result {
	keep := context.WithoutCancel(ctx)
	one := attempt{At: h.task.now(), ID: h.id, Strategy: res.remedy.strategy, Approved: h.task.isApproved(h.id)}
	if one.Strategy == strategyApply {
		one.Owed = owedOf(changes)
	}
	h.record.Remedies.begin(one)
	if err := h.run.saveRecord(keep, h.record); err != nil {
		res.remedy = res.remedy.with(refused, "the attempt could not be noted: "+err.Error())
		return res
	}
	became, ended := h.carryOut(ctx, res.remedy, len(changes))
	res.remedy = became
	if ended {
		h.record.Remedies.end(became.state)
	}
	if err := h.run.saveRecord(keep, h.record); err != nil {
		h.task.log.Error("the outcome of a remedy could not be noted", "stack", h.stack.name(), "error", err)
	}
	if res.remedy.state == refused {
		return res
	}
	return h.verify(ctx, res)
}

func owedOf(changes []intended) map[string]string {
	owed := make(map[string]string, len(changes))
	for _, change := range changes {
		owed[change.address] = change.becomes
	}
	return owed
}

// verify looks at the stack as any check does, so that what is told of it is
// what there is now.
func (h *healing) verify(ctx context.Context, res result) result {
	h.run.mode, h.run.lock = h.task.cfg.Mode, h.task.lockOfCheck()
	done := res.remedy
	fresh, err := h.check(ctx)
	fresh.stack, fresh.remedy, fresh.attempts = res.stack, done, h.record.Remedies
	if err != nil {
		fresh.checked = h.task.now()
		fresh.fail(problemOf(ctx, err), h.taint)
		fresh.remedy = done
		return fresh
	}
	h.task.conclude(&fresh, &h.record, true)
	if err := h.run.saveRecord(context.WithoutCancel(ctx), h.record); err != nil {
		h.task.log.Error("what is known of a stack could not be noted", "stack", h.stack.name(), "error", err)
	}
	if done.state == applied && fresh.drifted > 0 {
		fresh.remedy = done.with(applied, "and it has drifted again at once")
	}
	return fresh
}

// timeLeft is how long a context may still last.
func timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return 1<<63 - 1
	}
	return time.Until(deadline)
}
