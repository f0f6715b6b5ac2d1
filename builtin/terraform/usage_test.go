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
		grow bool     // whether the second check finds that the first took much memory
		want []string // of each check
	}{
		"a small stack":                     {want: []string{"", smallGOGC}},
		"a stack that has become large":     {grow: true, want: []string{"", ""}},
		"a stack with a setting of its own": {env: map[string]string{"GOGC": "50"}, want: []string{"50", "50"}},
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
			if test.grow {
				record := filepath.Join(task.dir, "stacks", stackID(filepath.Join(lab.root, "stack")), "record.default.json")
				replace(t, record, `"max_rss_bytes":`, `"max_rss_bytes":99`) // two digits more
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
