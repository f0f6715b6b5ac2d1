package command

import (
	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/command/view"
)

// providerCommands is the table of what providers can be told to do.
func providerCommands(streams view.Streams) []*cli.Command {
	return []*cli.Command{
		{
			Name:   "list",
			Usage:  "list the providers that are required and those that are installed",
			Flags:  flags(configFlags(), outputFlags()),
			Action: action(streams, runProvidersList),
		},
		{
			Name:        "lock",
			Usage:       "trust the providers that are installed now",
			Description: lockHelp,
			Flags:       flags(configFlags(), outputFlags()),
			Action:      action(streams, runProvidersLock),
		},
		{
			Name:      "install",
			Usage:     "copy providers to where they are found",
			ArgsUsage: "PATH",
			Flags: flags(outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "system", Usage: "install for all users, in " + systemPluginDir},
			}),
			Action: action(streams, runProvidersInstall),
		},
		{
			Name:      "mirror",
			Usage:     "copy the providers that are locked to a directory, for machines without them",
			ArgsUsage: "DIR",
			Flags:     flags(configFlags(), outputFlags()),
			Action:    action(streams, runProvidersMirror),
		},
		providersNew(streams),
	}
}

const lockHelp = `For each provider that the configuration requires, the highest version that is
installed and fits goes into driftless.lock.hcl beside the configuration, with
its hash. Nothing else is ever run. Keep the file under version control; on a
machine of another kind, run the command again to add its hashes.`
