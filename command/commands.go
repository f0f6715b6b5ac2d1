package command

import (
	"context"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/driftless-hq/driftless/command/view"
	"github.com/driftless-hq/driftless/internal/history"
)

// commands is the table of all commands.
func commands(streams view.Streams) []*cli.Command {
	return []*cli.Command{
		{
			Name:   "validate",
			Usage:  "check a configuration without touching the host or the network",
			Flags:  flags(configFlags(), outputFlags()),
			Action: action(streams, runValidate),
		},
		{
			Name:  "plan",
			Usage: "show what would change",
			Flags: flags(configFlags(), selectionFlags(), outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when there are changes, 0 when there are none"},
				&cli.StringFlag{Name: "out", Usage: "save the plan to `FILE`, for apply"},
			}),
			Action: action(streams, runPlan),
		},
		{
			Name:      "apply",
			Usage:     "bring the host to the declared state",
			ArgsUsage: "[PLANFILE]",
			Flags: flags(configFlags(), selectionFlags(), outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "auto-approve", Usage: "don't ask before changing anything"},
				&cli.BoolFlag{Name: "dry-run", Usage: "only plan"},
				&cli.DurationFlag{Name: "lock-timeout", Usage: "how long to wait while another process changes this host: a `DURATION` such as 30s"},
			}),
			Action: action(streams, runApply),
		},
		{
			Name:  "agent",
			Usage: "run the long-lived agent",
			Flags: flags(configFlags(), logFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "dev", Usage: "run a demonstration in a temporary directory, on the loopback interface only"},
			}),
			Action: action(streams, runAgent),
		},
		{
			Name:  "drift",
			Usage: "show what is not as declared, as the agent knows it, and since when",
			Flags: flags(configFlags(), clientFlags(), outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "ignored", Usage: "show also the differences that are ignored, and which rule or line of .driftignore that is by"},
				&cli.BoolFlag{Name: "detailed-exitcode", Usage: "exit with 2 when something is not as declared, 1 when something could not be checked, 0 when all is as declared"},
			}),
			Action: action(streams, runDrift),
		},
		{
			Name:  "history",
			Usage: "show what has drifted, was resolved or has failed, the newest first",
			Flags: flags(configFlags(), clientFlags(), outputFlags(), []cli.Flag{
				&cli.StringFlag{Name: "task", Usage: "only what happened to the task with this `ADDRESS`"},
				&cli.StringFlag{Name: "stack", Usage: "only what happened to the stack with this `NAME`"},
				oneOf(&cli.StringFlag{Name: "event", Usage: "only this `EVENT`"}, eventNames()...),
				&cli.StringFlag{Name: "since", Usage: "only what is not older than a `DURATION` such as 24h, or a time"},
				&cli.IntFlag{Name: "limit", Value: 100, Usage: "at most this `NUMBER`"},
			}),
			Action: action(streams, runHistory),
		},
		{
			Name:        "approve",
			Usage:       "let the agent apply a remedy that awaits approval, once",
			Description: approveHelp,
			ArgsUsage:   "ID",
			Flags: flags(configFlags(), clientFlags(), outputFlags(), []cli.Flag{
				&cli.StringFlag{Name: "reason", Usage: "why, as a `TEXT` for the account of what was applied"},
				&cli.StringFlag{Name: "lasts", Value: "24h", Usage: "for how long it may be used, a `DURATION` such as 2h, of 7d at most"},
				&cli.BoolFlag{Name: "revoke", Usage: "take back an approval that was not used yet"},
			}),
			Action: action(streams, runApprove),
		},
		{
			Name:        "acknowledge",
			Usage:       "say that a drift is known, so that it is not told again for a time",
			Description: acknowledgeHelp,
			ArgsUsage:   "ID",
			Flags: flags(configFlags(), clientFlags(), outputFlags(), []cli.Flag{
				&cli.StringFlag{Name: "reason", Usage: "why, as a `TEXT` for those who read it later"},
				&cli.StringFlag{Name: "lasts", Value: "7d", Usage: "for how long, a `DURATION` such as 12h, of 90d at most"},
				&cli.BoolFlag{Name: "revoke", Usage: "take it back, so that the drift is told again"},
			}),
			Action: action(streams, runAcknowledge),
		},
		{
			Name:  "graph",
			Usage: "show what depends on what",
			Flags: flags(configFlags(), outputFlags(), []cli.Flag{
				oneOf(&cli.StringFlag{Name: "format", Value: "dot", Usage: "the `FORMAT` of the graph"}, "dot", "mermaid", "json"),
			}),
			Action: action(streams, runGraph),
		},
		{
			Name:      "facts",
			Usage:     "show the facts of this host",
			ArgsUsage: "[GROUP ...]",
			Flags: flags(outputFlags(), []cli.Flag{
				oneOf(&cli.StringFlag{Name: "format", Value: "text", Usage: "the `FORMAT`"}, "text", "json", "prometheus"),
			}),
			Action: action(streams, runFacts),
		},
		{
			Name:        "fmt",
			Usage:       "lay out files in the canonical form, with nothing changed but white space",
			Description: fmtHelp,
			ArgsUsage:   "[PATH ...]",
			Flags: flags(outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "check", Usage: "write nothing, and exit with 3 when a file is not formatted"},
				&cli.BoolFlag{Name: "diff", Usage: "show what changes"},
				&cli.BoolFlag{Name: "recursive", Usage: "go into subdirectories too"},
			}),
			Action: action(streams, runFmt),
		},
		{
			Name:        "completion",
			Usage:       "print a script that completes commands in a shell",
			Description: completionHelp,
			ArgsUsage:   "bash|zsh|fish",
			Action:      action(streams, runCompletion),
		},
		{
			Name:      "console",
			Usage:     "evaluate expressions over a configuration",
			ArgsUsage: "[EXPR]",
			Flags: flags(configFlags(), outputFlags(), []cli.Flag{
				&cli.BoolFlag{Name: "plan", Usage: "plan first, so that blocks have the values that a plan knows"},
			}),
			Action: action(streams, runConsole),
		},
		{
			Name:     "providers",
			Usage:    "show the providers that a configuration uses; list, lock and install those that aren't built in",
			Flags:    flags(configFlags(), outputFlags()),
			Action:   action(streams, runProviders),
			Commands: providerCommands(streams),
		},
		{
			Name:      "schema",
			Usage:     "show what can be written in a configuration",
			ArgsUsage: "[show [NAME]]",
			Flags: flags(outputFlags(), []cli.Flag{
				&cli.StringFlag{Name: "format", Value: "json", Usage: "the `FORMAT` of the whole: json, or jsonschema for editors"},
			}),
			Action: action(streams, runSchema),
		},
		{
			Name:   "version",
			Usage:  "show the version",
			Flags:  outputFlags(),
			Action: action(streams, runVersion),
		},
	}
}

