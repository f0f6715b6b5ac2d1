package exampleplugin_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/driftless-hq/driftless/internal/testutil/exampleplugin"
)

// Authors copy the example, so a copy of it that is elsewhere has to work.
func TestACopyOfTheExampleBuildsAndPassesItsTests(t *testing.T) {
	if _, err := exec.LookPath("go"); err != nil {
		t.Skip("there is no go to build it with")
	}
	root, err := filepath.Abs("../../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "copy")
	if err := os.CopyFS(dir, os.DirFS(filepath.Join(root, "plugin", "example"))); err != nil {
		t.Fatal(err)
	}
	t.Setenv("GOFLAGS", "-mod=readonly")
	for _, args := range [][]string{
		{"mod", "edit", "-replace=github.com/driftless-hq/driftless=" + root},
		{"vet", "."},
		{"test", "."},
		{"build", "-o", filepath.Join(dir, exampleplugin.Name), "."},
	} {
		if err := exampleplugin.Go(t.Context(), dir, args...); err != nil {
			t.Fatalf("%v\nWhere go.mod is out of date: cd plugin/example && go mod tidy", err)
		}
	}
}
