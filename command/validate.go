package command

import (
	"context"
	"os"

	"github.com/driftless-hq/driftless/config/eval"
	"github.com/driftless-hq/driftless/internal/secret/redact"
)

func runValidate(ctx context.Context, e env) int {
	path, err := configPath(e.flags.String("config"))
	if err != nil {
		e.Error(err)
		return exitError
	}
	given, err := variables(e.flags.StringSlice("var"), os.Environ())
	if err != nil {
		e.Error(err)
		return exitError
	}
	l, diags := e.loadFrom(ctx, path, redact.New(), eval.Inputs{Variables: given, Facts: declared{e.host()}, Secrets: named{}})
	blocks := 0
	if l != nil {
		blocks = l.graph.Config.BlockCount()
		if err := l.plugins.close(); err != nil {
			e.Error(err)
		}
	}
	e.Validation(diags, blocks)
	if diags.HasErrors() {
		return exitError
	}
	return exitOK
}
