package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/plugin"
)

// TestAStateThatCannotBeWrittenIsKept: terraform leaves it in the directory of
// the stack, which the checkout of the next commit replaces. Until someone has
// put it where it belongs, another apply would do the same again.
func TestAStateThatCannotBeWrittenIsKept(t *testing.T) {
	t.Parallel()
	store, c := newStoredClinic(t, twoFiles)
	c.write("a", "by hand")
	c.write("b", "by hand")
	write(t, c.file("b.refuse"), "")
	store.full = true
	line, diags := c.check()
	kept, err := filepath.Glob(filepath.Join(filepath.Dir(c.recordFile()), "errored.default.*.tfstate"))
	if err != nil || len(kept) != 1 {
		t.Fatalf("kept %q, error %v: %s", kept, err, line)
	}
	if want := "; 1 of 2 changes made (fixture_file.a); terraform could not write its state to where it belongs, so that lacks what was done: it is in " +
		kept[0] + ". Put it there with terraform state push, and look at it before anything else is applied"; !strings.HasSuffix(line, want) || !diags.HasErrors() {
		t.Errorf("%s\nwant %s", line, want)
	}
	if info, err := os.Stat(kept[0]); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the state that was kept: %v, error %v", info, err)
	}
	if left, err := filepath.Glob(filepath.Join(c.root, "stack", "errored*")); len(left) > 0 || err != nil {
		t.Errorf("left in the stack: %q, error %v", left, err)
	}
	store.full = false
	c.now = c.now.Add(240 * time.Hour)
	if line, _ := c.check(); !strings.Contains(line, "is approved: the attempt at") {
		t.Errorf("a while later: %s", line)
	}
}

// TestAnApplyThatIsCutOffIsNotRepeated: what it has done may be missing from
// the state, and another would do it once more.
func TestAnApplyThatIsCutOffIsNotRepeated(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ name, script, want string }{
		{"it is killed", "kill -9 $$", "terraform was ended by a signal (killed), so its state may still be locked and may lack what was done last"},
		{"it panics", "exit 11", "terraform ended with status 11, so its state may still be locked and may lack what was done last"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			c := newClinic(t, oneFile, remediation(strategyApply))
			c.wrap(`if [ "$1" = apply ]; then ` + test.script + `; fi; exec terraform "$@"` + "\n")
			c.write("a", "by hand")
			if line, diags := c.check(); !strings.Contains(line, test.want) || !diags.HasErrors() {
				t.Errorf("%s, diagnostics %v", line, diags)
			}
			c.wrap(`exec terraform "$@"` + "\n")
			c.now = c.now.Add(240 * time.Hour)
			line, _ := c.check()
			if !strings.Contains(line, "is approved: the attempt at") || !strings.Contains(line, "was cut off, so the state may lack what it has done and may still be locked, and a person has to look") || c.read("a") != "by hand" {
				t.Errorf("a while later: %s", line)
			}
			c.approved = []string{plugin.ApproveAll}
			change, _ := plan(t, c.open())
			if line := rendered(finding(t, change, "stack"))[0]; !strings.HasPrefix(line, "drifted: 1 drifted; would be reverted: the attempt at") {
				t.Errorf("who is asked is told: %s", line)
			}
			c.approved = nil
			c.write("a", "as declared")
			c.expect("someone puts it right", "clean: as declared")
			c.write("a", "by hand")
			c.expect("it drifts again", "clean: as declared; reverted")
		})
	}
}

// TestAnApplyThatIsNotStartedIsNoAttempt has the command go away between the
// plan and the apply.
func TestAnApplyThatIsNotStartedIsNoAttempt(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, remediation(strategyApply))
	shows := filepath.Join(t.TempDir(), "shows")
	c.wrap(`if [ "$1" = show ]; then echo >>` + shows + `; if [ $(wc -l <` + shows + `) = 2 ]; then rm "$0"; fi; fi; exec terraform "$@"` + "\n")
	c.write("a", "by hand")
	line, diags := c.check()
	if !strings.HasPrefix(line, "drifted: 1 drifted; not reverted: ") || !strings.Contains(line, "not found") || diags.HasErrors() {
		t.Errorf("%s, diagnostics %v", line, diags)
	}
	if got := c.outcomes(); len(got) > 0 {
		t.Errorf("attempts %q", got)
	}
}
