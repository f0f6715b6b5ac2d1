package agent

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/eval"
)

var errStopping = errors.New("the agent is stopping, and doesn't read its configuration again")

// Reload implements [api.Backend]. It has the loop read the configuration
// again. When that isn't valid nothing changes, and the error says why.
func (a *Agent) Reload(ctx context.Context) error {
	outcome := make(chan error, 1)
	select {
	case a.requests <- outcome:
	case <-a.ended:
		return errStopping
	case <-ctx.Done():
		return fmt.Errorf("wait for the agent's turn to reload: %w", ctx.Err())
	}
	return a.Hidden.Error(<-outcome) // a reload that has begun is completed
}

func (a *Agent) reload(ctx context.Context) error {
	err := a.tryReload(ctx)
	a.board.reloaded(err)
	if err != nil {
		a.Log.Error("the configuration was not reloaded; what ran goes on", "error", err)
		return err
	}
	a.Log.Info("the configuration was reloaded")
	return nil
}

func (a *Agent) tryReload(ctx context.Context) error {
	graph, diags := a.Load(ctx)
	if graph == nil {
		return diagnosticsError("the configuration is not valid", diags)
	}
	err := a.checkSettings(graph.Agent)
	if err == nil {
		err = a.sync(ctx, graph)
	}
	if err != nil && a.Adopted != nil {
		a.Adopted(a.graph.Load()) // what the other one needs can go
	}
	return err
}

// checkSettings refuses what a running agent can't change. To apply the rest
// would be worse: the commands would use another data directory than the
// agent, and with it another lock.
func (a *Agent) checkSettings(s eval.Agent) error {
	const restart = "%s in the agent block changed from %q to %q, which takes a restart of the agent; nothing was changed"
	switch {
	case s.DataDir != a.settings.DataDir:
		return fmt.Errorf(restart, "data_dir", a.settings.DataDir, s.DataDir)
	case s.Listen != a.settings.Listen:
		return fmt.Errorf(restart, "listen", a.settings.Listen, s.Listen)
	case !equal(s.TLS, a.settings.TLS):
		return errors.New("the block tls in the agent block changed, which takes a restart of the agent; nothing was changed")
	}
	return nil
}

// diagnosticsError makes one line of the first error.
func diagnosticsError(what string, diags hcl.Diagnostics) error {
	errs := diags.Errs()
	if len(errs) == 0 {
		return errors.New(what)
	}
	text := what + ": " + errs[0].Error()
	if len(errs) > 1 {
		text += fmt.Sprintf(" (the first of %d errors)", len(errs))
	}
	return errors.New(text)
}

// equal reports whether both are nil, or the same.
func equal[T comparable](x, y *T) bool {
	return x == y || x != nil && y != nil && *x == *y
}
