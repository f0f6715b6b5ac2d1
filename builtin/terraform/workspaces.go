package terraform

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// allWorkspaces stands for those that the state has, in place of names.
const allWorkspaces = "*"

// expand puts the stacks in the place of those with all workspaces that they
// stand for, in the order of their names.
func (t *task) expand(ctx context.Context, binary program, stacks []stack) []stack {
	var open []stack
	for _, s := range stacks {
		if s.workspace == allWorkspaces {
			s.workspace = defaultWorkspace
			open = append(open, s)
		}
	}
	names := make([][]string, len(open))
	t.each(open, func(i int, turn *turn) { names[i] = t.workspacesOf(ctx, binary, open[i], turn) })
	var expanded []stack
	for _, s := range stacks {
		if s.workspace != allWorkspaces {
			expanded = append(expanded, s)
			continue
		}
		s.found = true
		for _, s.workspace = range names[0] {
			expanded = append(expanded, s)
		}
		names = names[1:]
	}
	return expanded
}

// workspacesOf returns the workspaces of a stack. Where they can't be found out
// they are those that were known last: the check of each says what is wrong.
func (t *task) workspacesOf(ctx context.Context, binary program, s stack, turn *turn) []string {
	known, err := t.listWorkspaces(ctx, binary, s, turn)
	if err != nil {
		t.log.Warn("could not list the workspaces of a stack", "stack", s.name(), "error", newTaint(s).String(err.Error()))
	}
	if len(known) == 0 {
		return []string{defaultWorkspace}
	}
	return known
}

// listWorkspaces asks the backend, once for each time that the stack has to be
// initialised. With an error it returns what was known before.
func (t *task) listWorkspaces(ctx context.Context, binary program, s stack, turn *turn) (known []string, err error) {
	if t.backoffs.held(t.nameOf(s), t.inputs(binary, s), t.now()) != nil {
		return t.recordOf(s).Workspaces, nil
	}
	if err := turn.wait(ctx); err != nil {
		return t.recordOf(s).Workspaces, err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, t.cfg.StackTimeout, overdue{"list of workspaces", "stack_timeout", t.cfg.StackTimeout})
	defer cancel()
	r, err := t.newRun(ctx, binary, s, newUsage())
	if err != nil {
		return t.recordOf(s).Workspaces, err
	}
	defer func() { err = errors.Join(err, r.close()) }()
	rec := r.record
	want, err := fingerprint(r)
	if err != nil {
		return rec.Workspaces, err
	}
	why := t.whyInit(r, rec, want)
	if why == "" && rec.Workspaces != nil {
		return rec.Workspaces, nil
	}
	restore, err := borrowLock(s.dir, r.dirs.keep)
	if err != nil {
		return rec.Workspaces, err
	}
	defer func() { err = errors.Join(err, restore()) }()
	if why != "" {
		if err := t.initStack(ctx, r, why); err != nil {
			return rec.Workspaces, err
		}
		rec.Initialised, rec.InitialisedAt = want, t.now()
	}
	found, err := r.workspaces(ctx)
	if err != nil {
		return rec.Workspaces, err
	}
	rec.Workspaces = found
	return found, r.saveRecord(context.WithoutCancel(ctx), rec)
}

// workspaces returns the names of the workspaces that the state has.
func (r *run) workspaces(ctx context.Context) ([]string, error) {
	var out bounded
	args := []string{"workspace", "list", "-no-color"}
	if r.isTofu {
		// Where the state is kept may depend on variables.
		args = append(args, r.varArgs()...)
	}
	result, err := r.command(ctx, phaseInit, r.limits.Show, &out, nil, args...)
	if err != nil {
		if strings.Contains(string(result.Stderr), "workspaces not supported") {
			return []string{defaultWorkspace}, nil
		}
		return nil, err
	}
	if out.over {
		return nil, fmt.Errorf("the list of the workspaces is larger than %d MiB: name those that matter in workspaces", maxListed>>20)
	}
	var names []string
	for line := range strings.Lines(out.String()) {
		name := strings.TrimSpace(strings.TrimPrefix(line, "*"))
		switch {
		case validWorkspace.MatchString(name):
			names = append(names, name)
		case name != "": // it would be a part of a path
			r.log.Warn("left out a workspace whose name has other characters than letters, digits, dots, hyphens and underscores", "stack", r.stack.name(), "workspace", name)
		}
	}
	slices.Sort(names)
	return names, nil
}

// maxListed bounds a list of workspaces, in bytes.
const maxListed = 1 << 20

// bounded keeps what is written to it, unless that is too much.
type bounded struct {
	bytes.Buffer
	over bool
}

// Write never fails, so that the command isn't ended for it.
func (b *bounded) Write(p []byte) (int, error) {
	if b.over = b.over || b.Len()+len(p) > maxListed; !b.over {
		return b.Buffer.Write(p)
	}
	return len(p), nil
}

// hasWorkspace reports whether the state has the workspace. It must be asked
// before anything else names one: many backends make a workspace that is not
// there, and a plan then says that nothing was ever applied.
func (r *run) hasWorkspace(ctx context.Context) (bool, error) {
	if r.stack.workspace == defaultWorkspace {
		return true, nil
	}
	names, err := r.workspaces(ctx)
	return slices.Contains(names, r.stack.workspace), err
}

// withoutUnused leaves out the default workspace, which every state has, where
// all workspaces were asked for and nothing was ever applied in this one.
func withoutUnused(results []result) []result {
	paths := map[string]int{}
	for _, res := range results {
		paths[res.stack.path]++
	}
	return slices.DeleteFunc(results, func(res result) bool {
		return res.mayBeUnused() && paths[res.stack.path] > 1
	})
}

// mayBeUnused reports whether the stack is left out where its state has other
// workspaces.
func (r result) mayBeUnused() bool {
	return r.stack.found && r.stack.workspace == defaultWorkspace && r.unused
}
