package files

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/plugin"
)

func TestFileConverges(t *testing.T) {
	tests := []struct {
		name    string
		present string      // the content before, "-" for no file
		mode    fs.FileMode // before
		written attrs
		action  plugin.Action
		reasons []string
		want    string
		wantsIn fs.FileMode
	}{
		{"a new file has mode 0644 whatever the umask", "-", 0, attrs{"content": str("hello\n")}, plugin.Create, []string{"does not exist"}, "hello\n", 0o644},
		{"a new file without content is empty", "-", 0, attrs{"mode": str("0600")}, plugin.Create, []string{"does not exist"}, "", 0o600},
		{"empty content is content", "old", 0o644, attrs{"content": str("")}, plugin.Update, []string{"content"}, "", 0o644},
		{"a mode that isn't declared stays", "old", 0o640, attrs{"content": str("new")}, plugin.Update, []string{"content"}, "new", 0o640},
		{"setuid that isn't declared stays", "old", fs.ModeSetuid | 0o755, attrs{"content": str("new")}, plugin.Update, []string{"content"}, "new", fs.ModeSetuid | 0o755},
		{"only the mode differs", "same", 0o600, attrs{"content": str("same"), "mode": str("0644")}, plugin.Update, []string{"mode"}, "same", 0o644},
		{"content that isn't declared stays", "old", 0o600, attrs{"mode": str("4711")}, plugin.Update, []string{"mode"}, "old", fs.ModeSetuid | 0o711},
		{"content and mode differ", "old", 0o600, attrs{"content": str("new"), "mode": str("0444")}, plugin.Update, []string{"content", "mode"}, "new", 0o444},
		{"nothing differs", "same", 0o644, attrs{"content": str("same"), "mode": str("0644")}, plugin.NoOp, nil, "same", 0o644},
		{"content of the same length differs", "abc", 0o644, attrs{"content": str("abd")}, plugin.Update, []string{"content"}, "abd", 0o644},
	}
	defer syscall.Umask(syscall.Umask(0o077))
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "file")
			if test.present != "-" {
				write(t, path, test.present, test.mode)
			}
			test.written["path"] = str(path)
			change := converge(t, root, open(t, "file", test.written))
			wantReasons(t, change, test.action, test.reasons...)
			wantFile(t, path, test.want, test.wantsIn)
		})
	}
}

func TestFileShowsWhatWasDisturbed(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	task := open(t, "file", attrs{"path": str(path), "content": str("right\n"), "mode": str("0640")})
	converge(t, root, task)

	write(t, path, "wrong\n", 0o640)
	change := converge(t, root, task)
	wantReasons(t, change, plugin.Update, "content")
	want := &plugin.Text{Attribute: "content", Path: path, Before: []byte("wrong\n"), After: []byte("right\n")}
	if diff := cmp.Diff(want, change.Text); diff != "" {
		t.Error(diff)
	}
	if got := change.Before.GetAttr("content"); !got.RawEquals(str("wrong\n")) {
		t.Errorf("before.content is %#v", got)
	}

	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	change = converge(t, root, task)
	wantReasons(t, change, plugin.Update, "mode")
	if got := change.Before.GetAttr("mode"); !got.RawEquals(str("0666")) {
		t.Errorf("before.mode is %#v", got)
	}

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	change = converge(t, root, task)
	wantReasons(t, change, plugin.Create, "does not exist")
	if !change.Before.IsNull() {
		t.Errorf("before is %#v, want null", change.Before)
	}
}

func TestFileOwner(t *testing.T) {
	needRoot(t)
	root := t.TempDir()
	path := filepath.Join(root, "file")
	write(t, path, "text", 0o4755)
	if err := os.Chmod(path, fs.ModeSetuid|0o755); err != nil {
		t.Fatal(err)
	}
	change := converge(t, root, open(t, "file", attrs{"path": str(path), "owner": str("nobody"), "group": str("12345")}))
	wantReasons(t, change, plugin.Update, "owner", "group")
	wantFile(t, path, "text", fs.ModeSetuid|0o755)
	if got := change.After.GetAttr("owner"); !got.RawEquals(str("nobody")) {
		t.Errorf("after.owner is %#v", got)
	}

	change = converge(t, root, open(t, "file", attrs{"path": str(path), "content": str("new")}))
	wantReasons(t, change, plugin.Update, "content")
	if st := snapshot(t, root)[path]; st.UID != 65534 || st.GID != 12345 {
		t.Errorf("the owner that isn't declared became %d:%d", st.UID, st.GID)
	}
	diags := planError(t, open(t, "file", attrs{"path": str(path), "owner": str("no-such-user")}), newHost())
	wantSummary(t, diags, "Unknown owner", "no-such-user")
}

