package e2e

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/driftless-hq/driftless/agent/api"
	"github.com/driftless-hq/driftless/internal/testutil/tfprovider"
)

// TestFastStacksAreSeenWhileASlowOneIsStillChecked has the provider of one stack
// hang.
func TestFastStacksAreSeenWhileASlowOneIsStillChecked(t *testing.T) {
	f := newDriftLab(t, "a", "b")
	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Fatal(err)
	}
	state := filepath.Join(f.dir, "slow.tfstate")
	slow := fmt.Sprintf("terraform {\n  backend \"local\" {\n    path = %q\n  }\n}\n%sresource \"fixture_file\" \"this\" {\n  path    = %q\n  content = \"x\"\n  hang    = \"1h\"\n}\n",
		state, tfprovider.Requirements, filepath.Join(f.dir, "slow.file"))
	apply(t, terraform, filepath.Join(f.dir, "stacks", "slow"), slow)
	f.by("by hand", "b")
	a := f.start()
	until(t, "the provider of the slow stack hangs", func() bool {
		_, err := os.Stat(filepath.Join(f.dir, "slow.file.hangs"))
		return err == nil
	})

	want := map[string]string{"a": "clean", "b": "drifted"}
	until(t, "the fast stacks are known", func() bool {
		known := make(map[string]string)
		for _, s := range f.stacks(a) {
			known[s.Name] = s.Verdict
		}
		return cmp.Equal(want, known)
	})
	for stack, state := range want {
		series := fmt.Sprintf(`driftless_terraform_stack_state{task="task.terraform.infra",stack=%q,workspace="default",state=%q}`, stack, state)
		if got := a.metric(series); got != "1" {
			t.Errorf("%s is %q", series, got)
		}
	}
	if progress := a.block("task.terraform.infra").Progress; progress == nil || *progress != (api.Progress{Done: 2, Total: 3}) {
		t.Errorf("the progress is %+v", progress)
	}
	until(t, "the drift is told", func() bool { return len(f.told()) == 1 })
	a.mustStop()

	write(t, state, strings.ReplaceAll(read(t, state), `"1h"`, "null"))
	a = f.start()
	until(t, "the slow stack is known", func() bool { return len(f.stacks(a)) == 3 })
	f.checked(a)
	if diff := cmp.Diff([]string{"drift new 1 b drifted", "drift new 1 slow pending"}, f.told()); diff != "" {
		t.Errorf("told (-want +got):\n%s", diff)
	}
}
