package config_test

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/driftless-hq/driftless/config"
)

func TestANamedPipeIsNotWaitedFor(t *testing.T) {
	dir := t.TempDir()
	if err := unix.Mkfifo(filepath.Join(dir, "x.hcl"), 0o600); err != nil {
		t.Fatal(err)
	}
	_, diags := config.Load(dir)
	_ = diagWith(t, diags, "Cannot read the configuration")
}
