package command

import (
	"context"
	"io"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/builtin"
	"github.com/driftless-hq/driftless/builtin/logs"
	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/catalog"
	"github.com/driftless-hq/driftless/internal/facts"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Table returns the table of all commands, for the reference pages.
func Table() []*cli.Command { return commands(view.Streams{}) }

// Providers returns what the provider blocks can hold, by name, for the
// reference pages.
func Providers() map[string]*schema.Block { return providers() }

// Facts returns what is known of a host, by group, for the reference pages.
func Facts() []schema.Nested {
	host := facts.New(facts.Options{})
	var groups []schema.Nested
	for _, name := range host.Names() {
		if group, ok := host.Doc(name); ok {
			groups = append(groups, group)
		}
	}
	return groups
}

// Types returns all types that the built-in providers offer, for the
// reference pages.
func Types(ctx context.Context) ([]plugin.Type, error) {
	parts := builtin.Parts{Stdout: io.Discard, Stderr: io.Discard, Tap: logs.NewTap(tapEntries, time.Now)}
	c, err := catalog.New(ctx, builtin.Providers(parts)...)
	if err != nil {
		return nil, err
	}
	var types []plugin.Type
	for _, m := range c.Manifests() {
		types = append(types, m.Types...)
	}
	return types, c.Close()
}
