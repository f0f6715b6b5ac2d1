package files

import (
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"

	"github.com/driftless-hq/driftless/internal/overlay"
	"github.com/driftless-hq/driftless/plugin"
)

// attrs is the part of a configuration that is written down.
type attrs map[string]cty.Value

func str(s string) cty.Value { return cty.StringVal(s) }

func strs(items ...string) cty.Value { return stringList(items) }

// config completes what is written down as the core does: with defaults, and
// null for the rest.
func config(t *testing.T, typeName string, written attrs) cty.Value {
	t.Helper()
	kind, diags := provider{taskTypes()}.typeNamed(plugin.TypeRef{Kind: plugin.KindTask, Name: typeName})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	rest := maps.Clone(written)
	values := map[string]cty.Value{}
	for _, a := range kind.schema.Attributes {
		value, ok := rest[a.Name]
		delete(rest, a.Name)
		switch {
		case ok:
			converted, err := convert.Convert(value, a.Type)
			if err != nil {
				t.Fatalf("%s: %s", a.Name, err)
			}
			values[a.Name] = converted
		case a.Default != cty.NilVal:
			values[a.Name] = a.Default
		default:
			values[a.Name] = cty.NullVal(a.Type)
		}
	}
	if len(rest) > 0 {
		t.Fatalf("the schema of %s has no %v", typeName, slices.Collect(maps.Keys(rest)))
	}
	return cty.ObjectVal(values)
}

func open(t *testing.T, typeName string, written attrs) plugin.Task {
	t.Helper()
	instance, diags := New().Open(t.Context(), plugin.OpenRequest{
		Type: plugin.TypeRef{Kind: plugin.KindTask, Name: typeName},
		Addr: "task." + typeName + ".test", Config: config(t, typeName, written),
		Env: plugin.Env{Log: hclog.NewNullLogger(), Dir: filepath.Join(t.TempDir(), "env"), Now: time.Now},
	})
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	t.Cleanup(func() { _ = instance.Close(t.Context()) })
	return instance.(plugin.Task)
}

func newHost() *overlay.Overlay { return overlay.New(overlay.Options{}) }

func plan(t *testing.T, task plugin.Task, host plugin.Host) plugin.Change {
	t.Helper()
	change, diags := task.Plan(t.Context(), host)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	return change
}

// planError returns the errors of a plan that must fail.
func planError(t *testing.T, task plugin.Task, host plugin.Host) plugin.Diagnostics {
	t.Helper()
	change, diags := task.Plan(t.Context(), host)
	if !diags.HasErrors() {
		t.Fatalf("planned %s, want an error", change.Action)
	}
	return diags
}

func applyChange(t *testing.T, task plugin.Task, change plugin.Change) cty.Value {
	t.Helper()
	value, diags := task.Apply(t.Context(), change)
	if diags.HasErrors() {
		t.Fatal(diags.Err())
	}
	if !value.IsWhollyKnown() {
		t.Fatalf("the value is not wholly known: %#v", value)
	}
	return value
}

// converge plans and applies, and checks that a second plan finds nothing to
// do and that planning wrote nothing.
func converge(t *testing.T, root string, task plugin.Task) plugin.Change {
	t.Helper()
	before := snapshot(t, root)
	change := plan(t, task, newHost())
	if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
		t.Fatalf("the plan changed something (-before +after):\n%s", diff)
	}
	value := applyChange(t, task, change)
	if !value.RawEquals(change.After) {
		t.Errorf("apply returned %#v, planned was %#v", value, change.After)
	}
	applied := snapshot(t, root)
	again := plan(t, task, newHost())
	if again.Action != plugin.NoOp || !again.Before.RawEquals(again.After) {
		t.Fatalf("the second plan is %s because of %v", again.Action, again.Reasons)
	}
	if !again.After.RawEquals(change.After) {
		t.Errorf("the second plan sees %#v, planned was %#v", again.After, change.After)
	}
	applyChange(t, task, again)
	if diff := cmp.Diff(applied, snapshot(t, root)); diff != "" {
		t.Fatalf("the second apply changed something (-before +after):\n%s", diff)
	}
	return change
}

// entry is all of a file that a needless write would change.
type entry struct {
	Mode         fs.FileMode
	UID, GID     uint32
	Content      string
	Inode        uint64
	Mtime, Ctime syscall.Timespec
}

func snapshot(t *testing.T, root string) map[string]entry {
	t.Helper()
	out := map[string]entry{}
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		st := info.Sys().(*syscall.Stat_t)
		e := entry{Mode: info.Mode(), UID: st.Uid, GID: st.Gid, Inode: st.Ino, Mtime: st.Mtim, Ctime: st.Ctim}
		switch {
		case info.Mode().IsRegular():
			content, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			e.Content = string(content)
		case info.Mode()&fs.ModeSymlink != 0:
			e.Content, err = os.Readlink(path)
		}
		out[path] = e
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func write(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
}

func wantFile(t *testing.T, path, content string, mode os.FileMode) {
	t.Helper()
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Lstat(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(content, string(got)); diff != "" {
		t.Errorf("content of %s (-want +got):\n%s", path, diff)
	}
	if info.Mode() != mode {
		t.Errorf("mode of %s is %s, want %s", path, info.Mode(), mode)
	}
}

func wantReasons(t *testing.T, change plugin.Change, action plugin.Action, reasons ...string) {
	t.Helper()
	if change.Action != action || !slices.Equal(change.Reasons, reasons) {
		t.Errorf("planned %s because of %v, want %s because of %v", change.Action, change.Reasons, action, reasons)
	}
}

func wantSummary(t *testing.T, diags plugin.Diagnostics, summary, detail string) {
	t.Helper()
	for _, d := range diags {
		if d.Severity == plugin.SeverityError && d.Summary == summary && strings.Contains(d.Detail, detail) {
			return
		}
	}
	t.Errorf("got %v, want an error %q with %q", diags, summary, detail)
}

func needRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can give files to other users")
	}
}

// merge makes one change of the changes that tasks planned for one path, as
// the core does before it applies the last of them.
func merge(changes ...plugin.Change) plugin.Change {
	first, last := changes[0], changes[len(changes)-1]
	merged := last
	merged.Before = first.Before
	merged.Text = nil
	for _, change := range changes {
		switch {
		case change.Text == nil:
		case merged.Text == nil:
			text := *change.Text
			merged.Text = &text
		default:
			merged.Text.After = change.Text.After
		}
	}
	merged.Action = plugin.Update
	if merged.Before.IsNull() {
		merged.Action = plugin.Create
	} else if sameState(merged.Before, merged.After) {
		merged.Action = plugin.NoOp
	}
	return merged
}

func sameState(a, b cty.Value) bool {
	for _, attribute := range []string{"mode", "owner", "group", "checksum", "size"} {
		if !a.GetAttr(attribute).RawEquals(b.GetAttr(attribute)) {
			return false
		}
	}
	return true
}
