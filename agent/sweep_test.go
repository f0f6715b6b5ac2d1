package agent

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/driftless-hq/driftless/internal/plan"
	"github.com/driftless-hq/driftless/plugin"
)

func TestCachesOfBlocksThatAreGoneAreRemovedAfterAMonth(t *testing.T) {
	dir := t.TempDir()
	data := filepath.Join(dir, "data")
	made := func(address, below string, days int) (cache string) {
		t.Helper()
		cache = filepath.Join(plan.InstanceDir(data, address), below)
		if err := plugin.MarkCache(cache); err != nil {
			t.Fatal(err)
		}
		last := time.Now().Add(-time.Duration(days) * 24 * time.Hour)
		if err := os.Chtimes(filepath.Join(cache, plugin.CacheTag), last, last); err != nil {
			t.Fatal(err)
		}
		if err := os.MkdirAll(filepath.Join(cache, "objects", "aa"), 0o700); err != nil {
			t.Fatal(err)
		}
		return cache
	}
	gone := []string{made("source.git.gone", "", 31), made(`task.terraform.gone["a"]`, "plugins", 31)}
	kept := []string{
		made("source.git.lately", "", 29),
		made("task.lab.a", "", 90),                                     // which is declared
		filepath.Join(plan.InstanceDir(data, "task.file.f"), "backup"), // which is no cache
		filepath.Join(plan.InstanceDir(data, `task.terraform.gone["a"]`), "stacks"),
	}
	for _, path := range kept {
		if err := os.MkdirAll(path, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	exists := func(path string) bool { _, err := os.Stat(path); return err == nil }

	r := startAgentIn(t, dir, newLab(), settings+`task "lab" "a" {}`)
	r.until("the caches are removed", func() bool { return !exists(gone[0]) && !exists(gone[1]) })
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	for _, path := range kept {
		if !exists(path) {
			t.Errorf("%s was removed", path)
		}
	}

	// What was declared until now has a month from now on.
	r = startAgentIn(t, dir, newLab(), settings)
	if err := r.stop(); err != nil {
		t.Fatal(err)
	}
	if !exists(kept[1]) {
		t.Error("the cache of a block that was declared a moment ago was removed")
	}
}
