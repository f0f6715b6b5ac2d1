package terraform

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/driftless-hq/driftless/internal/process"
)

const (
	// stopGrace is how long the command may take to end by itself after it was
	// told to. A command that waits for a provider or a backend never does.
	stopGrace = 5 * time.Second
	// maxStderr bounds what is kept of what the command says outside of its
	// messages, in bytes.
	maxStderr = 64 << 10
)

// runDirs are the directories of one run of the command.
type runDirs struct {
	keep string // of the directory of code: what survives from check to check
	home string // of the same
	data string // of the stack: TF_DATA_DIR
	temp string // of the run: variables, plan, sockets; removed after it
}

// run is one check of one stack: a few calls of the command that share an
// environment, a private directory and the claim to the stack's data.
type run struct {
	id       string // marks all its processes
	binary   program
	stack    stack
	dirs     runDirs
	claim    *process.Claim
	record   record // as it was when the run began
	environ  []string
	varFiles []string // absolute
	store    string   // of providers; empty: the command knows one
	usage    *usage
	small    bool // the last check took little memory
	threads  int  // see [task]; 0: as many as there are processors
	limits   phaseTimeout
	atOnce   int    // resources that the command reads or changes; 0: it decides
	mode     string // of its plans
	lock     string // how long they wait for the lock of the state; empty: they take none
	isTofu   bool   // known once it was initialised
	log      hclog.Logger
}

// newRun waits for the claim to the stack's data and makes the private
// directory. Both last until close.
func (t *task) newRun(ctx context.Context, binary program, s stack, used *usage) (r *run, err error) {
	if binary, err = t.programOf(s, binary); err != nil {
		return nil, err
	}
	r = &run{
		id: rand.Text(), binary: binary, stack: s, usage: used, limits: *t.cfg.PhaseTimeout, log: t.log, dirs: t.dirsOf(s), threads: t.threads,
		mode: t.cfg.Mode, lock: t.lockOfCheck(), atOnce: t.cfg.Operations,
	}
	for _, dir := range []string{r.dirs.home, filepath.Dir(r.dirs.data)} {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
	}
	if r.claim, err = process.Take(ctx, filepath.Join(r.dirs.keep, claimName), r.id); err != nil {
		return nil, err
	}
	used.orphans += r.claim.Killed
	if err := errors.Join(removeTemp(r.claim.DeadRun), r.prepare(t)); err != nil {
		return nil, errors.Join(err, r.close())
	}
	return r, nil
}

// lockOfCheck is how long a check waits for the lock of the state, empty where
// it takes none.
func (t *task) lockOfCheck() string {
	if t.cfg.Lock {
		return "0s"
	}
	return ""
}

func (t *task) dirsOf(s stack) runDirs {
	keep := filepath.Join(t.dir, "stacks", stackID(s.dir))
	return runDirs{keep: keep, home: filepath.Join(keep, "home"), data: filepath.Join(keep, "data", s.workspace)}
}

func (r *run) prepare(t *task) error {
	r.dirs.temp = tempDir(r.id)
	if err := os.Mkdir(r.dirs.temp, 0o700); err != nil {
		return err
	}
	r.record = r.loadRecord()
	last := r.record.MaxRSS
	r.small = 0 < last && last < smallRSS
	r.environ = environment(t.environ, t.cfg.InheritEnv, r)
	store := t.cfg.PluginCache
	if store == "" {
		store = t.ownStore()
	}
	return errors.Join(r.giveCLIConfig(store), r.giveVariables())
}

// maxTemp is how long the path of the directory for temporary files may be, in
// bytes. Sockets of providers go below it, and a longer path than 107 bytes has
// a provider end without a word.
const maxTemp = 107 - len("/driftless-") - 26 - len("/plugin1234567890")

// tempDir is the private directory of a run. Its path has no links that somebody
// could turn elsewhere meanwhile, and means the same in the directory of a stack.
func tempDir(run string) string {
	base := os.TempDir()
	if abs, err := filepath.Abs(base); err == nil {
		base = abs
	}
	if plain, err := filepath.EvalSymlinks(base); err == nil {
		base = plain // else whoever makes the directory finds out why
	}
	if len(base) > maxTemp {
		base = "/tmp"
	}
	return filepath.Join(base, "driftless-"+run)
}

func removeTemp(run string) error {
	if run == "" {
		return nil
	}
	return os.RemoveAll(tempDir(filepath.Base(run)))
}

// close ends what the command may have left running, removes the files of the
// run and gives up the claim.
func (r *run) close() error {
	killed, err := process.KillMarked(r.id)
	if killed > 0 {
		r.log.Warn("killed what a check left running", "stack", r.stack.name(), "processes", killed)
		r.usage.orphans += killed
	}
	return errors.Join(err, removeTemp(r.id), r.claim.Release())
}

func (r *run) planFile() string { return filepath.Join(r.dirs.temp, "plan") }

// plan makes a plan. The error only says whether that worked: by its exit code
// the command calls stacks changed that aren't.
func (r *run) plan(ctx context.Context) (*stream, error) {
	args := []string{"plan", "-json", "-input=false", "-no-color", fmt.Sprintf("-lock=%t", r.lock != ""), "-out=" + r.planFile()}
	if r.lock != "" {
		args = append(args, "-lock-timeout="+r.lock)
	}
	switch r.mode {
	case modeRefreshOnly:
		args = append(args, "-refresh-only")
	case modeConfigOnly:
		args = append(args, "-refresh=false")
	}
	var out stream
	_, err := r.command(ctx, phasePlan, r.limits.Plan, &out, r.workspaceEnv(), slices.Concat(args, r.atOnceArgs(), r.varArgs())...)
	r.usage.engine = out.engine
	return &out, err
}

// atOnceArgs bound how many resources are read or changed at the same time.
func (r *run) atOnceArgs() []string {
	if r.atOnce == 0 {
		return nil
	}
	return []string{fmt.Sprintf("-parallelism=%d", r.atOnce)}
}

// overdue is the cause of the end of something that took too long.
type overdue struct {
	what, setting string
	limit         time.Duration
}

func (o overdue) Error() string {
	return fmt.Sprintf("the %s did not end within the %s of %s, and was killed: a provider or the backend may hang", o.what, o.setting, o.limit)
}

// command calls the command, with more in its environment. It ends with ctx,
// and with the limit of the phase, together with all that it started.
func (r *run) command(ctx context.Context, phase phase, limit time.Duration, out io.Writer, env []string, args ...string) (process.Result, error) {
	return r.call(ctx, phase, limit, process.Spec{Args: args, Env: env, Stdout: out, Grace: stopGrace})
}

// call is command with a say in how it ends; Args and Env are what is to be
// added.
func (r *run) call(ctx context.Context, phase phase, limit time.Duration, spec process.Spec) (process.Result, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, limit, overdue{string(phase), "phase_timeout", limit})
	defer cancel()
	spec.Args, spec.Env = append([]string{r.binary.path}, spec.Args...), append(spec.Env, r.environ...)
	spec.Dir, spec.MaxOutput, spec.MeasureMemory = r.stack.dir, maxStderr, true
	result, err := process.Run(ctx, spec)
	r.usage.add(phase, result)
	if err != nil {
		return result, err
	}
	return result, result.Err()
}
