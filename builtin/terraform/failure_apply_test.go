package terraform

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/zclconf/go-cty/cty"
)

// TestAnApplyUnderWayIsNoDrift is 31: someone applies code that is not in the
// checkout yet, and is half done when the stack is checked.
func TestAnApplyUnderWayIsNoDrift(t *testing.T) {
	t.Parallel()
	withEach(t, func(t *testing.T, lab *lab) {
		lab.stack(t, "stack", oneFile)
		lab.apply(t, "stack")
		lab.stack(t, "stack", oneFile) // with the state of the one that is applied
		elsewhere := *lab
		elsewhere.root = filepath.Join(filepath.Dir(lab.root), "elsewhere")
		elsewhere.stack(t, "stack", `
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "anew"
  mode    = "0640"
}
resource "terraform_data" "slow" {
  depends_on = [fixture_file.a]
  provisioner "local-exec" {
    command = "until [ -e FILES/go ]; do sleep 0.05; done"
  }
}
`)
		finish := elsewhere.beginApply(t, "stack")
		awaitContent(t, lab.file("a"), "anew")
		task := lab.open(t, map[string]cty.Value{"confirm_after": cty.StringVal("1ms")})
		task.log = onInfo{hclog.NewNullLogger(), finish}
		change, _ := plan(t, task)
		finish()
		if got := finding(t, change, "stack").Verdict; got != "pending" {
			t.Errorf("the stack is %s", got)
		}
	})
}

// beginApply begins to apply a stack, and returns what lets the apply come to
// its end, and waits for that.
func (l *lab) beginApply(t *testing.T, name string) (finish func()) {
	t.Helper()
	data := filepath.Join(t.TempDir(), "data")
	l.call(t, name, data, "init", "-input=false")
	cmd := l.command(name, data, "apply", "-input=false", "-auto-approve")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	done := false
	finish = func() {
		if done {
			return
		}
		done = true
		write(t, l.file("go"), "")
		if err := <-ended; err != nil {
			t.Errorf("the apply: %v", err)
		}
	}
	t.Cleanup(finish)
	return finish
}

// awaitContent waits until a file has a content, of which nothing tells.
func awaitContent(t *testing.T, file, content string) {
	t.Helper()
	retry := time.NewTicker(10 * time.Millisecond)
	defer retry.Stop()
	for deadline := time.Now().Add(time.Minute); ; <-retry.C {
		if got, err := os.ReadFile(file); err == nil && string(got) == content {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s never holds %q", file, content)
		}
	}
}
