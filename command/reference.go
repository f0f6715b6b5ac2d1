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
	"github.com/driftless-hq/driftless/internal/reference"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
	"github.com/driftless-hq/driftless/website/examples"
)

// Table returns the table of all commands, for the reference pages.
func Table() []*cli.Command { return commands(view.Streams{}) }

// Reference returns what can be written in a configuration, for the reference
// pages and for driftless schema.
func Reference(ctx context.Context) (*reference.Reference, error) {
	c, err := builtinCatalog(ctx)
	if err != nil {
		return nil, err
	}
	defer c.Close() //nolint:errcheck // it has opened nothing
	return reference.New(reference.Input{Manifests: c.Manifests(), Settings: providers(), Facts: factGroups(), Examples: examples.Files()})
}

func factGroups() []schema.Nested {
	host := facts.New(facts.Options{})
	var groups []schema.Nested
	for _, name := range host.Names() {
		if group, ok := host.Doc(name); ok {
			groups = append(groups, group)
		}
	}
	return groups
}

// Types returns all types that the built-in providers offer.
func Types(ctx context.Context) ([]plugin.Type, error) {
	c, err := builtinCatalog(ctx)
	if err != nil {
		return nil, err
	}
	var types []plugin.Type
	for _, m := range c.Manifests() {
		types = append(types, m.Types...)
	}
	return types, c.Close()
}

// builtinCatalog knows the built-in providers, which have nowhere to write to.
func builtinCatalog(ctx context.Context) (*catalog.Catalog, error) {
	parts := builtin.Parts{Stdout: io.Discard, Stderr: io.Discard, Tap: logs.NewTap(tapEntries, time.Now)}
	return catalog.New(ctx, builtin.Providers(parts)...)
}
