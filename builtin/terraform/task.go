package terraform

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/plugin"
)

// task compares the stacks below one directory.
type task struct {
	cfg      config
	value    cty.Value // the configuration as it came
	digest   string    // of the configuration
	setup    string    // the same without the commit
	dir      string    // private, survives restarts
	environ  []string
	log      hclog.Logger
	now      func() time.Time
	turns    *admission // of all tasks
	backoffs *backoffs  // of all tasks
	memory   *memory    // of all tasks

	enforced bool
	threads  int      // of each command: those that run side by side share the processors
	approved []string // ids of remedies
	asked    bool     // somebody waits for the check
	early    bool     // something else than the interval is the reason
	only     []string // the names of the stacks that are wanted; nil: all
	report   func(f plugin.Finding, total int)
	code     map[string]string // digests, by the names of stacks; none where it can't be told
	key      []byte            // of these ids
	found    []result          // by the last plan, and by what was applied since
	changed  bool              // whether the last apply changed anything
}

var (
	_ plugin.Task     = (*task)(nil)
	_ plugin.Reporter = (*task)(nil)
)

// program is the command that plans.
type program struct {
	path    string
	version string // changes when the file does
}

// Plan checks all stacks. What is wrong with one is a finding and a warning;
// only where nothing could be said of any stack it is an error.
func (t *task) Plan(ctx context.Context, _ plugin.Host) (plugin.Change, plugin.Diagnostics) {
	w, diags := t.look(ctx)
	if diags.HasErrors() {
		return plugin.Change{}, diags
	}
	defer w.release()
	if diags := t.noteCommit(w.root); diags.HasErrors() {
		return plugin.Change{}, diags
	}
	t.noteCode(w.binary, w.stacks)
	results := t.checkAll(ctx, w.binary, w.stacks)
	t.tidy(w.stacks)
	t.memory.keep(t.dir, w.stacks)
	results = withoutUnused(results)
	t.found = results
	return t.change(results), append(t.diagnose(results), t.diagnoseOverrides(w.stacks)...)
}

// commit is that of the source, empty where there is none.
func (t *task) commit() string {
	if t.cfg.Source == nil {
		return ""
	}
	return t.cfg.Source.Commit
}

// workplace is what the task works with, and on.
type workplace struct {
	binary  program
	root    string
	stacks  []stack
	release func() // lets the checkout move on
}

// noteCommit notes the commit that is checked: another process can have moved
// the checkout since the source was read.
func (t *task) noteCommit(root string) plugin.Diagnostics {
	if t.cfg.Source == nil {
		return nil
	}
	commit, err := gitrepo.Shown(root)
	if err != nil {
		return plugin.Error(nil, "Cannot read the stacks", "%s.", err)
	}
	t.cfg.Source.Commit = cmp.Or(commit, t.cfg.Source.Commit)
	return nil
}

// look finds the command and the stacks. Where the root is a checkout, it
// doesn't move to another commit until it is released.
func (t *task) look(ctx context.Context) (w workplace, diags plugin.Diagnostics) {
	var err error
	if w.binary, err = t.program(t.cfg.Binary); err != nil {
		return w, plugin.Error(plugin.Attr("binary"), "No terraform command", "The stacks can't be planned: %s.", err)
	}
	if w.root, err = t.root(); err != nil {
		return w, plugin.Error(nil, "Cannot read the stacks", "The stacks can't be read: %s.", err)
	}
	if w.release, err = gitrepo.Hold(ctx, w.root); err != nil {
		return w, plugin.Error(nil, "Cannot read the stacks", "The directory %s can't be held as it is: %s.", w.root, err)
	}
	if w.stacks, err = t.findStacks(w.root); err != nil {
		w.release()
		return w, plugin.Error(nil, "No stacks found", "Cannot find the stacks: %s.", err)
	}
	w.stacks = t.expand(ctx, w.binary, w.stacks)
	t.threads = max(1, runtime.NumCPU()/min(t.cfg.Parallelism, len(w.stacks)))
	return w, nil
}

func (t *task) Close(context.Context) error { return nil }

