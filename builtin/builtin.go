// Package builtin lists the providers that are part of the binary.
package builtin

import (
	"io"

	"github.com/driftless-hq/driftless/builtin/command"
	"github.com/driftless-hq/driftless/builtin/files"
	"github.com/driftless-hq/driftless/builtin/git"
	"github.com/driftless-hq/driftless/builtin/host"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/builtin/sinks"
	"github.com/driftless-hq/driftless/builtin/terraform"
	"github.com/driftless-hq/driftless/internal/version"
	"github.com/driftless-hq/driftless/plugin"
)

// Parts are what the providers use of the process.
type Parts struct {
	Stdout, Stderr io.Writer // of the console sink
	Tap            *logs.Tap // the log of the process, for the agent source
}

// Providers returns all built-in providers.
func Providers(p Parts) []plugin.Provider {
	return []plugin.Provider{
		command.New(),
		files.New(),
		git.New(),
		host.New(host.Options{Version: version.Number}),
		logs.New(p.Tap),
		sinks.New(p.Stdout, p.Stderr),
		terraform.New(),
	}
}
