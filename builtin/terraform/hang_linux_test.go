package terraform

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/zclconf/go-cty/cty"
)

// TestAProviderThatHangsIsKilled waits for nothing but the task itself: when
// Plan returns, no process of the run is left.
func TestAProviderThatHangsIsKilled(t *testing.T) {
	t.Parallel()
	lab := newLab(t)
	lab.stack(t, "stuck", `
resource "fixture_file" "a" {
  path    = "FILES/a"
  content = "as declared"
  hang    = "1h"
}
`)
	lab.apply(t, "stuck")
	lab.stack(t, "fine", twoFiles)
	task := lab.open(t, map[string]cty.Value{"stack_timeout": cty.StringVal("4s")})
	start := time.Now()
	change, diags := plan(t, task)
	if took := time.Since(start); took > 40*time.Second {
		t.Errorf("it took %s", took)
	}
	stuck := finding(t, change, "stuck")
	if stuck.Verdict != "error" || stuck.Summary != "Timeout" || !strings.Contains(diags[0].Detail, "stack_timeout of 4s") {
		t.Errorf("%s: %s, diagnostics %v", stuck.Verdict, stuck.Summary, diags)
	}
	if left := running(t, lab.cliConfig); len(left) > 0 {
		t.Errorf("still running: %v", left)
	}
}

// running returns the processes that were started with the CLI configuration
// of this test alone.
func running(t *testing.T, cliConfig string) (found []string) {
	t.Helper()
	files, err := filepath.Glob("/proc/[0-9]*/environ")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		// One that ends meanwhile, or is another user's, can't be read.
		if env, err := os.ReadFile(file); err == nil && strings.Contains(string(env), cliConfig) {
			found = append(found, filepath.Dir(file))
		}
	}
	return found
}
