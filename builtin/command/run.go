package command

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/internal/secret/redact"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// settings are how the command and its guards are run.
type settings struct {
	dir        string
	env        []string
	credential *process.Credential
	umask      *uint32
	hidden     *redact.Redactor

	guardTimeout time.Duration
}

func (t *task) settings() (settings, plugin.Diagnostics) {
	c := &t.config
	s := settings{dir: c.Cwd, hidden: redact.New(append(slices.Collect(maps.Values(c.Env)), deref(c.Stdin))...), guardTimeout: defaultGuardTimeout}
	if c.User != "" || c.Group != "" {
		var err error
		if s.credential, err = process.LookupCredential(c.User, c.Group); err != nil {
			return s, plugin.Error(plugin.Attr("user"), "User can't be taken on", "The command can't be run as this user and group: %s.", err)
		}
	}
	if c.Umask != nil {
		umask, err := schema.ParseMode(*c.Umask)
		if err != nil {
			return s, plugin.Error(plugin.Attr("umask"), "Invalid umask", "%s.", err)
		}
		s.umask = &umask
	}
	s.env = process.Environment(s.credential, c.Env)
	return s, nil
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

func (s settings) spec(args []string) process.Spec {
	return process.Spec{Args: args, Dir: s.dir, Env: s.env, Credential: s.credential, Umask: s.umask}
}

// run runs the command and judges it.
func (t *task) run(ctx context.Context, s settings) (outcome, plugin.Diagnostics) {
	args, attribute := t.config.Command, "command"
	if t.config.Shell != nil {
		args, attribute = []string{"/bin/sh", "-c", *t.config.Shell}, "shell"
	}
	spec := s.spec(args)
	spec.MaxOutput = int(t.config.MaxOutput)
	if t.config.Stdin != nil {
		spec.Stdin = []byte(*t.config.Stdin)
	}
	result, err := process.Run(ctx, spec)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return outcome{}, plugin.Error(plugin.Attr(attribute), "Program not found",
			"The program was not found: %s. Install it with a task that this one depends on, or give its full path.", err)
	case err != nil:
		return outcome{}, plugin.Error(plugin.Attr(attribute), "Command can't be run", "%s.", s.hidden.Error(err))
	}
	done := outcome{rc: exitStatus(result), stdout: text(result.Stdout), stderr: text(result.Stderr)}
	return t.judge(s, result, done, attribute)
}

// linesOfError is how much of stderr an error shows.
const linesOfError = 20

// exitStatus is as in the shell.
func exitStatus(result process.Result) int {
	if result.Signal != 0 {
		return 128 + int(result.Signal)
	}
	return result.Code
}

func text(output []byte) string { return strings.ToValidUTF8(string(output), "\uFFFD") }

func (t *task) judge(s settings, result process.Result, done outcome, attribute string) (outcome, plugin.Diagnostics) {
	failed, diags := t.decide("failed_when", t.config.FailedWhen, done, done.rc != 0)
	if diags.HasErrors() {
		return outcome{}, diags
	}
	if failed {
		err := result.Err()
		if err == nil {
			err = fmt.Errorf("it exited with status 0, but failed_when is true. The end of its stderr:\n%s", process.LastLines(result.Stderr, linesOfError))
		}
		return outcome{}, plugin.Error(plugin.Attr(attribute), "Command failed", "%s", s.hidden.Error(err))
	}
	done.changed, diags = t.decide("changed_when", t.config.ChangedWhen, done, true)
	return done, diags
}

// decide evaluates an expression over what the run left.
func (t *task) decide(name string, expr schema.Self, done outcome, otherwise bool) (bool, plugin.Diagnostics) {
	if expr.Eval == nil {
		return otherwise, nil
	}
	v, err := expr.Eval(cty.ObjectVal(map[string]cty.Value{
		"rc":     cty.NumberIntVal(int64(done.rc)),
		"stdout": cty.StringVal(done.stdout),
		"stderr": cty.StringVal(done.stderr),
	}))
	if err != nil {
		return false, plugin.Error(plugin.Attr(name), "Expression failed",
			"The command was run and exited with %d, but %s can't be evaluated: %s.", done.rc, name, err)
	}
	if v, _ = v.Unmark(); v.IsKnown() && !v.IsNull() && v.Type() == cty.Bool {
		return v.True(), nil
	}
	return false, plugin.Error(plugin.Attr(name), "Expression is not true or false",
		"The command was run and exited with %d, but %s is neither true nor false.", done.rc, name)
}

// checkPaths warns when the run didn't do what creates and removes say that
// it does, because then it is run again next time.
func (t *task) checkPaths() plugin.Diagnostics {
	var diags plugin.Diagnostics
	if path := t.config.Creates; path != "" {
		if there, err := exists(os.Lstat(path)); err == nil && !there {
			diags = append(diags, plugin.Warning(plugin.Attr("creates"), "Path was not created",
				"The command was run, but %s still doesn't exist, so it will run again. Correct the path or the command.", path)...)
		}
	}
	if path := t.config.Removes; path != "" {
		if there, err := exists(os.Lstat(path)); err == nil && there {
			diags = append(diags, plugin.Warning(plugin.Attr("removes"), "Path was not removed",
				"The command was run, but %s still exists, so it will run again. Correct the path or the command.", path)...)
		}
	}
	return diags
}