func TestFileAbsent(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	task := open(t, "file", attrs{"path": str(path), "state": str("absent")})
	wantReasons(t, converge(t, root, task), plugin.NoOp)

	write(t, path, "old", 0o644)
	change := converge(t, root, task)
	wantReasons(t, change, plugin.Delete, "state")
	if got := change.Before.GetAttr("state"); !got.RawEquals(str("present")) {
		t.Errorf("before.state is %#v", got)
	}
	if _, err := os.Lstat(path); !os.IsNotExist(err) {
		t.Errorf("the file is still there: %v", err)
	}

	if err := os.Mkdir(path, 0o755); err != nil {
		t.Fatal(err)
	}
	wantSummary(t, planError(t, task, newHost()), "Not a file", "is a directory")
}

func TestFileSource(t *testing.T) {
	root := t.TempDir()
	source, path := filepath.Join(t.TempDir(), "source"), filepath.Join(root, "file")
	task := open(t, "file", attrs{"path": str(path), "source": str(source)})
	wantSummary(t, planError(t, task, newHost()), "Missing source", source)

	write(t, source, "bytes \x00\xff of any kind", 0o600)
	wantReasons(t, converge(t, root, task), plugin.Create, "does not exist")
	wantFile(t, path, "bytes \x00\xff of any kind", 0o644)

	write(t, source, "others", 0o600)
	wantReasons(t, converge(t, root, task), plugin.Update, "source")
}

func TestFileSourceTooLargeToHold(t *testing.T) {
	root := t.TempDir()
	source, path := filepath.Join(t.TempDir(), "source"), filepath.Join(root, "file")
	large := strings.Repeat("0123456789abcdef", maxText/16+1)
	write(t, source, large, 0o600)
	task := open(t, "file", attrs{"path": str(path), "source": str(source)})
	change := converge(t, root, task)
	if change.Text != nil {
		t.Error("the large content is held in the change")
	}
	wantFile(t, path, large, 0o644)

	// As long, and another.
	write(t, path, "X"+large[1:], 0o644)
	change = plan(t, task, newHost())
	wantReasons(t, change, plugin.Update, "source")
	write(t, source, "Y"+large[1:], 0o600)
	_, diags := task.Apply(t.Context(), change)
	wantSummary(t, diags, "File not changed", "has changed since the plan")
	wantFile(t, path, "X"+large[1:], 0o644)
}

func TestFileRefusesWhatIsNotAFile(t *testing.T) {
	root := t.TempDir()
	dir, link, target := filepath.Join(root, "dir"), filepath.Join(root, "link"), filepath.Join(root, "target")
	write(t, target, "target", 0o644)
	for _, err := range []error{os.Mkdir(dir, 0o755), os.Symlink("target", link)} {
		if err != nil {
			t.Fatal(err)
		}
	}
	wantSummary(t, planError(t, open(t, "file", attrs{"path": str(dir), "content": str("x")}), newHost()), "Not a file", "is a directory")
	wantSummary(t, planError(t, open(t, "file", attrs{"path": str(link), "content": str("x")}), newHost()), "Symbolic link", "force = true")
	wantSummary(t, planError(t, open(t, "file", attrs{"path": str(root + "/none/file"), "content": str("x")}), newHost()), "Missing directory", root+"/none")

	change := converge(t, root, open(t, "file", attrs{"path": str(link), "content": str("x"), "force": cty.True}))
	wantReasons(t, change, plugin.Replace, "is a symbolic link")
	wantFile(t, link, "x", 0o644)
	wantFile(t, target, "target", 0o644)
}

