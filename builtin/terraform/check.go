package terraform

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"

	"github.com/hashicorp/terraform-exec/tfexec"
)

// result is what a check says of one stack.
type result struct {
	path    string // below the root
	verdict verdict
	entries []entry // without the ignored ones
	drifted int     // resources
	pending int     // resources
	ignored int     // entries that a rule matched
	// accepted are resources that moved but need no change: the code ignores
	// the change or agrees with it.
	accepted     int
	moved        int // resources that only got a new address
	failedChecks int // check blocks
	problem      *problem
}

func (r *result) fail(p *problem, taint taint) {
	r.verdict = p.verdict
	r.problem = &problem{p.verdict, taint.String(p.summary), shorten(taint.String(p.detail), maxDetail)}
}

// stackID names a stack in the task's directory.
func stackID(stackDir string) string {
	sum := sha256.Sum256([]byte(stackDir))
	return hex.EncodeToString(sum[:10])
}

// checkStack compares one stack. It never takes longer than stack_timeout and
// a few seconds.
func (t *task) checkStack(ctx context.Context, binary program, root, path string) result {
	res := result{path: path, verdict: errored}
	taint := newTaint(t.cfg.Env)
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.StackTimeout,
		fmt.Errorf("the check did not end within the stack_timeout of %s, and was killed: a provider or the backend may hang", t.cfg.StackTimeout))
	defer cancel()
	if err := t.compareStack(ctx, binary, filepath.Join(root, filepath.FromSlash(path)), &res, taint); err != nil {
		res.fail(problemOf(ctx, err), taint)
	}
	return res
}

// reported is an error that the command explained itself.
type reported struct {
	problem *problem
	err     error
}

func (r reported) Error() string { return r.problem.summary }
func (r reported) Unwrap() error { return r.err }

func problemOf(ctx context.Context, err error) *problem {
	var said reported
	switch {
	case ctx.Err() != nil && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return &problem{errored, "Timeout", context.Cause(ctx).Error()}
	case ctx.Err() != nil:
		return &problem{errored, "Interrupted", "the check was interrupted: " + context.Cause(ctx).Error()}
	case errors.As(err, &said):
		return said.problem
	}
	return &problem{errored, "Check failed", plainText(err.Error())}
}

func (t *task) compareStack(ctx context.Context, binary program, dir string, res *result, taint taint) (err error) {
	if err := ctx.Err(); err != nil {
		return err
	}
	tf, giveBack, err := t.engine(binary, dir)
	if err != nil {
		return err
	}
	defer func() {
		if !errors.Is(err, errAbandoned) {
			giveBack()
		}
	}()
	r, err := t.newRun(tf, dir)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	restore, err := borrowLock(dir, r.dirs.keep)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, restore()) }()
	out, err := t.planStack(ctx, r, binary, dir)
	if err != nil {
		return err
	}
	return t.read(ctx, r, out, res, taint)
}

// planStack plans, and initialises first where it must: when the directory was
// never initialised with this code and this binary, or when the plan says so.
func (t *task) planStack(ctx context.Context, r *run, binary program, dir string) (*stream, error) {
	want, err := fingerprint(binary, dir)
	if err != nil {
		return nil, err
	}
	stamp := filepath.Join(r.dirs.keep, "initialised")
	have, err := os.ReadFile(stamp)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	_, missing := os.Stat(r.dirs.data)
	initialised := string(have) == want && missing == nil
	for {
		if !initialised {
			if out, err := r.init(ctx); err != nil {
				return nil, reported{out.failure("terraform init", err), err}
			}
			if err := os.WriteFile(stamp, []byte(want), 0o600); err != nil {
				return nil, err
			}
		}
		out, err := r.plan(ctx)
		switch {
		case err == nil:
			return out, nil
		case initialised && ctx.Err() == nil && out.wantsInit():
			initialised = false
		default:
			return nil, reported{out.failure("terraform plan", err), err}
		}
	}
}

// initBlock finds the code on which the outcome of an init depends.
var initBlock = regexp.MustCompile(`(?m)^[ \t]*(terraform|module)\b[^=\n]*\{`)

// fingerprint changes whenever a stack must be initialised anew.
func fingerprint(binary program, dir string) (string, error) {
	sum := sha256.New()
	fmt.Fprintln(sum, binary.version)
	entries, err := os.ReadDir(dir)
	if err != nil {
		return "", err
	}
	for _, entry := range entries {
		if entry.IsDir() || !isCode(entry.Name()) && entry.Name() != lockFileName {
			continue
		}
		code, err := os.ReadFile(filepath.Join(dir, entry.Name()))
		if err != nil {
			return "", err
		}
		if filepath.Ext(entry.Name()) == ".json" || entry.Name() == lockFileName || initBlock.Match(code) {
			fmt.Fprintf(sum, "%s %d\n%s", entry.Name(), len(code), code)
		}
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

// read makes the result of a plan that succeeded.
func (t *task) read(ctx context.Context, r *run, out *stream, res *result, taint taint) error {
	res.verdict, res.moved, res.failedChecks = clean, out.moved, out.failedChecks()
	if out.changes == 0 {
		res.accepted = out.drift
		return nil
	}
	plan, err := r.show(ctx)
	if err != nil {
		return err
	}
	if plan.Complete != nil && !*plan.Complete {
		return reported{&problem{errored, "Incomplete plan", "the plan leaves out a part of the stack, so nothing can be said of it"}, nil}
	}
	taint.addPlan(plan)
	all := classify(plan, taint)
	first := neverApplied(plan, all)
	res.entries, res.ignored = applyIgnore(t.rules(), all)
	res.verdict, res.drifted, res.pending = judge(res.entries)
	if first && res.verdict == waiting {
		res.verdict = unapplied
	}
	return nil
}

// engine returns the library's handle for a stack. It is kept from check to
// check, because every new one first asks the binary for its version.
func (t *task) engine(binary program, dir string) (tf *tfexec.Terraform, giveBack func(), err error) {
	key := binary.version + " " + dir
	if kept, ok := t.engines.LoadAndDelete(key); ok {
		tf = kept.(*tfexec.Terraform)
	} else if tf, err = tfexec.NewTerraform(dir, binary.path); err != nil {
		return nil, nil, err
	}
	return tf, func() { t.engines.Store(key, tf) }, nil
}
