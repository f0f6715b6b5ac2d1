// Package command is the command line of driftless: one file per command, a
// table of them in commands.go, and no more logic than it takes to put the
// parts together.
package command

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/command/view"
)

// The exit codes.
const (
	exitOK          = 0
	exitError       = 1
	exitChanges     = 2
	exitUnformatted = 3
	exitInterrupted = 130
)

// exit carries the exit code of a command that has said all there is to say.
type exit int

func (e exit) Error() string { return "" }

// Main runs the command line and returns the exit code.
func Main(args []string, streams view.Streams) int {
	if len(args) > 1 && args[1] == completeCommand {
		complete(context.Background(), streams.Out, commands(streams), args[2:])
		return exitOK
	}
	err := newApp(streams).Run(context.Background(), args)
	var code exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	}
	plain := slices.Contains(args, "-no-color") || slices.Contains(args, "--no-color")
	view.New(streams, view.Options{NoColor: plain, Now: time.Now}).UsageError(err)
	return exitError
}

// prepare gives a command what all commands have.
func prepare(c *cli.Command, name string) {
	c.OnUsageError = onUsageError
	c.CustomHelpTemplate = commandHelp(c, name)
	c.HideHelpCommand = true
	c.DisableSliceFlagSeparator = true // the value of a variable may hold commas
	if len(c.Commands) > 0 {
		keepFlags(c.Flags)
	}
}

// keepFlags keeps the flags of a command from the commands below it, which
// would take them and do nothing with them.
func keepFlags(flags []cli.Flag) {
	for _, f := range flags {
		switch f := f.(type) {
		case *cli.BoolFlag:
			f.Local = true
		case *cli.StringFlag:
			f.Local = true
		case *cli.StringSliceFlag:
			f.Local = true
		case *choice:
			f.Local = true
		}
	}
}

func newApp(streams view.Streams) *cli.Command {
	all := commands(streams)
	for _, c := range all {
		prepare(c, c.Name)
		for _, sub := range c.Commands {
			prepare(sub, c.Name+" "+sub.Name)
			sub.Hidden = true // from the library's own help, which would take the place of ours
		}
	}
	return &cli.Command{
		Name:                          "driftless",
		HideVersion:                   true,
		HideHelpCommand:               true,
		Writer:                        streams.Out,
		ErrWriter:                     streams.Err,
		ExitErrHandler:                func(context.Context, *cli.Command, error) {},
		OnUsageError:                  onUsageError,
		Commands:                      all,
		CustomRootCommandHelpTemplate: rootHelp(all),
		DisableSliceFlagSeparator:     true,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return unknownCommand(c, c.Args().First())
			}
			return cli.ShowRootCommandHelp(c)
		},
	}
}
