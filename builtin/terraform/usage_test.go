package terraform

import (
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/zclconf/go-cty/cty"
)

// TestSmallStacksCollectLessGarbage looks at the environment of each check
// through a command that notes it and then is terraform.
func TestSmallStacksCollectLessGarbage(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		env  map[string]string
		rss  int64    // that the first check took, as far as the second knows
		want []string // of each check
	}{
		"a small stack":                     {rss: smallRSS / 2, want: []string{"", smallGOGC}},
		"a stack that has become large":     {rss: 2 * smallRSS, want: []string{"", ""}},
		"a stack with a setting of its own": {rss: smallRSS / 2, env: map[string]string{"GOGC": "50"}, want: []string{"50", "50"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			lab := newLab(t)
			terraform, err := exec.LookPath("terraform")
			if err != nil {
				t.Fatal(err)
			}
			lab.stack(t, "stack", "")
			noted := filepath.Join(t.TempDir(), "noted")
			binary := filepath.Join(t.TempDir(), "terraform")
			write(t, binary, "#!/bin/sh\n[ $1 != plan ] || echo \"$GOGC\" >>"+noted+"\nexec "+terraform+" \"$@\"\n")
			if err := os.Chmod(binary, 0o755); err != nil {
				t.Fatal(err)
			}
			task := lab.open(t, settings("binary", cty.StringVal(binary)))
			maps.Copy(task.cfg.Env, test.env)
			plan(t, task)
			// What the kernel says of it is at least what this process takes.
			r := &run{stack: stack{workspace: defaultWorkspace}, dirs: runDirs{keep: filepath.Join(task.dir, "stacks", stackID(filepath.Join(lab.root, "stack")))}}
			rec := r.loadRecord()
			if rec.MaxRSS == 0 || rec.Memory < rec.MaxRSS || rec.Took <= 0 {
				t.Errorf("of what the first check took %d and %d bytes and %s are kept", rec.MaxRSS, rec.Memory, rec.Took)
			}
			rec.MaxRSS = test.rss
			if err := r.saveRecord(t.Context(), rec); err != nil {
				t.Fatal(err)
			}
			plan(t, task)
			text, err := os.ReadFile(noted)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Split(strings.TrimSuffix(string(text), "\n"), "\n"); !slices.Equal(got, test.want) {
				t.Errorf("GOGC of the checks is %q, want %q", got, test.want)
			}
		})
	}
}
