package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/atomicfile"
	"github.com/driftless-hq/driftless/internal/process"
)

// applyGrace is how long an apply that is interrupted may take to end what it
// has begun, to write the state and to release its lock.
const applyGrace = time.Minute

// exitFailed is the status with which terraform exits when it has failed and
// knows how. With a panic, it is another.
const exitFailed = 1

// carryOut calls terraform, and says what became of it. It has not ended where
// what it did may be missing from the state.
func (h *healing) carryOut(ctx context.Context, r *remedy, changes int) (became *remedy, ended bool) {
	var out stream
	before := h.modified()
	result, err := h.run.call(ctx, phaseApply, h.run.limits.Apply, process.Spec{
		Args: slices.Concat([]string{"apply", "-json", "-input=false", "-no-color", "-lock=true", "-lock-timeout=" + lockTimeout}, h.run.atOnceArgs(), []string{h.run.planFile()}),
		Env:  h.run.workspaceEnv(), Stdout: &out, Grace: applyGrace, Interrupt: true,
	})
	if err == nil {
		return r.with(applied, ""), true
	}
	failure := out.failure("terraform apply", err)
	switch {
	case errors.Is(err, process.ErrNotStarted):
		return r.with(refused, h.said(ctx, err)), true
	case len(out.begun) == 0 && (failure.kind == failedLock || failure.summary == "Saved plan is stale"):
		return r.with(refused, h.taint.String("the state has changed since the plan, or is locked: "+failure.summary)), true
	}
	condition, ended := h.condition(&out, result, before)
	// Each is cut by itself, so that what there is to do is never cut off.
	parts := []string{shorten(h.taint.String(whyFailed(ctx, failure, err)), maxDetail), shorten(h.taint.String(progress(&out, changes)), maxDetail), condition}
	return r.with(failed, strings.Join(parts, "; ")), ended
}

func whyFailed(ctx context.Context, failure *problem, err error) string {
	if late, ok := errors.AsType[overdue](err); ok {
		return fmt.Sprintf("it did not end within the %s of %s", late.setting, late.limit)
	}
	switch cause := context.Cause(ctx); {
	case errors.Is(cause, context.Canceled):
		return "it was interrupted"
	case cause != nil:
		return "it was interrupted (" + cause.Error() + ")"
	}
	return told(failure)
}

// progress says how much of an apply was done.
func progress(out *stream, changes int) string {
	text := fmt.Sprintf("%d of %s made", len(out.done), counted(changes, "change"))
	if len(out.done) > 0 {
		text += " (" + strings.Join(out.done, ", ") + ")"
	}
	return text
}

// condition says in what condition an apply that failed has left the stack, and
// whether the state tells all that it did.
func (h *healing) condition(out *stream, result process.Result, before time.Time) (text string, ended bool) {
	const look = "look at it before anything else is applied"
	switch {
	case result.Code != exitFailed:
		how := fmt.Sprintf("ended with status %d", result.Code)
		if result.Signal != 0 {
			how = fmt.Sprintf("was ended by a signal (%s)", result.Signal)
		}
		return "terraform " + how + ", so its state may still be locked and may lack what was done last: " + look, false
	case out.begins([]string{"Error releasing the state lock"}):
		return "the state is written, and stays locked until someone removes the lock with terraform force-unlock", true
	case h.modified().Equal(before):
		return "terraform has come to its own end, before which it writes the state and releases the lock", true
	}
	kept, err := h.keepState()
	if err != nil {
		h.task.log.Error("the state that an apply could not write stays in the directory of the stack", "stack", h.stack.name(), "error", err)
		kept = h.erroredState()
	}
	return "terraform could not write its state to where it belongs, so that lacks what was done: it is in " + kept + ". Put it there with terraform state push, and " + look, false
}

// erroredState is the file in which terraform leaves a state that it can't
// write to where it belongs.
func (h *healing) erroredState() string { return filepath.Join(h.stack.dir, "errored.tfstate") }

// modified is when that file was last written, zero where there is none.
func (h *healing) modified() time.Time {
	info, err := os.Stat(h.erroredState())
	if err != nil {
		return time.Time{}
	}
	return info.ModTime()
}

// keepState takes the file out of the directory of the stack, which a checkout
// of the next commit would replace, and returns where it is.
func (h *healing) keepState() (kept string, err error) {
	name := fmt.Sprintf("errored.%s.%d.tfstate", h.stack.workspace, h.record.Remedies.last().Unix())
	kept = filepath.Join(h.run.dirs.keep, name)
	data, err := os.ReadFile(h.erroredState())
	if err != nil {
		return "", err
	}
	if err := atomicfile.Write(context.Background(), kept, bytes.NewReader(data),
		atomicfile.Options{Meta: atomicfile.Meta{Mode: 0o600, UID: -1, GID: -1}}); err != nil {
		return "", err
	}
	return kept, os.Remove(h.erroredState())
}
