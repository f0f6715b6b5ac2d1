package terraform

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"
)

// TestHowMuchACommandDoesAtOnce has each call of the command note how much it
// may do at once, in a check and in a remedy.
func TestHowMuchACommandDoesAtOnce(t *testing.T) {
	t.Parallel()
	c := newClinic(t, oneFile, map[string]cty.Value{"strategy": cty.StringVal(strategyApply)})
	calls := filepath.Join(t.TempDir(), "calls")
	command := filepath.Join(t.TempDir(), "command")
	write(t, command, fmt.Sprintf("#!/bin/sh\nn=\nfor a; do case \"$a\" in -parallelism=*) n=\" $a\" ;; esac; done\necho \"$1$n\" >>%q\nexec %q \"$@\"\n", calls, c.binary))
	if err := os.Chmod(command, 0o755); err != nil {
		t.Fatal(err)
	}
	c.attrs["binary"] = cty.StringVal(command)
	for _, test := range []struct {
		operations cty.Value
		want       string
	}{
		{cty.NullVal(cty.Number), "init, plan, show, plan, show, apply, plan"},
		{cty.NumberIntVal(3), "plan -parallelism=3, show, plan -parallelism=3, show, apply -parallelism=3, plan -parallelism=3"},
	} {
		c.attrs["operations"] = test.operations
		c.now = c.now.Add(2 * time.Hour) // the cooldown is over
		c.write("a", "by hand")
		if line, diags := c.check(); line != "clean: as declared; reverted" {
			t.Fatalf("%s, diagnostics %v", line, diags)
		}
		if diff := cmp.Diff(test.want, strings.Join(strings.Split(strings.TrimSpace(read(t, calls)), "\n"), ", ")); diff != "" {
			t.Errorf("the calls (-want +got):\n%s", diff)
		}
		if err := os.Remove(calls); err != nil {
			t.Fatal(err)
		}
	}
}
