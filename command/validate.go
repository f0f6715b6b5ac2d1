package command

import (
	"context"

	"github.com/hashicorp/hcl/v2"

	"github.com/driftless-hq/driftless/config/eval"
)

func runValidate(ctx context.Context, e env) int {
	l, diags, err := e.loadDeclared(ctx)
	if err != nil {
		e.Error(err)
		return exitError
	}
	blocks := 0
	if l != nil {
		blocks = len(l.graph.Written())
	}
	e.Validation(diags, blocks)
	if diags.HasErrors() {
		return exitError
	}
	return exitOK
}

// loadDeclared reads the configuration that the flags name without touching
// the host or the network. There is nothing to be closed.
func (e env) loadDeclared(ctx context.Context) (*loaded, hcl.Diagnostics, error) {
	path, err := configPath(e.flags.String("config"))
	if err != nil {
		return nil, nil, err
	}
	l, diags := e.loadFrom(ctx, path, eval.Inputs{Facts: declared{e.host()}, Secrets: named{}})
	if l != nil {
		err = l.plugins.close()
	}
	return l, diags, err
}
