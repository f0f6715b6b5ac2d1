package command

import (
	"context"
	"errors"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/state"
)

func runPlan(ctx context.Context, e env) int {
	e.Begin()
	if e.flags.IsSet("out") && e.flags.String("out") == "" {
		e.Error(errors.New("-out names no file; write it as in -out=FILE"))
		return exitError
	}
	e.issues = e.flags.IsSet("out") // what is saved has to be known
	l := e.load(ctx)
	if l == nil {
		return exitError
	}
	defer l.close(e)
	part, ok := e.partOf(l)
	if !ok {
		return exitError
	}
	dataDir, err := l.dataDir()
	if err != nil {
		e.Error(err)
		return exitError
	}
	s, _, finish := e.session(l, part, dataDir, time.Now())
	defer finish()
	p, diags := s.Plan(ctx)
	e.Diagnostics(diags)
	if p == nil {
		return exitError
	}
	e.Plan(p)
	if out := e.flags.String("out"); out != "" && !diags.HasErrors() {
		if err := l.savePlan(ctx, out, p, s.Planned, dataDir); err != nil {
			e.Error(err)
			return exitError
		}
		e.Progress("\nSaved the plan to %s. To do exactly this: driftless apply %s", out, out)
	}
	return planCode(ctx, diags, p, e.flags.Bool("detailed-exitcode"))
}

func planCode(ctx context.Context, diags hcl.Diagnostics, p *plan.Plan, detailed bool) int {
	switch {
	case ctx.Err() != nil:
		return exitInterrupted
	case diags.HasErrors():
		return exitError
	case detailed && p.Summary().HasChanges():
		return exitChanges
	}
	return exitOK
}

// dataDir returns the data directory, made where it wasn't there.
func (l *loaded) dataDir() (string, error) {
	dir := l.graph.Agent.DataDir
	if dir == "" {
		var err error
		if dir, err = state.DefaultDir(); err != nil {
			return "", err
		}
	}
	return dir, state.MakeDir(dir)
}

// warnings is the log of a command that shows its progress.
func (e env) warnings() hclog.Logger {
	return hclog.New(&hclog.LoggerOptions{Name: "driftless", Level: hclog.Warn, Output: e.Hidden.Writer(e.Err)})
}

// session opens a session with what shows its progress, and a function that
// ends both. Planned is when the plan was made, where it was saved.
func (e env) session(l *loaded, part plan.Selection, dataDir string, planned time.Time) (*plan.Session, *view.Progress, func()) {
	progress := e.Observe()
	s := plan.NewSession(l.graph, l.catalog, plan.Options{
		DataDir:  dataDir,
		Parallel: l.graph.Agent.MaxParallel,
		Part:     part,
		Log:      e.warnings(),
		Now:      time.Now,
		Planned:  planned,
		Observer: progress,
		Records:  state.NewRecords(dataDir),
		Redact:   l.secrets.hidden.String,
		Approved: e.approvedRemedies(),
	})
	return s, progress, func() {
		progress.Close()
		if err := s.Close(context.Background()); err != nil {
			e.Error(err)
		}
	}
}
