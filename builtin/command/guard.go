package command

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"github.com/driftless-hq/driftless/internal/process"
	"github.com/driftless-hq/driftless/plugin"
)

// defaultGuardTimeout bounds a guard: it looks at something and should be quick.
const defaultGuardTimeout = 10 * time.Second

// verdict is what the guards say.
type verdict struct {
	run      bool
	fidelity plugin.Fidelity
	reason   string
}

// guard is a command that decides with its exit status.
type guard struct {
	name     string
	args     []string
	runIfErr bool // whether the task runs when the guard exits with non-zero
}

func (t *task) guards() []guard {
	var guards []guard
	if len(t.config.Unless) > 0 {
		guards = append(guards, guard{"unless", t.config.Unless, true})
	}
	if len(t.config.OnlyIf) > 0 {
		guards = append(guards, guard{"only_if", t.config.OnlyIf, false})
	}
	return guards
}

// lstat says whether something is at a path, not following a symbolic link.
type lstat func(path string) (exists bool, err error)

// askPaths asks creates and removes. Where the plan can't tell, it is a run
// that is known after apply.
func (t *task) askPaths(lookAt lstat) (verdict, plugin.Diagnostics) {
	v := verdict{run: true, fidelity: plugin.Exact}
	for _, one := range []struct {
		name, path string
		runIf      bool
	}{{"creates", t.config.Creates, false}, {"removes", t.config.Removes, true}} {
		if one.path == "" {
			continue
		}
		exists, err := lookAt(one.path)
		switch {
		case errors.Is(err, plugin.ErrUnknown):
			v.fidelity, v.reason = plugin.KnownAfterApply, fmt.Sprintf("whether %s exists is known after apply", one.path)
			continue
		case err != nil:
			return v, plugin.Error(plugin.Attr(one.name), "Path can't be looked at",
				"Whether %s exists can't be told: %s. Give the agent access to it, or guard with another path.", one.path, err)
		}
		reason := one.path + " doesn't exist"
		if exists {
			reason = one.path + " exists"
		}
		if exists != one.runIf {
			return verdict{fidelity: plugin.Exact, reason: reason}, nil
		}
		if v.reason == "" {
			v.reason = reason
		}
	}
	return v, nil
}

// askPlanned asks all guards as the tasks planned so far leave the host.
func (t *task) askPlanned(ctx context.Context, host plugin.Host) (verdict, plugin.Diagnostics) {
	v, diags := t.askPaths(func(path string) (bool, error) { return exists(host.Lstat(path)) })
	if diags.HasErrors() || !v.run {
		return v, diags
	}
	guards := t.guards()
	if len(guards) == 0 {
		if t.config.Creates == "" && t.config.Removes == "" {
			return verdict{run: true, fidelity: plugin.Opaque, reason: "no guard"}, t.checkUser(host)
		}
		return v, t.checkUser(host)
	}
	if waiting, diags := t.waitsFor(host, guards); waiting != "" || diags.HasErrors() {
		return verdict{run: true, fidelity: plugin.Predicted, reason: waiting}, diags
	}
	settings, diags := t.settings()
	if diags.HasErrors() {
		return v, diags
	}
	return t.askGuards(ctx, settings, v)
}

// askReal asks all guards of the host as it is.
func (t *task) askReal(ctx context.Context, s settings) (verdict, plugin.Diagnostics) {
	v, diags := t.askPaths(func(path string) (bool, error) { return exists(os.Lstat(path)) })
	if diags.HasErrors() || !v.run {
		return v, diags
	}
	return t.askGuards(ctx, s, v)
}

// exists reads the answer of a look at a path. Nothing is below a file.
func exists[T any](_ T, err error) (bool, error) {
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR) {
		return false, nil
	}
	return err == nil, err
}

// askGuards runs the guards until one is against. What earlier tasks will
// change can't be seen by them, so their word is a prediction.
func (t *task) askGuards(ctx context.Context, s settings, v verdict) (verdict, plugin.Diagnostics) {
	for _, g := range t.guards() {
		code, diags := g.ask(ctx, s)
		if diags.HasErrors() {
			return v, diags
		}
		v.fidelity, v.reason = plugin.Predicted, fmt.Sprintf("%s exits with %d", g.name, code)
		if (code != 0) != g.runIfErr {
			v.run = false
			return v, nil
		}
	}
	return v, nil
}

// ask runs the guard and returns its exit status.
func (g guard) ask(ctx context.Context, s settings) (int, plugin.Diagnostics) {
	bounded, cancel := context.WithTimeout(ctx, s.guardTimeout)
	defer cancel()
	spec := s.spec(g.args)
	spec.MaxOutput = guardOutput
	result, err := process.Run(bounded, spec)
	path := plugin.Attr(g.name)
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return 0, plugin.Error(path, "Guard not found",
			"The program of %s was not found: %s. Install it before this plan, give its full path, or guard with creates or removes, which need no program.", g.name, err)
	case errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil:
		return 0, plugin.Error(path, "Guard timed out",
			"The guard %s took longer than %s. A guard must only look, and be quick.", g.name, s.guardTimeout)
	case err != nil:
		return 0, plugin.Error(path, "Guard can't be run", "The guard %s can't be run: %s.", g.name, s.hidden.Error(err))
	case result.Signal != 0:
		return 0, plugin.Error(path, "Guard failed",
			"The guard %s was ended by a signal, which says neither yes nor no: %s", g.name, s.hidden.Error(result.Err()))
	}
	return result.Code, nil
}

const guardOutput = 16 << 10

// waitsFor names what the guards need and earlier tasks will bring about: they
// can't be asked before Apply then. It is empty when they can be asked now.
func (t *task) waitsFor(host plugin.Host, guards []guard) (string, plugin.Diagnostics) {
	if diags := t.checkUser(host); diags.HasErrors() {
		return "", diags
	}
	if t.config.User != "" || t.config.Group != "" {
		if _, err := process.LookupCredential(t.config.User, t.config.Group); err != nil && !errors.Is(err, process.ErrNotRoot) {
			return "the user is created by an earlier task", nil
		}
	}
	if cwd := t.config.Cwd; cwd != "" && planned(host, cwd) {
		return cwd + " is created by an earlier task", nil
	}
	for _, g := range guards {
		if program := g.args[0]; filepath.IsAbs(program) && planned(host, program) {
			return program + " is created by an earlier task", nil
		}
	}
	return "", nil
}

// planned reports whether a path is there only in the plan.
func planned(host plugin.Host, path string) bool {
	if there, err := exists(os.Lstat(path)); err != nil || there {
		return false
	}
	there, err := exists(host.Lstat(path))
	return there || errors.Is(err, plugin.ErrUnknown)
}

// checkUser refuses a user or group that not even the plan knows.
func (t *task) checkUser(host plugin.Host) plugin.Diagnostics {
	for _, one := range []struct {
		name, value string
		find        func(string) (int, error)
	}{{"user", t.config.User, host.UserID}, {"group", t.config.Group, host.GroupID}} {
		if one.value == "" {
			continue
		}
		if _, err := one.find(one.value); err != nil && !errors.Is(err, plugin.ErrUnknown) {
			return plugin.Error(plugin.Attr(one.name), "Unknown user or group",
				"There is no %s %s: %s. Create it with a task that this one depends on.", one.name, one.value, err)
		}
	}
	return nil
}
