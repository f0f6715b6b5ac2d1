package plugintest

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

// Case is something that a block has to do: a [Task], [Data], [Collector],
// [Stage], [Sink] or [Source].
type Case interface {
	fmt.Stringer
	provider() Config
	run(t *testing.T, w *world)
}

// Acceptance runs a case on a provider that newProvider makes, directly and
// over the wire, each in a directory of its own.
func Acceptance[P plugin.Provider](t *testing.T, newProvider func() P, c Case) {
	t.Helper()
	for _, way := range ways() {
		t.Run(c.String()+" "+way, func(t *testing.T) { c.run(t, newWorld(t, way, newProvider(), c.provider())) })
	}
}

func (e Example) provider() Config { return e.Provider }

// prepare makes what the block needs to find.
func (e Example) prepare(t *testing.T, w *world) {
	t.Helper()
	if e.Prepare != nil {
		e.Prepare(t, w.dir)
	}
}

// Task is a task that is planned, applied, disturbed and healed: each plan
// touches nothing, and after each apply there is nothing left to do.
type Task struct {
	Example
	// Disturb changes what the task has made, as someone else might.
	Disturb func(t *testing.T, dir string)
	// Check looks at what the task has made; nil where that the task itself
	// finds nothing left to do says enough.
	Check func(t *testing.T, dir string)
}

var _ Case = Task{}

func (c Task) run(t *testing.T, w *world) {
	c.prepare(t, w)
	task := as[plugin.Task](t, c.Example, w.open(t, c.Example))
	c.converge(t, w, task, "the first plan")
	c.Disturb(t, w.dir)
	c.converge(t, w, task, "the plan after it was disturbed")
}

// converge plans a change, applies it, and finds nothing left to do.
func (c Task) converge(t *testing.T, w *world, task plugin.Task, which string) {
	t.Helper()
	change := plan(t, w, task)
	if change.Action == plugin.NoOp {
		t.Fatalf("%s finds nothing to do", which)
	}
	apply(t, c.Example, w, task, change)
	if c.Check != nil {
		c.Check(t, w.dir)
	}
	again := plan(t, w, task)
	if again.Action != plugin.NoOp || !again.Before.RawEquals(again.After) {
		t.Fatalf("after %s was applied there is still something to do: %s because of %q\n  before %s\n  after  %s",
			which, again.Action, again.Reasons, describeValue(again.Before), describeValue(again.After))
	}
	applied := snapshot(t, w.dir)
	apply(t, c.Example, w, task, again)
	same(t, "an apply with nothing to do", applied, snapshot(t, w.dir))
}

func plan(t *testing.T, w *world, task plugin.Task) plugin.Change {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	before := snapshot(t, w.dir)
	change, diags := task.Plan(ctx, NewHost(w.dir))
	if diags.HasErrors() {
		t.Fatalf("plan: %s", diags.Err())
	}
	same(t, "the plan", before, snapshot(t, w.dir))
	return change
}

// apply applies a change, and checks that the value is as it was planned.
func apply(t *testing.T, e Example, w *world, task plugin.Task, change plugin.Change) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	defer cancel()
	v, diags := task.Apply(ctx, change)
	if diags.HasErrors() {
		t.Fatalf("apply: %s", diags.Err())
	}
	kind, _ := typeOf(w.manifest, e.Type)
	checkValue(t, kind, v)
	planned := change.After.AsValueMap()
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		if p := planned[name]; p.IsWhollyKnown() && describeValue(p) != describeValue(v.GetAttr(name)) {
			t.Errorf("apply: %s is %s, planned was %s", name, describeValue(v.GetAttr(name)), describeValue(p))
		}
	}
}

// checkValue checks what others would see of a block.
func checkValue(t *testing.T, kind plugin.Type, v cty.Value) {
	t.Helper()
	switch {
	case v == cty.NilVal:
		t.Fatalf("%s has returned no value", kind.Ref)
	case v.Type().TestConformance(kind.Schema.ImpliedType()) != nil:
		t.Fatalf("the value of %s is not of the type of its schema: %s", kind.Ref, v.Type().TestConformance(kind.Schema.ImpliedType())[0])
	case !v.IsWhollyKnown():
		t.Fatalf("the value of %s is not wholly known: %s", kind.Ref, describeValue(v))
	}
}

// file is all of a file that a needless write would change.
type file struct {
	mode    fs.FileMode
	size    int64
	changed int64 // Unix nanoseconds
	content [sha256.Size]byte
	target  string
}

// snapshot describes all that is in a directory.
func snapshot(t *testing.T, dir string) map[string]file {
	t.Helper()
	found := make(map[string]file)
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		f := file{mode: info.Mode(), size: info.Size(), changed: info.ModTime().UnixNano()}
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			f.content = sha256.Sum256(content)
		case info.Mode()&fs.ModeSymlink != 0:
			f.target, err = os.Readlink(path)
		}
		found[path] = f
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// same checks that nothing was touched.
func same(t *testing.T, what string, before, after map[string]file) {
	t.Helper()
	for path, f := range after {
		if was, ok := before[path]; !ok || was != f {
			t.Errorf("%s has made or changed %s", what, path)
		}
	}
	for path := range before {
		if _, ok := after[path]; !ok {
			t.Errorf("%s has removed %s", what, path)
		}
	}
}
