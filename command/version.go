package command

import (
	"context"
	"encoding/json"
	"runtime"

	"github.com/driftless-hq/driftless/internal/version"
)

func runVersion(_ context.Context, e env) int {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	if !e.IsJSON() {
		e.Print("driftless %s\non %s\n", version.Number, platform)
		return exitOK
	}
	out, err := json.MarshalIndent(map[string]string{
		"driftless_version": version.Number,
		"commit":            version.Commit(),
		"platform":          platform,
		"go_version":        runtime.Version(),
	}, "", "  ")
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.Print("%s\n", out)
	return exitOK
}