func (t *task) program(name string) (program, error) {
	path, err := findBinary(name, t.environ)
	if err != nil {
		return program{}, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return program{}, err
	}
	return program{path, fmt.Sprintf("%s %d %d", path, info.Size(), info.ModTime().UnixNano())}, nil
}

// root resolves links, because what a stack says of its own directory is kept
// in its state.
func (t *task) root() (string, error) {
	path := t.cfg.Path
	if t.cfg.Source != nil {
		path = t.cfg.Source.Path
	}
	resolved, err := filepath.EvalSymlinks(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("there is no directory %s", path)
	}
	return resolved, err
}

func (t *task) rules() []ignoreRule {
	rules, _ := compileIgnore(t.cfg.Ignore, t.now())
	return rules
}

// diagnose says what could not be found out, and which rules are past due.
func (t *task) diagnose(results []result) plugin.Diagnostics {
	diags := append(diagnoseChecks(results), diagnoseMissed(results)...)
	_, expired := compileIgnore(t.cfg.Ignore, t.now())
	for _, rule := range expired {
		diags = append(diags, plugin.Warning(plugin.Attr("ignore"), "Expired ignore rule",
			"The rule for %s (%s) held until %s. Remove it, or give it a new date.", rule.Address, rule.said(), rule.Expires)...)
	}
	return diags
}

// diagnoseOverrides says which overrides are of no stack: most often their paths
// are mistyped, and stacks are checked without what they should have.
func (t *task) diagnoseOverrides(stacks []stack) plugin.Diagnostics {
	var diags plugin.Diagnostics
	for i, o := range t.cfg.Override {
		if !slices.ContainsFunc(stacks, func(s stack) bool { return matchAny(o.Paths, s.path) }) {
			diags = append(diags, plugin.Warning(plugin.Attr("override").IndexInt(i).GetAttr("paths"), "Override of no stack",
				"None of the stacks is at a path such as %q, so nothing comes of this override. Its paths are those from the root, as %s is; * is one directory, ** any number.",
				strings.Join(o.Paths, ", "), stacks[0].path)...)
		}
	}
	return diags
}

// diagnoseChecks says once of all stacks that could not be checked for the same
// reason which those are.
func diagnoseChecks(results []result) plugin.Diagnostics {
	var causes []string
	stacks := make(map[string][]string) // by cause
	failed := 0
	for _, res := range results {
		if res.problem == nil || res.missed != "" {
			continue
		}
		if res.verdict != locked {
			failed++
		}
		if res.kept {
			continue // it was said when it was found
		}
		cause := fmt.Sprintf("%s: %s", res.problem.summary, res.problem.detail)
		if res.held {
			cause += " (not checked again, because that failed a short time ago)"
		}
		if stacks[cause] == nil {
			causes = append(causes, cause)
		}
		stacks[cause] = append(stacks[cause], res.stack.name())
	}
	diagnostic := plugin.Warning
	if failed == len(results) {
		diagnostic = plugin.Error
	}
	var diags plugin.Diagnostics
	for _, cause := range causes {
		diags = append(diags, diagnostic(nil, "Stack could not be checked", "%s: %s", nameStacks(stacks[cause]), cause)...)
	}
	return diags
}

// diagnoseMissed says which stacks were not checked, because the run was ended
// before. What ended it did so for all of them.
func diagnoseMissed(results []result) plugin.Diagnostics {
	var names []string
	why := ""
	for _, res := range results {
		if res.missed != "" {
			names, why = append(names, res.stack.name()), res.missed
		}
	}
	if names == nil {
		return nil
	}
	return plugin.Warning(nil, "Stacks were not checked", "%s could not be checked before the run was ended, and what was found before stands until it is too old: %s.", nameStacks(names), why)
}

// nameStacks names the first of some stacks, as the beginning of a sentence.
func nameStacks(names []string) string {
	const shown = 3
	if len(names) == 1 {
		return "The stack " + names[0]
	}
	text := fmt.Sprintf("%d stacks (%s", len(names), strings.Join(names[:min(shown, len(names))], ", "))
	if len(names) > shown {
		text += fmt.Sprintf(" and %d more", len(names)-shown)
	}
	return text + ")"
}
