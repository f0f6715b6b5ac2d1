package files

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/schema"
)

// Whatever is there and whatever is wanted: what apply leaves is what the plan
// said, and a second plan is empty. converge checks the rest: that planning
// and a second apply write nothing.
func TestAnyFileConverges(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 0))
			root := t.TempDir()
			path := filepath.Join(root, "file")
			if r.IntN(4) > 0 {
				write(t, path, randomText(r), os.FileMode(r.IntN(0o1000))|0o600)
			}
			typeName, written := randomTask(r)
			written["path"] = str(path)
			task := open(t, typeName, written)
			if _, diags := task.Plan(t.Context(), newHost()); diags.HasErrors() {
				return // such as a line edit of no file
			}
			change := converge(t, root, task)
			if change.After.GetAttr("mode").IsNull() {
				return // wanted absent, or nothing to edit
			}
			content, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if sum := change.After.GetAttr("checksum").AsString(); sum != checksumOf(content) {
				t.Errorf("planned %s, the file has %s", sum, checksumOf(content))
			}
			info, err := os.Lstat(path)
			if err != nil {
				t.Fatal(err)
			}
			if mode := change.After.GetAttr("mode").AsString(); mode != schema.FormatMode(uint32(info.Mode().Perm())) {
				t.Errorf("planned mode %s, the file has %s", mode, info.Mode())
			}
		})
	}
}

func randomText(r *rand.Rand) string {
	ends := []string{"\n", "\r\n", ""}
	var out strings.Builder
	for range r.IntN(5) {
		fmt.Fprintf(&out, "k%d=%d%s", r.IntN(3), r.IntN(3), ends[r.IntN(2)])
	}
	fmt.Fprintf(&out, "last%s", ends[r.IntN(3)])
	return out.String()
}

func randomTask(r *rand.Rand) (string, attrs) {
	written := attrs{}
	if r.IntN(2) == 0 {
		written["mode"] = str(schema.FormatMode(uint32(r.IntN(0o1000)) | 0o600))
	}
	if r.IntN(5) == 0 {
		written["state"] = str(absent)
	}
	if r.IntN(2) == 0 {
		if r.IntN(3) > 0 {
			written["content"] = str(randomText(r))
		}
		return "file", written
	}
	key := fmt.Sprintf("k%d=", r.IntN(3))
	written["line"] = str(key + "new")
	written["create"] = cty.BoolVal(r.IntN(2) == 0)
	if r.IntN(2) == 0 {
		written["regexp"] = str("^" + key)
	}
	switch r.IntN(3) {
	case 0:
		written["insert_after"] = str("^k")
	case 1:
		written["insert_before"] = str("^k")
	}
	return "lineinfile", written
}

// Any number of edits after an owner, in a chain of any kind: one apply of the
// merged change settles all.
func TestAnyPipelineSettles(t *testing.T) {
	for seed := range uint64(40) {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			r := rand.New(rand.NewPCG(seed, 1))
			root := t.TempDir()
			path := filepath.Join(root, "file")
			write(t, path, randomText(r), 0o644)
			tasks := []plugin.Task{open(t, "file", attrs{"path": str(path), "content": str(randomText(r))})}
			for i := range 1 + r.IntN(4) {
				// Each edit has a key of its own, as two that fight over one
				// line can't both have their way.
				tasks = append(tasks, open(t, "lineinfile", attrs{"path": str(path), "regexp": str(fmt.Sprintf("^k%d=", i)), "line": str(fmt.Sprintf("k%d=%d", i, r.IntN(9)))}))
			}
			planAll := func() plugin.Change {
				host := newHost()
				var changes []plugin.Change
				for _, task := range tasks {
					changes = append(changes, plan(t, task, host))
				}
				return merge(changes...)
			}
			merged := planAll()
			applyChange(t, tasks[len(tasks)-1], merged)
			before := snapshot(t, root)
			if again := planAll(); again.Action != plugin.NoOp {
				t.Errorf("the second plan is %s from %q to %q", again.Action, again.Text.Before, again.Text.After)
			}
			if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
