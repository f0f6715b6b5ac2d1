package terraform

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/terraform-exec/tfexec"
	tfjson "github.com/hashicorp/terraform-json"
	"github.com/zclconf/go-cty/cty"
	ctyjson "github.com/zclconf/go-cty/cty/json"

	"github.com/driftless-hq/driftless/internal/process"
)

// stopGrace is how long the command may take to end by itself after it was
// interrupted. A command that waits for a provider or a backend never does.
const stopGrace = 5 * time.Second

// runDirs are the directories of one run of the command.
type runDirs struct {
	home string // of the task
	keep string // of the stack: what survives from check to check
	data string // of the stack: TF_DATA_DIR
	temp string // of the run: variables, plan, sockets; removed after it
}

// run is one check of one stack: a few calls of the command that share an
// environment and a private directory.
type run struct {
	tf       *tfexec.Terraform
	dirs     runDirs
	marker   string
	varFiles []string
	log      hclog.Logger
}

// newRun makes the private directory, which close removes.
func (t *task) newRun(tf *tfexec.Terraform, stackDir string) (r *run, err error) {
	id := stackID(stackDir)
	r = &run{tf: tf, marker: rand.Text(), log: t.log, dirs: runDirs{
		home: filepath.Join(t.dir, "home"),
		keep: filepath.Join(t.dir, "stacks", id),
		data: filepath.Join(t.dir, "stacks", id, "data"),
	}}
	for _, dir := range []string{r.dirs.home, r.dirs.keep} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	// Sockets of providers go in here, whose path may only be short.
	if r.dirs.temp, err = os.MkdirTemp("", "driftless-"); err != nil {
		return nil, err
	}
	err = errors.Join(
		tf.SetEnv(environment(t.environ, r.dirs, r.marker, t.cfg.Env)),
		tf.SetWaitDelay(stopGrace),
		r.writeVariables(t.cfg.Variables),
	)
	if err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// close ends what the command may have left running and removes its files.
func (r *run) close() error {
	_, err := process.KillMarked(r.marker)
	return errors.Join(err, os.RemoveAll(r.dirs.temp))
}

// writeVariables hands the variables over in a file: what is in the arguments
// of a process can be seen by everyone.
func (r *run) writeVariables(v cty.Value) error {
	if v == cty.NilVal || v.IsNull() {
		return nil
	}
	data, err := ctyjson.Marshal(v, v.Type())
	if err != nil {
		return fmt.Errorf("write the variables of the stack: %w", err)
	}
	file := filepath.Join(r.dirs.temp, "variables.tfvars.json")
	r.varFiles = []string{file}
	return os.WriteFile(file, data, 0o600)
}

func (r *run) planFile() string { return filepath.Join(r.dirs.temp, "plan") }

// plan makes a plan without locking the state. The error only says whether
// that worked: by its exit code the command calls stacks changed that aren't.
func (r *run) plan(ctx context.Context) (*stream, error) {
	var out stream
	options := []tfexec.PlanOption{tfexec.Lock(false), tfexec.Out(r.planFile())}
	for _, file := range r.varFiles {
		options = append(options, tfexec.VarFile(file))
	}
	err := r.guard(ctx, func() error {
		_, err := r.tf.PlanJSON(ctx, &out, options...)
		return err
	})
	if errors.Is(err, errAbandoned) {
		return &stream{}, err // the command may still write to the other
	}
	return &out, err
}

// init fetches modules and providers. It reconfigures the backend rather than
// migrating a state: the data directory is a private one.
func (r *run) init(ctx context.Context) (*stream, error) {
	var out stream
	err := r.guard(ctx, func() error {
		err := r.tf.InitJSON(ctx, &out, tfexec.Reconfigure(true))
		if _, ok := errors.AsType[*tfexec.ErrVersionMismatch](err); ok { // no -json before 1.9
			r.tf.SetStdout(io.Discard)
			return r.tf.Init(ctx, tfexec.Reconfigure(true))
		}
		return err
	})
	if errors.Is(err, errAbandoned) {
		return &stream{}, err
	}
	return &out, err
}

// show reads the plan as data. It starts the providers once more, for their
// schemas, so it is only called where there is something to show.
func (r *run) show(ctx context.Context) (plan *tfjson.Plan, err error) {
	// The writer of an earlier call sticks, and this output is full of secrets.
	r.tf.SetStdout(io.Discard)
	err = r.guard(ctx, func() error {
		plan, err = r.tf.ShowPlanFile(ctx, r.planFile(), tfexec.JSONNumber(true))
		return err
	})
	if err != nil {
		return nil, err
	}
	return plan, nil
}

// errAbandoned says that a call did not return although all processes of its
// run that could be found are gone.
var errAbandoned = errors.New("the command can't be ended")

// guard calls the command, and makes an end of it and of all that it started
// when ctx ends. The library behind it interrupts the command once, but a
// provider that hangs outlives it and keeps the call from returning.
func (r *run) guard(ctx context.Context, call func() error) error {
	done := make(chan error, 1)
	go func() { done <- call() }()
	select {
	case err := <-done:
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	case <-ctx.Done():
	}
	if !returned(done, stopGrace) {
		killed, err := process.KillMarked(r.marker)
		r.log.Warn("killed a run that did not end", "processes", killed)
		if err != nil {
			r.log.Error("some processes of the run may be left", "error", err)
		}
		if !returned(done, stopGrace) {
			return errors.Join(errAbandoned, context.Cause(ctx))
		}
	}
	return context.Cause(ctx)
}

func returned(done <-chan error, within time.Duration) bool {
	timer := time.NewTimer(within)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
