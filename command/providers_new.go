package command

import (
	"context"
	"fmt"
	"path"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/scaffold"
)

// providersNew is the command that begins a new provider.
func providersNew(streams view.Streams) *cli.Command {
	return &cli.Command{
		Name:        "new",
		Usage:       "write the project of a new provider in Go",
		Description: newProviderHelp,
		ArgsUsage:   "NAME",
		Flags: flags(outputFlags(), []cli.Flag{
			&cli.StringFlag{Name: "dir", Usage: "write into `DIR`, instead of driftless-plugin-NAME"},
			&cli.StringFlag{Name: "module", Usage: "the `MODULE` path in go.mod, instead of example.com/driftless-plugin-NAME"},
		}),
		Action: action(streams, runProvidersNew),
	}
}

const newProviderHelp = `The project has a task, a collector, and tests that pass: something to change rather than to
begin with. It is written into a directory that is empty or isn't there. How to go on from it
is told in the guide "Writing a provider".`

func runProvidersNew(ctx context.Context, e env) int {
	name := e.flags.Args().First()
	if name == "" {
		e.UsageError(usageError{"Name the provider, as in: driftless providers new acme.", "providers new"})
		return exitError
	}
	if err := checkFree(ctx, name); err != nil {
		e.Error(err)
		return exitError
	}
	p := scaffold.Provider{Name: name}
	dir := orElse(e.flags.String("dir"), p.Executable())
	p.Module = orElse(e.flags.String("module"), path.Join("example.com", p.Executable()))
	files, err := scaffold.Write(dir, p)
	if err != nil {
		e.Error(err)
		return exitError
	}
	e.NewProvider(view.NewProvider{Name: name, Dir: dir, Module: p.Module, Files: files, Executable: p.Executable()})
	return exitOK
}

// checkFree refuses the name of a built-in provider, which no configuration
// could tell from the new one.
func checkFree(ctx context.Context, name string) error {
	c, err := builtinCatalog(ctx)
	if err != nil {
		return err
	}
	defer c.Close() //nolint:errcheck // it has opened nothing
	for _, m := range c.Manifests() {
		if m.Name == name {
			return fmt.Errorf("%q is the name of a built-in provider. Choose another, such as my-%s", name, name)
		}
	}
	return nil
}

func orElse(given, otherwise string) string {
	if given == "" {
		return otherwise
	}
	return given
}