func TestFileIsNotChangedWhenItHasMovedOn(t *testing.T) {
	tests := []struct {
		name    string
		disturb func(path string) error
		detail  string
	}{
		{"the content is another", func(p string) error { return os.WriteFile(p, []byte("else"), 0) }, "its content had"},
		{"the mode is another", func(p string) error { return os.Chmod(p, 0o600) }, "its mode was 0644 and is 0600"},
		{"the file is gone", os.Remove, "it is gone"},
		{"a directory is in its place", func(p string) error {
			if err := os.Remove(p); err != nil {
				return err
			}
			return os.Mkdir(p, 0o755)
		}, "it is a directory now"},
		{"a link is in its place", func(p string) error {
			if err := os.Remove(p); err != nil {
				return err
			}
			return os.Symlink("/etc/passwd", p)
		}, "it is a symbolic link now"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			root := t.TempDir()
			path := filepath.Join(root, "file")
			write(t, path, "old", 0o644)
			task := open(t, "file", attrs{"path": str(path), "content": str("new")})
			change := plan(t, task, newHost())
			if err := test.disturb(path); err != nil {
				t.Fatal(err)
			}
			before := snapshot(t, root)
			_, diags := task.Apply(t.Context(), change)
			wantSummary(t, diags, "The file has changed since the plan", test.detail)
			if diff := cmp.Diff(before, snapshot(t, root)); diff != "" {
				t.Error(diff)
			}
		})
	}
	t.Run("a file has appeared", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "file")
		task := open(t, "file", attrs{"path": str(path), "content": str("new")})
		change := plan(t, task, newHost())
		write(t, path, "else", 0o644)
		_, diags := task.Apply(t.Context(), change)
		wantSummary(t, diags, "The file has changed since the plan", "it did not exist")
	})
	t.Run("a log that only has its mode managed may grow", func(t *testing.T) {
		path := filepath.Join(t.TempDir(), "log")
		write(t, path, "one\n", 0o644)
		task := open(t, "file", attrs{"path": str(path), "mode": str("0600")})
		change := plan(t, task, newHost())
		write(t, path, "one\ntwo\n", 0o644)
		applyChange(t, task, change)
		wantFile(t, path, "one\ntwo\n", 0o600)
	})
}

func TestFileIsValidatedBeforeItIsInPlace(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	write(t, path, "old", 0o644)
	grep := strs("sh", "-c", `grep good "$1" || { echo "no good"; exit 3; }`, "sh", "{{path}}")
	bad := open(t, "file", attrs{"path": str(path), "content": str("bad"), "validate": grep})
	before := snapshot(t, root)[path]
	_, diags := bad.Apply(t.Context(), plan(t, bad, newHost()))
	wantSummary(t, diags, "File not changed", "no good")
	if diff := cmp.Diff(before, snapshot(t, root)[path]); diff != "" {
		t.Error(diff)
	}
	if names, _ := filepath.Glob(root + "/.*"); len(names) > 0 {
		t.Errorf("left behind: %v", names)
	}
	converge(t, root, open(t, "file", attrs{"path": str(path), "content": str("good"), "validate": grep}))
}

func TestFileBackup(t *testing.T) {
	root := t.TempDir()
	path := filepath.Join(root, "file")
	write(t, path, "precious", 0o640)
	task := open(t, "file", attrs{"path": str(path), "content": str("new"), "backup": cty.True})
	converge(t, root, task)
	store := filepath.Join(task.(*wholeFile).env.Dir, "backup")
	wantFile(t, filepath.Join(store, strings.TrimPrefix(checksumOf([]byte("precious")), "sha256:")), "precious", 0o600)
	index, err := os.ReadFile(filepath.Join(store, "index"))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Contains(index, []byte(`"mode":"0640"`)) || !bytes.Contains(index, []byte(path)) || bytes.Count(index, []byte("\n")) != 1 {
		t.Errorf("the index is %s", index)
	}
	if root, err := os.Lstat(store); err != nil || root.Mode().Perm() != 0o700 {
		t.Errorf("the store is %v, %v", root, err)
	}
}

func TestFileHardLinkIsWarnedOf(t *testing.T) {
	root := t.TempDir()
	path, other := filepath.Join(root, "file"), filepath.Join(root, "other")
	write(t, path, "old", 0o644)
	if err := os.Link(path, other); err != nil {
		t.Fatal(err)
	}
	change := converge(t, root, open(t, "file", attrs{"path": str(path), "content": str("new")}))
	if len(change.Warnings) != 1 || !strings.Contains(change.Warnings[0], "2 hard links") {
		t.Errorf("warnings are %q", change.Warnings)
	}
	wantFile(t, other, "old", 0o644)
}

func TestFileValidate(t *testing.T) {
	tests := []struct {
		name    string
		written attrs
		summary string
	}{
		{"content and source", attrs{"content": str("a"), "source": str("/b")}, "Two contents"},
		{"an empty command", attrs{"validate": strs("")}, "Empty command"},
		{"a command that doesn't see the file", attrs{"validate": strs("nginx", "-t")}, "Command without the file"},
		{"a path without a name", attrs{"path": str("/etc/..")}, "Invalid path"},
		{"what isn't known yet is not judged", attrs{"content": cty.UnknownVal(cty.String), "source": str("/b"), "validate": cty.UnknownVal(cty.List(cty.String))}, ""},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if _, ok := test.written["path"]; !ok {
				test.written["path"] = str("/file")
			}
			diags := New().Validate(t.Context(), plugin.TypeRef{Kind: plugin.KindTask, Name: "file"}, config(t, "file", test.written))
			if test.summary == "" {
				if len(diags) > 0 {
					t.Error(diags)
				}
				return
			}
			wantSummary(t, diags, test.summary, "")
		})
	}
}
