package terraform

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"path/filepath"
	"slices"

	"github.com/zclconf/go-cty/cty"
)

// stack is one directory with code and one workspace of its state, and how
// that is checked.
type stack struct {
	path      string // below the root, with slashes
	dir       string
	workspace string
	found     bool // the workspace is one of all that the state has

	binary    string   // empty: that of the task
	varFiles  []string // below dir
	variables map[string]cty.Value
	secrets   map[string]string // variables, too
	backend   map[string]string
	env       map[string]string
	group     string // empty: that of the task alone
}

// name is what the stack is called in results, and unique in its task.
func (s stack) name() string {
	if s.workspace == defaultWorkspace {
		return s.path
	}
	return s.path + "@" + s.workspace
}

// stackID names a directory of code in the task's directory.
func stackID(stackDir string) string {
	sum := sha256.Sum256([]byte(stackDir))
	return hex.EncodeToString(sum[:10])
}

// findStacks returns the stacks below root in the order of their names.
func (t *task) findStacks(root string) ([]stack, error) {
	paths, err := discover(root, *t.cfg.Stacks)
	if err != nil {
		return nil, err
	}
	if len(paths) == 0 {
		return nil, fmt.Errorf("of the directories below %s none holds %s and is selected by the stacks block, which includes %q and excludes %q",
			root, required(t.cfg.Stacks.Require), t.cfg.Stacks.Include, t.cfg.Stacks.Exclude)
	}
	var stacks []stack
	for _, path := range paths {
		base, workspaces := t.settings(path)
		base.path, base.dir = path, filepath.Join(root, filepath.FromSlash(path))
		for _, base.workspace = range workspaces {
			stacks = append(stacks, base)
		}
	}
	return stacks, nil
}

// required names what a directory must hold to be a stack.
func required(what string) string {
	if what == requireBackend {
		return "a backend or cloud block, as require asks for,"
	}
	return "a terraform, provider or resource block"
}

// settings is how the stack at a path is checked, and its workspaces.
func (t *task) settings(path string) (stack, []string) {
	s := stack{
		varFiles: t.cfg.VarFiles, variables: map[string]cty.Value{},
		secrets: maps.Clone(t.cfg.SecretVariables), backend: maps.Clone(t.cfg.BackendConfig), env: maps.Clone(t.cfg.Env),
		group: t.cfg.ConcurrencyGroup,
	}
	if v := t.cfg.Variables; v != cty.NilVal && !v.IsNull() {
		maps.Copy(s.variables, v.AsValueMap())
	}
	workspaces := t.cfg.Workspaces
	for _, o := range t.cfg.Override {
		if !matchAny(o.Paths, path) {
			continue
		}
		if o.Workspaces != nil {
			workspaces = o.Workspaces
		}
		s.override(o)
	}
	return s, slices.Compact(slices.Sorted(slices.Values(workspaces)))
}

func (s *stack) override(o override) {
	if o.Binary != "" {
		s.binary = o.Binary
	}
	if o.VarFiles != nil {
		s.varFiles = o.VarFiles
	}
	for name, value := range o.Variables {
		s.variables[name] = cty.StringVal(value)
	}
	s.secrets = added(s.secrets, o.SecretVariables)
	s.backend = added(s.backend, o.BackendConfig)
	s.env = added(s.env, o.Env)
	if o.ConcurrencyGroup != "" {
		s.group = o.ConcurrencyGroup
	}
}

// programOf is the command of a stack, which may be another than that of the task.
func (t *task) programOf(s stack, binary program) (program, error) {
	if s.binary == "" {
		return binary, nil
	}
	own, err := t.program(s.binary)
	if err != nil {
		return own, reported{&problem{verdict: errored, summary: "No terraform command", detail: err.Error(), kind: failedConfig}, err}
	}
	return own, nil
}

// added adds more to a map that may be nil.
func added(to, more map[string]string) map[string]string {
	if to == nil {
		return maps.Clone(more)
	}
	maps.Copy(to, more)
	return to
}
