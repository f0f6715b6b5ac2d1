package terraform

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Why a stack is initialised.
const (
	initFirst       = "first"
	initFingerprint = "fingerprint" // what it depends on has changed
	initDiagnostic  = "diagnostic"  // a plan said so
	initAge         = "age"
	initForced      = "forced"
)

// init fetches modules and providers. OpenTofu needs the variables already, of
// which the backend and the sources of modules may be made. It reconfigures the backend rather than
// migrating a state: the data directory is a private one.
func (r *run) init(ctx context.Context) (*stream, error) {
	args, err := r.giveBackendConfig()
	if err := errors.Join(err, r.unlinkProviders()); err != nil {
		return nil, err
	}
	args = slices.Concat([]string{"init", "-input=false", "-no-color"}, args, r.varArgs())
	out, err := r.callInit(ctx, append(args, "-reconfigure"))
	if err != nil && ctx.Err() == nil && out.begins(needsNoReconfigure) {
		if err := r.forgetBackend(); err != nil {
			return nil, err
		}
		out, err = r.callInit(ctx, args)
	}
	r.isTofu = out.engine.name == openTofu
	if err == nil {
		err = r.storeProviders()
	}
	return out, err
}

// needsNoReconfigure is the diagnostic of code with a block cloud, which is no
// backend that could be reconfigured.
var needsNoReconfigure = []string{"Invalid command-line option"}

// forgetBackend does what -reconfigure would: where nothing is known of another
// backend, there is no state to be migrated from it.
func (r *run) forgetBackend() error {
	err := os.Remove(filepath.Join(r.dirs.data, "terraform.tfstate"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// callInit calls the command. Before 1.9 it has no messages, and says what is
// wrong as text.
func (r *run) callInit(ctx context.Context, args []string) (*stream, error) {
	var out stream
	result, err := r.command(ctx, phaseInit, r.limits.Init, &out, nil, append(args, "-json")...)
	if err != nil && ctx.Err() == nil && isUsage(string(result.Stderr)) {
		out = stream{}
		result, err = r.command(ctx, phaseInit, r.limits.Init, &out, nil, args...)
		out.diags = diagnosticsIn(string(result.Stderr))
	}
	return &out, err
}

// isUsage reports whether the command didn't understand its arguments. Some
// versions then say no more than what they would have understood.
func isUsage(said string) bool {
	return strings.Contains(said, "flag provided but not defined: -json") || strings.Contains(said, "[global options] init [options]")
}

// whyInit says why a stack must be initialised before it is planned, empty
// when it needn't be.
func (t *task) whyInit(r *run, rec record, fingerprint string) string {
	_, missing := os.Stat(r.dirs.data)
	age := t.now().Sub(rec.InitialisedAt) // below zero where the clock was wrong
	switch {
	case t.cfg.Init == initNever:
		return ""
	case t.cfg.Init == initAlways:
		return initForced
	case missing != nil || rec.Initialised == "":
		return initFirst
	case rec.Initialised != fingerprint:
		return initFingerprint
	case age < 0, age >= t.cfg.InitMaxAge:
		return initAge
	}
	return ""
}
