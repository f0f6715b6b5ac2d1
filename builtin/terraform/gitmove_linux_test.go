package terraform

import (
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/gitrepo"
	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/plugin"
)

// pausing is a terraform that says when it is about to plan, and waits until it
// may.
func pausing(t *testing.T, real string) (binary string, started, resume *os.File) {
	t.Helper()
	path, err := exec.LookPath(real)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	pipe := func(name string) *os.File {
		t.Helper()
		if err := syscall.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(filepath.Join(dir, name), os.O_RDWR, 0) // both ends, so that it waits for nobody
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		return f
	}
	started, resume = pipe("started"), pipe("resume")
	binary = filepath.Join(dir, "terraform")
	script := "#!/bin/sh\ncase \"$*\" in *plan*) echo > '" + dir + "/started'; read line < '" + dir + "/resume';; esac\nexec '" + path + "' \"$@\"\n"
	if err := os.WriteFile(binary, []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	return binary, started, resume
}

// 21: the commit changes during a check. Its result is that of the files it
// read, also where the source has said something else since.
func TestACommitThatComesDuringACheck(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	binary, started, resume := pausing(t, lab.binary)
	remote := gitserver.New(t)
	first := remote.Commit(t, "main", map[string]string{"prod/main.tf": "terraform {\n  backend \"local\" {}\n}\noutput \"o\" {\n  value = 1\n}\n"})
	repo, err := gitrepo.Open(t.TempDir(), gitrepo.Options{URL: remote.FileURL()})
	if err != nil {
		t.Fatal(err)
	}
	defer repo.Close()
	if _, _, err := repo.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	root, err := repo.Checkout(t.Context(), first)
	if err != nil {
		t.Fatal(err)
	}
	task := lab.open(t, map[string]cty.Value{
		"binary": cty.StringVal(binary), "path": cty.NullVal(cty.String),
		// The source was read before another process moved it to where it is.
		"source": cty.ObjectVal(map[string]cty.Value{"path": cty.StringVal(root), "commit": cty.StringVal("0123456789012345678901234567890123456789")}),
	})
	planned := make(chan plugin.Change, 1)
	go func() {
		change, _ := task.Plan(t.Context(), nil)
		planned <- change
	}()
	if err := started.SetReadDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := started.Read(make([]byte, 1)); err != nil {
		t.Fatalf("terraform doesn't plan: %v", err)
	}
	second := remote.Commit(t, "main", map[string]string{"prod/main.tf": ""})
	if _, _, err := repo.Fetch(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := repo.Checkout(t.Context(), second); err == nil {
		t.Error("the files were changed under the check")
	}
	if _, err := resume.WriteString("\n"); err != nil {
		t.Fatal(err)
	}
	change := <-planned
	result := change.After.GetAttr("results").Index(cty.StringVal("prod"))
	if got := result.GetAttr("commit").AsString(); got != first {
		t.Errorf("the result is of the commit %s, want %s", got, first)
	}
	if !result.GetAttr("error").IsNull() {
		t.Errorf("the stack could not be checked: %s", result.GetAttr("error").AsString())
	}
	if _, err := repo.Checkout(t.Context(), second); err != nil {
		t.Errorf("the files can't be changed after the check: %v", err)
	}
}
