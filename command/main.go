// Package command is the command line of driftless: one file per command, a
// table of them in commands.go, and no more logic than it takes to put the
// parts together.
package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
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
	exitUnread      = 141 // as of a program that ends because nobody reads what it writes
)

// exit carries the exit code of a command that has said all there is to say.
type exit int

func (e exit) Error() string { return "" }

// Main runs the command line and returns the exit code.
func Main(args []string, streams view.Streams) int {
	// A write that nobody reads is an error like others, and doesn't kill the
	// process in the midst of an apply. To ignore the signal would do that too,
	// and hand it on to all processes that tasks start.
	signal.Notify(make(chan os.Signal, 1), syscall.SIGPIPE)
	if len(args) > 1 && args[1] == completeCommand {
		complete(context.Background(), streams.Out, commands(streams), args[2:])
		return exitOK
	}
	v := view.New(streams, view.Options{JSON: asked(args, "json"), NoColor: asked(args, "no-color"), Now: time.Now})
	err := runApp(newApp(streams, v), habits(args))
	var code exit
	switch {
	case err == nil:
		return delivered(v, exitOK) // of help
	case errors.As(err, &code):
		return int(code)
	}
	v.UsageError(err)
	return delivered(v, exitError)
}

// prepare gives a command what all commands have.
func prepare(c *cli.Command, name string, v *view.View) {
	c.OnUsageError = onUsageError
	c.CustomHelpTemplate = commandHelp(c, name, v)
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

func runApp(app *cli.Command, args []string) error {
	if len(args) > 1 && !strings.HasPrefix(args[1], "-") && app.Command(args[1]) == nil {
		return unknownCommand(app, args[1]) // whatever comes after it
	}
	return app.Run(context.Background(), args)
}

// asked reports whether a command line that could not be read has a flag.
func asked(args []string, flag string) bool {
	return slices.ContainsFunc(args, func(arg string) bool { return arg == "-"+flag || arg == "--"+flag })
}

// habits turns what users of other programs type into what it is called here.
func habits(args []string) []string {
	if len(args) < 2 {
		return args
	}
	switch args[1] {
	case "help":
		return slices.Concat(args[:1], args[2:], []string{"-help"})
	case "-v", "-version", "--version":
		return slices.Concat(args[:1], []string{"version"}, args[2:])
	}
	return args
}

func newApp(streams view.Streams, v *view.View) *cli.Command {
	all := commands(streams)
	for _, c := range all {
		prepare(c, c.Name, v)
		for _, sub := range c.Commands {
			prepare(sub, c.Name+" "+sub.Name, v)
			sub.Hidden = true // from the library's own help, which would take the place of ours
		}
	}
	return &cli.Command{
		Name:                          "driftless",
		HideVersion:                   true,
		HideHelpCommand:               true,
		Writer:                        v.Results,
		ErrWriter:                     streams.Err,
		ExitErrHandler:                func(context.Context, *cli.Command, error) {},
		OnUsageError:                  onUsageError,
		Commands:                      all,
		CustomRootCommandHelpTemplate: rootHelp(all, v),
		DisableSliceFlagSeparator:     true,
		Action: func(_ context.Context, c *cli.Command) error {
			if c.Args().Present() { // after -- for example
				return unknownCommand(c, c.Args().First())
			}
			return cli.ShowRootCommandHelp(c)
		},
	}
}
