package git

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/zclconf/go-cty/cty"

	"github.com/driftless-hq/driftless/internal/testutil/gitserver"
	"github.com/driftless-hq/driftless/plugin"
	"github.com/driftless-hq/driftless/plugin/event"
)

func TestMeasuresItsReads(t *testing.T) {
	t.Parallel()
	remote := gitserver.New(t)
	remote.Commit(t, "main", map[string]string{"a": "1"})
	server := remote.ServeHTTP(t, gitserver.HTTPOptions{})
	clock, dir := newClock(), t.TempDir()
	source := open(t, dir, clock, map[string]cty.Value{"url": cty.StringVal(server.URL)})
	poll := func() {
		t.Helper()
		clock.forward(time.Hour)
		read(t, source)
	}
	poll()
	poll()
	packs, err := filepath.Glob(filepath.Join(dir, "mirror", "objects", "pack", "*.pack"))
	if err != nil || len(packs) != 1 {
		t.Fatalf("the mirror has the packs %v, error %v", packs, err)
	}
	if err := errors.Join(os.Chmod(packs[0], 0o600), os.Truncate(packs[0], 20)); err != nil {
		t.Fatal(err)
	}
	poll()
	server.Close()
	poll()
	var b event.Builder
	if err := source.(plugin.Measurer).Measure(t.Context(), &b); err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	batch := b.Batch()
	for i := range batch.Len() {
		family, value := batch.Metric(i)
		name := family.Name
		if batch.NumFields(i) > 0 {
			_, result := batch.FieldAt(i, 0)
			name += " " + string(result.Text())
		}
		got[name] = value
	}
	if got["driftless_git_repo_bytes"] < 100 {
		t.Errorf("the mirror has %v bytes", got["driftless_git_repo_bytes"])
	}
	delete(got, "driftless_git_repo_bytes")
	want := map[string]float64{
		"driftless_git_fetch_total noop": 1, "driftless_git_fetch_total updated": 1, "driftless_git_fetch_total recloned": 1, "driftless_git_fetch_total error": 1,
		"driftless_git_fetch_duration_seconds_total":   0,
		"driftless_git_head_timestamp_seconds":         float64(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC).Unix()),
		"driftless_git_last_success_timestamp_seconds": float64(clock.Now().Add(-time.Hour).Unix()),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("metrics (-want +got):\n%s", diff)
	}
}
