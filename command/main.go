// Package command is the command line of driftless: one file per command, a
// table of them in commands.go, and no more logic than it takes to put the
// parts together.
package command

import (
	"context"
	"errors"
	"os"
	"os/signal"
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
	exitInterrupted = 130
)

// exit carries the exit code of a command that has said all there is to say.
type exit int

func (e exit) Error() string { return "" }

// Main runs the command line and returns the exit code.
func Main(args []string, streams view.Streams) int {
	ctx, stop := interruptible()
	defer stop()
	app := newApp(streams)
	err := app.Run(ctx, args)
	var code exit
	switch {
	case err == nil:
		return exitOK
	case errors.As(err, &code):
		return int(code)
	}
	view.New(streams, view.Options{NoColor: true, Now: time.Now}).Error(err)
	return exitError
}

// interruptible returns a context that the first SIGINT or SIGTERM ends, so
// that a command can stop in good order. The second ends the process at once.
func interruptible() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		cancel()
		<-signals
		os.Exit(exitInterrupted)
	}()
	return ctx, func() {
		signal.Stop(signals)
		cancel()
	}
}

func newApp(streams view.Streams) *cli.Command {
	cli.VersionPrinter = nil
	return &cli.Command{
		Name:                  "driftless",
		Usage:                 "keep machines and clouds from drifting",
		Description:           "Flags are written with one dash or two. Results go to the standard output,\nprogress and problems to the standard error.",
		HideVersion:           true,
		Suggest:               true,
		Writer:                streams.Out,
		ErrWriter:             streams.Err,
		ExitErrHandler:        func(context.Context, *cli.Command, error) {},
		OnUsageError:          func(_ context.Context, _ *cli.Command, err error, _ bool) error { return usageError{err} },
		CommandNotFound:       nil,
		Commands:              commands(streams),
		EnableShellCompletion: false,
		Action: func(ctx context.Context, c *cli.Command) error {
			if c.Args().Present() {
				return unknownCommand(c, c.Args().First())
			}
			return cli.ShowAppHelp(c)
		},
	}
}

// usageError is a mistake in how a command was called.
type usageError struct{ error }

func (e usageError) Error() string { return e.error.Error() + "; see driftless COMMAND -help" }
