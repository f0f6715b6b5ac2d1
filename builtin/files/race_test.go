package files

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/plugin"
)

// Someone swaps the directory and a symbolic link to another one while tasks
// are applied. The tasks may fail; nothing behind the link may ever change.
func TestSwappedDirectoryNeverLeadsOutside(t *testing.T) {
	root, outside := t.TempDir(), t.TempDir()
	dir, link := filepath.Join(root, "dir"), filepath.Join(root, "link")
	tree(t, root, map[string]string{"dir/file": "old", "dir/gone": "old", "dir/sub/deep": "", "link": ">" + outside})
	tree(t, outside, map[string]string{"file": "old", "gone": "old", "sub/deep": ""})
	before := snapshot(t, outside)

	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		for {
			select {
			case <-stop:
				return
			default:
				if err := unix.Renameat2(unix.AT_FDCWD, dir, unix.AT_FDCWD, link, unix.RENAME_EXCHANGE); err != nil {
					t.Errorf("swap: %v", err)
					return
				}
			}
		}
	})
	applied := 0
	for i := range 100 {
		content := []string{"old", "new"}[i%2]
		mode := []string{"0750", "0755"}[i%2]
		tasks := []plugin.Task{
			open(t, "file", attrs{"path": str(dir + "/file"), "content": str(content)}),
			open(t, "file", attrs{"path": str(dir + "/gone"), "state": str("absent")}),
			open(t, "directory", attrs{"path": str(dir + "/sub"), "mode": str(mode), "recurse": str("true")}),
		}
		for _, task := range tasks {
			// A plan through the link is a plan of what lies behind it, and
			// may be applied there. Only those of the directory count.
			host := newHost()
			change, diags := task.Plan(t.Context(), host)
			if diags.HasErrors() || leadsTo(t, change, outside) {
				continue
			}
			if _, diags := task.Apply(t.Context(), change); !diags.HasErrors() {
				applied++
			}
		}
	}
	close(stop)
	swapper.Wait()
	if diff := cmp.Diff(before, snapshot(t, outside)); diff != "" {
		t.Errorf("something outside has changed (-before +after):\n%s", diff)
	}
	if applied == 0 {
		t.Error("no task was ever applied")
	}
}

// leadsTo reports whether a plan of a file or a directory is about something
// in dir.
func leadsTo(t *testing.T, change plugin.Change, dir string) bool {
	t.Helper()
	var file payload
	var ops []op
	if change.Action == plugin.NoOp {
		return false
	}
	if err := errors.Join(json.Unmarshal(change.Payload, &file), json.Unmarshal(change.Payload, &ops)); file.Dir == "" && ops == nil {
		t.Fatal(err)
	}
	for _, o := range ops {
		file.Dir = o.Path
	}
	return strings.HasPrefix(string(file.Dir), dir)
}

func TestAnotherUsersDirectoryIsNotTrusted(t *testing.T) {
	needRoot(t)
	root, outside := t.TempDir(), t.TempDir()
	tree(t, outside, map[string]string{"file": "old"})
	home := filepath.Join(root, "home")
	tree(t, root, map[string]string{"home/": "", "home/dir": ">" + outside})
	for _, path := range []string{home, home + "/dir"} {
		if err := os.Lchown(path, 1234, 1234); err != nil {
			t.Fatal(err)
		}
	}
	task := open(t, "file", attrs{"path": str(home + "/dir/file"), "content": str("new")})
	wantSummary(t, planError(t, task, newHost()), "File can't be replaced", "user 1234")
	wantFile(t, outside+"/file", "old", 0o644)
}
