package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"sync/atomic"
	"time"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/config/addr"
	"github.com/driftless-hq/driftless/internal/audit"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/state"
	"github.com/driftless-hq/driftless/plugin"
)

func runApply(ctx context.Context, e env) int {
	if e.flags.Bool("dry-run") {
		if e.flags.Args().Present() {
			e.Error(errors.New("-dry-run plans anew and takes no plan file"))
			return exitError
		}
		return runPlan(ctx, e)
	}
	e.Begin()
	e.issues = true
	l, saved := e.loadForApply(ctx)
	if l == nil {
		return exitError
	}
	defer l.close(e)
	part, ok := e.partFor(l, saved)
	if !ok {
		return exitError
	}
	code, err := e.apply(ctx, l, part, saved)
	if err != nil {
		e.Error(err)
		return exitError
	}
	return code
}

// loadForApply loads the configuration of the flags, or that of a saved plan.
func (e env) loadForApply(ctx context.Context) (*loaded, *plan.File) {
	if !e.flags.Args().Present() {
		return e.load(ctx), nil
	}
	l, f, err := e.loadSaved(ctx, e.flags.Args().First())
	if err != nil {
		e.Error(err)
		return nil, nil
	}
	return l, f
}

// apply plans under the lock of the host, asks, and applies.
func (e env) apply(ctx context.Context, l *loaded, part plan.Selection, saved *plan.File) (int, error) {
	dataDir, err := l.dataDir()
	if err != nil {
		return exitError, err
	}
	release, err := e.lock(ctx, dataDir)
	switch {
	case err != nil && ctx.Err() != nil:
		return exitInterrupted, nil
	case err != nil:
		return exitError, err
	}
	defer release() //nolint:errcheck // the kernel releases it at the latest when the process ends
	key, err := state.Key(dataDir)
	if err != nil {
		return exitError, err
	}
	planned := time.Now()
	if saved != nil {
		planned = saved.Created
		if err := l.checkVariableFiles(saved, key); err != nil {
			return exitError, err
		}
	}
	s, progress, finish := e.session(l, part, dataDir, planned)
	defer finish()
	s.Audit, s.Key = audit.Open(dataDir, audit.Options{Actor: actor()}).Append, key
	p, planDiags := s.Plan(ctx)
	e.Diagnostics(planDiags)
	if p == nil || ctx.Err() != nil {
		return planCode(ctx, planDiags, p, false), nil
	}
	if saved != nil {
		if err := saved.Check(p, key); err != nil {
			return exitError, err
		}
	}
	e.Plan(p)
	if !p.Summary().HasChanges() {
		return planCode(ctx, planDiags, p, false), e.remember(dataDir, key, s.Unchanged(p))
	}
	if saved == nil && !e.approved(ctx) {
		if ctx.Err() != nil {
			return exitInterrupted, nil
		}
		return exitError, nil
	}
	results, code := e.carryOut(ctx, s, progress, p)
	if code == exitOK && planDiags.HasErrors() {
		code = exitError
	}
	return code, e.remember(dataDir, key, results)
}

// carryOut applies a plan. The first signal to end has it begin no further
// step, the second ends those that run.
func (e env) carryOut(ctx context.Context, s *plan.Session, progress *view.Progress, p *plan.Plan) ([]plan.Result, int) {
	var stopped atomic.Bool
	e.signals.mild(func() {
		stopped.Store(true)
		s.Stop()
		progress.Stopping()
	}, progress.Ending)
	began := time.Now()
	results, diags := s.Apply(ctx, p)
	e.Diagnostics(diags)
	e.Recap(p, results, time.Since(began))
	if stopped.Load() || ctx.Err() != nil {
		return results, exitInterrupted
	}
	return results, applyCode(diags, results)
}

// actor is who runs the command, for the account of what was applied.
func actor() string {
	if u, err := user.Current(); err == nil {
		return u.Username
	}
	return fmt.Sprintf("uid %d", os.Geteuid())
}

// approvedRemedies approves of the remedies that the plan holds: a person reads
// it, and says yes or hands over the file. With -auto-approve nobody has, so
// that those which need an approval are left alone.
func (e env) approvedRemedies() func(addr.Addr) []string {
	if e.flags.Bool("auto-approve") && !e.flags.Args().Present() {
		return nil
	}
	return func(addr.Addr) []string { return []string{plugin.ApproveAll} }
}

// approved reports whether the changes may be made.
func (e env) approved(ctx context.Context) bool {
	switch {
	case e.flags.Bool("auto-approve"):
		return true
	case e.IsJSON() || !e.Interactive():
		e.Error(errors.New("nobody is there to approve the plan; nothing was changed. Say -auto-approve, or save the plan with plan -out and apply that"))
		return false
	case !e.Confirm(ctx):
		e.Progress("Nothing was changed.")
		return false
	}
	return true
}

func applyCode(diags hcl.Diagnostics, results []plan.Result) int {
	if diags.HasErrors() {
		return exitError
	}
	for _, r := range results {
		if r.Outcome == plan.Broken || r.Outcome == plan.LeftOut {
			return exitError
		}
	}
	return exitOK
}

// remember keeps what the host is now in accord with.
func (e env) remember(dataDir string, key []byte, results []plan.Result) error {
	records := state.NewRecords(dataDir)
	old, err := records.Load()
	if err != nil {
		return err
	}
	return records.Save(plan.Records(old, results, key, time.Now()))
}
