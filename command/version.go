package command

import (
	"context"
	"runtime"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/internal/reference"
	"github.com/driftless-hq/driftless/internal/version"
)

func runVersion(_ context.Context, e env) int {
	platform := runtime.GOOS + "_" + runtime.GOARCH
	if !e.IsJSON() {
		e.Print("driftless %s\non %s\n", version.Number, platform)
		return exitOK
	}
	err := e.writeJSON(struct {
		Version  string            `json:"driftless_version"`
		Commit   string            `json:"commit"`
		Platform string            `json:"platform"`
		Go       string            `json:"go_version"`
		Formats  map[string]string `json:"formats"`
	}{
		Version:  version.Number,
		Commit:   version.Commit(),
		Platform: platform,
		Go:       runtime.Version(),
		Formats:  map[string]string{"output": view.FormatVersion, "plan_file": plan.FileFormat, "schema": reference.FormatVersion},
	})
	if err != nil {
		e.Error(err)
		return exitError
	}
	return exitOK
}