// env is what a command is run with.
type env struct {
	*view.View
	flags   *cli.Command
	signals *interrupts
	// issues says that the command may have Vault issue what stays, such as a
	// certificate.
	issues bool
	saved  savedVariables
}

// action makes a command of a function that returns an exit code.
func action(streams view.Streams, run func(context.Context, env) int) cli.ActionFunc {
	return func(ctx context.Context, c *cli.Command) error {
		if err := checkArgs(c); err != nil {
			return err
		}
		v := view.New(streams, view.Options{JSON: c.Bool("json"), NoColor: c.Bool("no-color"), Now: time.Now})
		ctx, signals, stop := interruptible(ctx, v.Results.Unread())
		defer stop()
		code := run(ctx, env{View: v, flags: c, signals: signals})
		if code = delivered(v, code); code != exitOK {
			return exit(code)
		}
		return nil
	}
}

// delivered returns the exit code of a command when it is known what became of
// its results. A reader who had enough, such as head, needs no explanation.
func delivered(v *view.View, code int) int {
	switch err := v.Results.Err(); {
	case err == nil:
		return code
	case v.Results.IsUnread():
		return exitUnread
	default:
		v.Undelivered(err)
		return exitError
	}
}

func flags(groups ...[]cli.Flag) []cli.Flag {
	var all []cli.Flag
	for _, g := range groups {
		all = append(all, g...)
	}
	return all
}

// configVariable names the configuration where -config doesn't.
const configVariable = "DRIFTLESS_CONFIG"

func configFlags() []cli.Flag {
	return append([]cli.Flag{
		&cli.StringFlag{Name: "config", Usage: "the `PATH` of the configuration, a directory or a file", Sources: cli.EnvVars(configVariable)},
		&cli.StringFlag{Name: "env-file", Usage: "the `FILE` of secrets, instead of ~/.config/driftless/env"},
		&cli.StringSliceFlag{Name: "plugin-dir", Usage: "look for providers in `DIR` first; may be repeated"},
	}, variableFlags()...)
}

func eventNames() []string {
	var names []string
	for _, event := range history.Events() {
		names = append(names, string(event))
	}
	return names
}

func outputFlags() []cli.Flag {
	return []cli.Flag{
		&cli.BoolFlag{Name: "json", Usage: "write JSON"},
		&cli.BoolFlag{Name: "no-color", Usage: "write without colour"},
	}
}

func logFlags() []cli.Flag {
	return []cli.Flag{
		oneOf(&cli.StringFlag{Name: "log-level", Value: "info", Usage: "the least `LEVEL` that is logged", Sources: cli.EnvVars("DRIFTLESS_LOG")},
			"trace", "debug", "info", "warn", "error"),
		oneOf(&cli.StringFlag{Name: "log-format", Value: "text", Usage: "the `FORMAT` of the log"}, "text", "json"),
	}
}
