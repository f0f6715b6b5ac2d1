package terraform

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/driftless-hq/driftless/internal/process"
)

// Why a stack is initialised.
const (
	initFirst       = "first"
	initFingerprint = "fingerprint" // what it depends on has changed
	initDiagnostic  = "diagnostic"  // a plan said so
	initAge         = "age"
	initForced      = "forced"
)

// cacheWait is how long an initialisation waits for another that writes to the
// same cache. One that hangs holds up the others no longer than this.
const cacheWait = time.Minute

// initialise fetches modules and providers, through the shared cache where that
// is free. Where someone still runs a provider that the cache would overwrite,
// the stack gets one of its own.
func (r *run) initialise(ctx context.Context, cache string) (*stream, error) {
	if err := os.MkdirAll(cache, 0o700); err != nil {
		return nil, err
	}
	began := time.Now()
	waiting, stop := context.WithTimeout(ctx, cacheWait)
	claim, err := process.Take(waiting, filepath.Join(cache, claimName), r.id)
	stop()
	r.usage.phases[phaseQueue] += time.Since(began)
	if errors.Is(err, process.ErrClaimed) && ctx.Err() == nil {
		return r.init(ctx, nil)
	}
	if err != nil {
		return nil, err
	}
	out, err := r.init(ctx, []string{"TF_PLUGIN_CACHE_DIR=" + cache})
	if err := claim.Release(); err != nil {
		return nil, err
	}
	if err != nil && ctx.Err() == nil && strings.Contains(out.failure("", err).detail, "text file busy") {
		return r.init(ctx, nil)
	}
	return out, err
}

// init reconfigures the backend rather than migrating a state: the data
// directory is a private one.
func (r *run) init(ctx context.Context, env []string) (*stream, error) {
	args, err := r.giveBackendConfig()
	if err != nil {
		return nil, err
	}
	args = append([]string{"init", "-input=false", "-no-color", "-reconfigure"}, args...)
	var out stream
	result, err := r.command(ctx, phaseInit, r.limits.Init, &out, env, append(args, "-json")...)
	if err != nil && ctx.Err() == nil && strings.Contains(string(result.Stderr), "flag provided but not defined: -json") {
		// Before 1.9 it has no messages, and says what is wrong as text.
		out = stream{}
		_, err = r.command(ctx, phaseInit, r.limits.Init, &out, env, args...)
	}
	return &out, err
}

// whyInit says why a stack must be initialised before it is planned, empty
// when it needn't be.
func (t *task) whyInit(r *run, rec record, fingerprint string) string {
	_, missing := os.Stat(r.dirs.data)
	switch {
	case t.cfg.Init == initNever:
		return ""
	case t.cfg.Init == initAlways:
		return initForced
	case missing != nil || rec.Initialised == "":
		return initFirst
	case rec.Initialised != fingerprint:
		return initFingerprint
	case t.now().Sub(rec.InitialisedAt) >= t.cfg.InitMaxAge:
		return initAge
	}
	return ""
}
